// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_turns GUEST COUNT: two machines and their host, each with XMM registers and a PKRU
 * of its own, take turns COUNT times: nobody finds another's, neither at the start nor
 * later.
 */
#include "canary.h"
#include "modes.h"

#define FOUND		0x2800	/* as in tests/guests/turns.S */
#define PATTERN		0x2a00
#define SEEN		0x2c00
#define HAS_PKRU	0x2e00
#define CR4_OSFXSR	(1 << 9)
#define CR4_PKE		(1 << 22)

struct state {
	uint64_t xmm[CANARY_WORDS];
	uint32_t pkru;
};

static bool has_pkru;

static struct state pattern_of(int who)
{
	struct state s = { .pkru = has_pkru ? 0x11111110u * (who + 1) : 0 };

	for (int i = 0; i < CANARY_WORDS; i++)
		s.xmm[i] = 0x0123456789abcdefull * (i + 3 + 100 * who);
	return s;
}

static struct kvm_machine new_guest(const uint8_t *code, size_t size, const struct state *pattern)
{
	struct kvm_machine m = kvm_machine(code, size);
	struct kvm_sregs sregs;

	memcpy(m.memory + PATTERN, pattern, sizeof(*pattern));
	memset(m.memory + FOUND, 0xee, sizeof(pattern->xmm));
	m.memory[HAS_PKRU] = has_pkru;
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &sregs));
	start(&m, &sregs, LONG, IDT_BYTES - 1);
	kvm_give_cpuid(&m);
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &sregs));
	sregs.cr4 |= CR4_OSFXSR | (has_pkru ? CR4_PKE : 0);
	must(ioctl(m.vcpu.fd, KVM_SET_SREGS, &sregs));
	return m;
}

static void check_state(const char *whose, const uint8_t *at, const struct state *want)
{
	struct state got = { .pkru = 0 };

	memcpy(&got, at, sizeof(got.xmm) + sizeof(got.pkru));
	if (memcmp(got.xmm, want->xmm, sizeof(got.xmm)))
		die("the vector registers of %s are another's", whose);
	equal(got.pkru, want->pkru);
}

static void turn(const struct kvm_machine *m, const struct state *own, const struct state *host)
{
	memset(m->memory + SEEN, 0xee, sizeof(own->xmm));
	if (has_pkru)
		write_pkru(host->pkru);
	run_with_canary(&m->vcpu, host->xmm);
	if (has_pkru) {
		equal(read_pkru(), host->pkru);
		write_pkru(0);
	}
	exit_if_emulator_fault(&m->vcpu);
	equal(m->vcpu.run->exit_reason, KVM_EXIT_IO);
	check_state("a guest", m->memory + SEEN, own);
}

int main(int argc, char **argv)
{
	static const struct state reset;
	static uint8_t code[4096];
	struct kvm_machine machines[2];
	struct state patterns[3];
	size_t size;
	int count;

	if (argc != 3)
		die("usage: kvm_turns GUEST COUNT");
	count = atoi(argv[2]);
	size = kvm_read_guest(argv[1], code, sizeof(code));
	has_pkru = host_has_pkru();
	for (int i = 0; i < 3; i++)
		patterns[i] = pattern_of(i);
	for (int i = 0; i < 2; i++)
		machines[i] = new_guest(code, size, &patterns[i]);
	for (int i = 0; i < count; i++) {
		turn(&machines[i % 2], &patterns[i % 2], &patterns[2]);
		if (i < 2)
			check_state("a new guest", machines[i].memory + FOUND, &reset);
	}
	for (int i = 0; i < 2; i++)
		kvm_close(&machines[i]);
	printf("ok: %d turns,%s XMM\n", count, has_pkru ? " PKRU," : "");
	return 0;
}
