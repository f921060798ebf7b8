// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_ioeventfd COUNT [ours]: writes of a guest that signal an eventfd in place of an
 * exit, what is refused, and COUNT writes while the event comes and goes: each is either
 * an exit or told. All of it is so on in-tree KVM too, save how many there may be.
 * (tests/vm/kvm/mmio.sh)
 */
#include <limits.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include "kvm.h"

#define PORT		0x20
#define END_PORT	0x10
#define DEVICE_AT	0x9000		/* the slot ends there */

static struct kvm_machine m;
static int event, other;

static int change(uint32_t flags, uint64_t address, uint32_t length, uint64_t value, int fd)
{
	struct kvm_ioeventfd args = {
		.datamatch = value, .addr = address, .len = length, .fd = fd, .flags = flags,
	};

	return ioctl(m.vm, KVM_IOEVENTFD, &args);
}

#define refused(call, error) do { \
	equal(call, -1); \
	equal(errno, error); \
} while (0)

/* How often it was signalled since the last time. */
static uint64_t told(int fd)
{
	uint64_t count = 0;

	if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		die("read");
	return count;
}

static void start(const uint8_t *code, size_t size)
{
	memcpy(m.memory + CODE_AT, code, size);
	kvm_start_at(&m.vcpu, CODE_AT);
}

#define START(...) do { \
	static const uint8_t code_[] = { __VA_ARGS__ }; \
	start(code_, sizeof(code_)); \
} while (0)

/* The next exit is an OUT to that port. */
static void exits_at(uint16_t port)
{
	kvm_next_out(&m.vcpu);
	equal(m.vcpu.run->io.port, port);
}

static void stores(uint8_t length)
{
	kvm_run_once(&m.vcpu);
	equal(m.vcpu.run->exit_reason, KVM_EXIT_MMIO);
	equal(m.vcpu.run->mmio.phys_addr, DEVICE_AT);
	equal(m.vcpu.run->mmio.len, length);
}

#define OUT_BYTE(value)	0xb0, value, 0xe6, PORT		/* mov $value, %al; out %al */
#define OUT_WORD	0xe7, PORT
#define STORE_BYTE	0xa2, 0x00, 0x90		/* mov %al, DEVICE_AT */
#define STORE_WORD	0xa3, 0x00, 0x90
#define END		0xe6, END_PORT

static void ports(void)
{
	const uint32_t pio = KVM_IOEVENTFD_FLAG_PIO;
	const uint32_t match = pio | KVM_IOEVENTFD_FLAG_DATAMATCH;

	must(change(pio, PORT, 1, 0, event));
	START(OUT_BYTE(5), OUT_BYTE(6), OUT_WORD, END);
	exits_at(PORT);			/* of two bytes */
	equal(m.vcpu.run->io.size, 2);
	equal(told(event), 2);
	exits_at(END_PORT);
	must(change(pio | KVM_IOEVENTFD_FLAG_DEASSIGN, PORT, 1, 0, event));

	must(change(match, PORT, 1, 5, event));
	must(change(match, PORT, 1, 6, other));
	must(change(match, PORT, 1, 0x107, other));	/* of no byte */
	START(OUT_BYTE(6), OUT_BYTE(5), OUT_BYTE(7), END);
	exits_at(PORT);
	equal(kvm_out_value(&m.vcpu), 7);
	equal(told(event), 1);
	equal(told(other), 1);
	must(change(match | KVM_IOEVENTFD_FLAG_DEASSIGN, PORT, 1, 5, event));
	must(change(match | KVM_IOEVENTFD_FLAG_DEASSIGN, PORT, 1, 6, other));
	must(change(match | KVM_IOEVENTFD_FLAG_DEASSIGN, PORT, 1, 0x107, other));
	START(OUT_BYTE(5), END);
	exits_at(PORT);
	equal(told(event), 0);
}

static void memory(void)
{
	must(change(0, DEVICE_AT, 0, 0, event));
	START(STORE_BYTE, STORE_WORD, END);
	exits_at(END_PORT);
	equal(told(event), 2);
	must(change(KVM_IOEVENTFD_FLAG_DEASSIGN, DEVICE_AT, 0, 0, event));

	must(change(0, DEVICE_AT, 2, 0, event));
	START(STORE_WORD, STORE_BYTE, STORE_WORD, END);
	stores(1);
	equal(told(event), 1);
	exits_at(END_PORT);
	equal(told(event), 1);
	/* A port is no memory; where memory comes, there are no devices. */
	must(kvm_slot(&m, 1, DEVICE_AT, 0x1000, m.memory + DEVICE_AT));
	START(STORE_WORD, END);
	exits_at(END_PORT);
	equal(told(event), 0);
	must(kvm_slot(&m, 1, 0, 0, m.memory));
	must(change(KVM_IOEVENTFD_FLAG_DEASSIGN, DEVICE_AT, 2, 0, event));
}

static void refusals(void)
{
	const uint32_t match = KVM_IOEVENTFD_FLAG_DATAMATCH;
	const uint32_t away = KVM_IOEVENTFD_FLAG_DEASSIGN;

	refused(change(0, DEVICE_AT, 3, 0, event), EINVAL);
	refused(change(0, DEVICE_AT, 16, 0, event), EINVAL);
	refused(change(match, DEVICE_AT, 0, 0, event), EINVAL);
	refused(change(1u << 30, DEVICE_AT, 4, 0, event), EINVAL);
	refused(change(0, ~0ull - 2, 4, 0, event), EINVAL);
	refused(change(0, DEVICE_AT, 4, 0, -1), EBADF);
	refused(change(0, DEVICE_AT, 4, 0, m.vm), EINVAL);
	refused(change(away, DEVICE_AT, 4, 0, event), ENOENT);
	refused(ioctl(m.vm, KVM_IOEVENTFD, NULL), EFAULT);

	must(change(match, DEVICE_AT, 4, 1, event));
	refused(change(match, DEVICE_AT, 4, 1, event), EEXIST);
	refused(change(match, DEVICE_AT, 4, 1, other), EEXIST);
	refused(change(0, DEVICE_AT, 4, 0, event), EEXIST);
	refused(change(0, DEVICE_AT, 0, 0, event), EEXIST);
	must(change(match, DEVICE_AT, 4, 2, event));
	must(change(0, DEVICE_AT, 2, 0, event));
	must(change(KVM_IOEVENTFD_FLAG_PIO, DEVICE_AT, 4, 0, event));
	refused(change(away | match, DEVICE_AT, 4, 1, other), ENOENT);
	refused(change(away | match, DEVICE_AT, 4, 3, event), ENOENT);
	refused(change(away, DEVICE_AT, 4, 0, event), ENOENT);
	must(change(away | match, DEVICE_AT, 4, 1, event));
	refused(change(away | match, DEVICE_AT, 4, 1, event), ENOENT);
	/* The others go with the machine; their eventfd is held until then. */
}

#define LEFT	3		/* by refusals() */

static void too_many(void)
{
	int count = 0;

	while (!change(KVM_IOEVENTFD_FLAG_PIO, count, 1, 0, event))
		count++;
	equal(errno, ENOSPC);
	equal(count, DEVKVM_IOEVENTFDS_MAX - LEFT);
	must(change(KVM_IOEVENTFD_FLAG_PIO | KVM_IOEVENTFD_FLAG_DEASSIGN, 0, 1, 0, event));
	must(change(KVM_IOEVENTFD_FLAG_PIO, 0, 1, 0, event));
}

static volatile bool done;
static unsigned int changes;

static void *come_and_go(void *unused)
{
	(void)unused;
	while (!done) {
		must(change(KVM_IOEVENTFD_FLAG_PIO, PORT, 2, 0, event));
		must(change(KVM_IOEVENTFD_FLAG_PIO | KVM_IOEVENTFD_FLAG_DEASSIGN, PORT, 2, 0,
			    event));
		changes++;
	}
	return NULL;
}

/* 1: inc %ax; out %ax, $PORT; cmp $COUNT, %ax; jne 1b; out %al, $END_PORT */
static void race(uint16_t count)
{
	const uint8_t code[] = {
		0x40, 0xe7, PORT, 0x3d, count & 0xff, count >> 8, 0x75, 0xf8, END,
	};
	uint64_t seen = 0, signals;
	pthread_t thread;

	start(code, sizeof(code));
	if (pthread_create(&thread, NULL, come_and_go, NULL))
		die("thread");
	for (;;) {
		kvm_next_out(&m.vcpu);
		if (m.vcpu.run->io.port == END_PORT)
			break;
		seen++;
	}
	done = true;
	pthread_join(thread, NULL);
	signals = told(event);
	equal(seen + signals, count);
	printf("ok: %u writes, %llu of them told, %u changes\n", count,
	       (unsigned long long)signals, changes);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1000;

	if (count > USHRT_MAX)
		die("more than the guest can count");
	event = must(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	other = must(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	m = kvm_machine("", 0);
	must(kvm_slot(&m, 0, 0, 0, m.memory));
	must(kvm_slot(&m, 0, 0, DEVICE_AT, m.memory));
	ports();
	memory();
	race(count);
	refusals();
	if (argc > 2)
		too_many();
	close(event);
	kvm_close(&m);
	return 0;
}
