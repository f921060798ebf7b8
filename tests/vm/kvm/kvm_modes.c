// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_modes GUEST [tcg]: runs a guest and prints its transcript, how it ended,
 * and the mode that the registers show. tcg: without what cannot be compared on
 * QEMU's TCG: a write of CR4.PGE under PAE, which in-tree kvm-amd answers with
 * #GP, and a breakpoint, which TCG arms only at the guest's own MOV to DR7,
 * which ours intercepts.
 */
#include "transcript.h"

#define ON_TCG	0x2ff0
#define LINES_MAX	1000

int main(int argc, char **argv)
{
	static uint8_t code[0x4000];
	struct kvm_machine m;
	struct kvm_sregs sregs;
	size_t size;

	if (argc < 2)
		die("usage: kvm_modes GUEST [tcg]");
	size = kvm_read_guest(argv[1], code, sizeof(code));
	m = kvm_machine(code, size);
	kvm_give_cpuid(&m);
	m.memory[ON_TCG] = argc > 2;
	run_transcript(&m.vcpu, LINES_MAX, NULL);
	must(ioctl(m.vcpu.fd, KVM_GET_SREGS, &sregs));
	printf("end %u cr0 %llx cr4 %llx efer %llx cs %x\n",
	       m.vcpu.run->exit_reason, (unsigned long long)sregs.cr0,
	       (unsigned long long)sregs.cr4, (unsigned long long)sregs.efer,
	       sregs.cs.selector);
	kvm_close(&m);
	return 0;
}
