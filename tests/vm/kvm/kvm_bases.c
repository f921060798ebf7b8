// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_bases: after a run of its vCPU a thread finds by FS and GS what it found before, where
 * each has a selector of the LDT that brings its base. (On a processor without FSGSBASE, or
 * with nofsgsbase, the kernel keeps no base for such a one.)
 */
#include <asm/ldt.h>
#include <sys/syscall.h>

#include "kvm.h"

#define SELECTOR(entry)	((entry) << 3 | 7)
#define ROUNDS		20

static const uint8_t code[] = {
	0xe6, 0x10,		/* out %al, $0x10 */
	0xeb, 0xfc,		/* jmp CODE_AT */
};

/* Where the two segments are: below 4 GiB, which is all that a descriptor can say. */
struct low {
	uint32_t by_fs, by_gs;
};

static void make_ldt(const struct low *low)
{
	const uint32_t *at[] = { &low->by_fs, &low->by_gs };

	for (int i = 0; i < 2; i++) {
		struct user_desc entry = {
			.entry_number = i, .base_addr = (uintptr_t)at[i], .limit = 0xfff,
			.seg_32bit = 1, .useable = 1,
		};

		must(syscall(SYS_modify_ldt, 1, &entry, sizeof(entry)));
	}
}

/*
 * KVM_RUN with both selectors loaded, which nothing of the C library's may see; its FS base
 * comes back by the system call that sets it.
 */
static long run_in_segments(int vcpu, uint32_t *by_fs, uint32_t *by_gs)
{
	enum { SET_FS = 0x1002, GET_FS = 0x1003 };	/* of arch_prctl() */
	long ret = SYS_ioctl, fd = vcpu, cmd = KVM_RUN, arg = 0;
	uint64_t fs_base;

	must(syscall(SYS_arch_prctl, GET_FS, &fs_base));
	asm volatile("mov %[fs], %%fs\n\t"
		     "mov %[gs], %%gs\n\t"
		     "syscall\n\t"
		     "mov %%rax, %%r8\n\t"
		     "mov %%fs:0, %%r9d\n\t"
		     "mov %%gs:0, %%r10d\n\t"
		     "xor %%edx, %%edx\n\t"
		     "mov %%edx, %%gs\n\t"
		     "mov %[prctl], %%eax\n\t"
		     "mov %[set], %%edi\n\t"
		     "mov %[base], %%rsi\n\t"
		     "syscall\n\t"
		     "mov %%r8, %%rax\n\t"
		     "mov %%r9d, (%[by_fs])\n\t"
		     "mov %%r10d, (%[by_gs])"
		     : "+a" (ret), "+D" (fd), "+S" (cmd), "+d" (arg)
		     : [fs] "r" (SELECTOR(0)), [gs] "r" (SELECTOR(1)),
		       [prctl] "i" (SYS_arch_prctl), [set] "i" (SET_FS), [base] "b" (fs_base),
		       [by_fs] "r" (by_fs), [by_gs] "r" (by_gs)
		     : "rcx", "r8", "r9", "r10", "r11", "memory");
	return ret;
}

int main(void)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));
	struct low *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	uint32_t by_fs, by_gs;

	if (low == MAP_FAILED)
		die("mmap");
	*low = (struct low) { 0xf5f5f5f5, 0x65656565 };
	make_ldt(low);
	for (int i = 0; i < ROUNDS; i++) {
		equal(run_in_segments(m.vcpu.fd, &by_fs, &by_gs), 0);
		equal(m.vcpu.run->exit_reason, KVM_EXIT_IO);
		equal(by_fs, low->by_fs);
		equal(by_gs, low->by_gs);
	}
	kvm_close(&m);
	printf("ok: the bases of %d runs\n", ROUNDS);
	return 0;
}
