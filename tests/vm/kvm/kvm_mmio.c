// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_mmio GUEST: runs a guest with a device in the hole from 640 KiB to 1 MiB
 * and prints all that the guest does to it, to the string ports, and what it
 * says on port 0x10. The device is memory with a pattern; INS gets numbers.
 * Values of string ports are shown one by one: how many come with one exit is
 * not for the guest to see.
 */
#include "transcript.h"

#define HOLE		0xa0000u
#define HOLE_END	0x100000u
#define LINES_MAX	2000

static uint8_t device[HOLE_END - HOLE];
static uint32_t next_in = 0x01020304;

static void show_bytes(const uint8_t *bytes, int count)
{
	int i;

	for (i = 0; i < count; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

static void mmio(struct kvm_run *run)
{
	uint64_t at = run->mmio.phys_addr;

	printf("%s %u at %llx: ", run->mmio.is_write ? "write" : "read", run->mmio.len,
	       (unsigned long long)at);
	if (run->mmio.len > 8 || !run->mmio.len)
		die("%u bytes", run->mmio.len);
	/* Beyond the hole there is nothing. */
	if (at < HOLE || at + run->mmio.len > HOLE_END) {
		if (!run->mmio.is_write)
			memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
	} else if (run->mmio.is_write) {
		memcpy(device + (at - HOLE), run->mmio.data, run->mmio.len);
	} else {
		memcpy(run->mmio.data, device + (at - HOLE), run->mmio.len);
	}
	show_bytes(run->mmio.data, run->mmio.len);
}

static void io(struct kvm_run *run)
{
	uint8_t *data = (uint8_t *)run + run->io.data_offset;
	uint32_t i;

	for (i = 0; i < run->io.count; i++, data += run->io.size) {
		printf("%s %u: ", run->io.direction == KVM_EXIT_IO_OUT ? "out" : "in",
		       run->io.size);
		if (run->io.direction == KVM_EXIT_IO_IN) {
			memcpy(data, &next_in, run->io.size);
			next_in += 0x10101010;
		}
		show_bytes(data, run->io.size);
	}
}

static bool use_device(struct kvm_run *run)
{
	if (run->exit_reason == KVM_EXIT_MMIO)
		mmio(run);
	else if (run->exit_reason == KVM_EXIT_IO)
		io(run);
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	static uint8_t code[0x4000];
	struct kvm_machine m;
	unsigned int i;
	size_t size;

	if (argc != 2)
		die("usage: kvm_mmio GUEST");
	size = kvm_read_guest(argv[1], code, sizeof(code));
	m = kvm_machine(code, size);
	must(kvm_slot(&m, 0, 0, 0, NULL));
	must(kvm_slot(&m, 0, 0, HOLE, m.memory));
	must(kvm_slot(&m, 1, HOLE_END, GUEST_BYTES - HOLE_END, m.memory + HOLE_END));
	kvm_give_cpuid(&m);
	for (i = 0; i < sizeof(device); i++)
		device[i] = i * 7 + 3 + (i >> 8);
	run_transcript(&m.vcpu, LINES_MAX, use_device);
	printf("end %u\n", m.vcpu.run->exit_reason);
	if (m.vcpu.run->exit_reason == KVM_EXIT_INTERNAL_ERROR) {
		struct kvm_regs regs;

		must(ioctl(m.vcpu.fd, KVM_GET_REGS, &regs));
		printf("suberror %u at rip %llx\n", m.vcpu.run->internal.suberror,
		       (unsigned long long)regs.rip);
	}
	kvm_close(&m);
	return 0;
}
