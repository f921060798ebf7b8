// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_xsave GUEST COUNT: two guests and their host, each with a pattern of its own
 * in a vector register and an XCR0 of its own, take turns COUNT times: nobody
 * finds another's, neither at the start nor later.
 */
#include <sys/syscall.h>

#include "modes.h"

#define XCR0		0x2ff0
#define FOUND		0x2e00
#define PATTERN		0x2e40
#define SEEN		0x2e80
#define YMM_BYTES	32
#define X87_SSE_AVX	7u

struct guest {
	struct kvm_machine m;
	uint8_t pattern[YMM_BYTES];
};

/* KVM_RUN with a pattern in the host's own register, and XCR0 as it was. */
static void run(const struct guest *g, const uint8_t canary[YMM_BYTES], uint32_t host_xcr0)
{
	uint8_t after[YMM_BYTES];
	uint32_t xcr0, high;
	long ret = SYS_ioctl;

	asm volatile("vmovdqu %[in], %%ymm5\n"
		     "syscall\n"
		     "vmovdqu %%ymm5, %[out]\n"
		     "vzeroupper\n"
		     : "+a" (ret), [out] "=m" (after)
		     : "D" ((long)g->m.vcpu.fd), "S" ((long)KVM_RUN), "d" (0L),
		       [in] "m" (*(const uint8_t (*)[YMM_BYTES])canary)
		     : "rcx", "r11", "memory", "xmm5");
	equal(ret, 0);
	asm volatile("xgetbv" : "=a" (xcr0), "=d" (high) : "c" (0));
	equal(xcr0, host_xcr0);
	if (memcmp(after, canary, YMM_BYTES))
		die("the host's register has changed");
	equal(g->m.vcpu.run->exit_reason, KVM_EXIT_IO);
}

static struct guest new_guest(const uint8_t *code, size_t size, uint8_t byte)
{
	struct guest g = { .m = kvm_machine(code, size) };
	struct kvm_sregs reset;

	memset(g.pattern, byte, sizeof(g.pattern));
	memcpy(g.m.memory + PATTERN, g.pattern, sizeof(g.pattern));
	memset(g.m.memory + FOUND, 0xee, YMM_BYTES);
	*(uint32_t *)(g.m.memory + XCR0) = X87_SSE_AVX;
	must(ioctl(g.m.vcpu.fd, KVM_GET_SREGS, &reset));
	start(&g.m, &reset, LONG, IDT_BYTES - 1);
	return g;
}

int main(int argc, char **argv)
{
	static const uint8_t zero[YMM_BYTES];
	static uint8_t code[4096];
	uint8_t canary[YMM_BYTES];
	struct guest guests[2];
	uint32_t host_xcr0, high;
	size_t size;
	int count;

	if (argc != 3)
		die("usage: kvm_xsave GUEST COUNT");
	count = atoi(argv[2]);
	size = kvm_read_guest(argv[1], code, sizeof(code));
	memset(canary, 0xc3, sizeof(canary));
	asm volatile("xgetbv" : "=a" (host_xcr0), "=d" (high) : "c" (0));
	for (int i = 0; i < 2; i++) {
		guests[i] = new_guest(code, size, 0x11 * (i + 1));
		run(&guests[i], canary, host_xcr0);
		equal(kvm_out_value(&guests[i].m.vcpu), 1);	/* XCR0 after RESET */
	}
	for (int i = 0; i < count; i++) {
		const struct guest *g = &guests[i % 2];

		run(g, canary, host_xcr0);
		equal(kvm_out_value(&g->m.vcpu), X87_SSE_AVX);
		if (memcmp(g->m.memory + FOUND, zero, YMM_BYTES))
			die("a new guest has found what is not its own");
		if (memcmp(g->m.memory + SEEN, g->pattern, YMM_BYTES))
			die("a guest's register has changed");
	}
	kvm_close(&guests[0].m);
	kvm_close(&guests[1].m);
	printf("ok: %d turns\n", count);
	return 0;
}
