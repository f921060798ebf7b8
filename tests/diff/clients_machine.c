// SPDX-License-Identifier: GPL-2.0
/* What belongs to the whole machine, beside its memory. */
#include <sys/eventfd.h>
#include <unistd.h>

#include "client.h"

/* Each flag; then what was got is set as it is. */
static void machine_clock(struct machine *m)
{
	struct kvm_clock_data data;

	for (int bit = 0; bit < 32; bit++) {
		record_step("flag %d", bit);
		data = (struct kvm_clock_data) { .clock = 1000000000, .flags = 1u << bit };
		call(m->vm, KVM_SET_CLOCK, &data);
	}
	record_step("back");
	memset(&data, 0xa5, sizeof(data));
	call(m->vm, KVM_GET_CLOCK, &data);
	call(m->vm, KVM_SET_CLOCK, &data);
	data.flags = 0xe;
	call(m->vm, KVM_SET_CLOCK, &data);
}

static void refused_caps(struct machine *m)
{
	static const struct kvm_enable_cap caps[] = {
		{ .cap = 0 }, { .cap = 1 }, { .cap = KVM_CAP_READONLY_MEM }, { .cap = 9999 },
		{ .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .flags = 1, .args = { 1 } },
		{ .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args = { 2 } },
		{ .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args = { 4 } },
		{ .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args = { 1ull << 32 } },
		{ .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args = { 1, 9 } },
		{ .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 },
	};

	for (size_t i = 0; i < COUNT_OF(caps); i++) {
		record_step("cap %zu", i);
		call(m->vm, KVM_ENABLE_CAP, &caps[i]);
	}
}

/* ---- writes that signal an eventfd ---- */

#define PORT_OUT	0x10	/* where guest_out writes first, one byte: 0x78 */

static void assign(struct machine *m, struct kvm_ioeventfd event)
{
	call(m->vm, KVM_IOEVENTFD, &event);
}

static void eventfd_refused(struct machine *m)
{
	const int fd = eventfd(0, EFD_NONBLOCK);
	const struct {
		const char *what;
		struct kvm_ioeventfd event;
	} cases[] = {
		{ "no descriptor", { .addr = DEVICE_AT, .len = 4, .fd = -1 } },
		{ "no eventfd", { .addr = DEVICE_AT, .len = 4, .fd = m->vm } },
		{ "length 3", { .addr = DEVICE_AT, .len = 3, .fd = fd } },
		{ "length 16", { .addr = DEVICE_AT, .len = 16, .fd = fd } },
		{ "wraps", { .addr = -2ull, .len = 4, .fd = fd } },
		{ "unknown flag", { .addr = DEVICE_AT, .len = 4, .fd = fd, .flags = 1u << 31 } },
		{ "value without length", { .addr = DEVICE_AT, .fd = fd,
					    .flags = KVM_IOEVENTFD_FLAG_DATAMATCH } },
		{ "none to take away", { .addr = DEVICE_AT, .len = 4, .fd = fd,
					 .flags = KVM_IOEVENTFD_FLAG_DEASSIGN } },
		{ "one", { .addr = DEVICE_AT, .len = 4, .fd = fd } },
		{ "again", { .addr = DEVICE_AT, .len = 4, .fd = fd } },
		{ "a value of it", { .addr = DEVICE_AT, .len = 4, .fd = fd, .datamatch = 1,
				     .flags = KVM_IOEVENTFD_FLAG_DATAMATCH } },
		{ "other length", { .addr = DEVICE_AT, .len = 2, .fd = fd } },
		{ "any length", { .addr = DEVICE_AT, .fd = fd } },
		{ "elsewhere", { .addr = DEVICE_AT + 8, .len = 4, .fd = fd } },
		{ "a port", { .addr = DEVICE_AT, .len = 4, .fd = fd,
			      .flags = KVM_IOEVENTFD_FLAG_PIO } },
		{ "takes away another length", { .addr = DEVICE_AT + 8, .len = 2, .fd = fd,
						 .flags = KVM_IOEVENTFD_FLAG_DEASSIGN } },
		{ "takes away", { .addr = DEVICE_AT + 8, .len = 4, .fd = fd,
				  .flags = KVM_IOEVENTFD_FLAG_DEASSIGN } },
		{ "takes away again", { .addr = DEVICE_AT + 8, .len = 4, .fd = fd,
					.flags = KVM_IOEVENTFD_FLAG_DEASSIGN } },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		record_step("%s", cases[i].what);
		assign(m, cases[i].event);
	}
}

/* The first OUT of the guest, which is of one byte, is an event or an exit. */
static void eventfd_port(struct machine *m)
{
	const int fd = eventfd(0, EFD_NONBLOCK);
	const struct {
		const char *what;
		struct kvm_ioeventfd event;
	} cases[] = {
		{ "any", { .addr = PORT_OUT, .fd = fd } },
		{ "length", { .addr = PORT_OUT, .len = 1, .fd = fd } },
		{ "other length", { .addr = PORT_OUT, .len = 2, .fd = fd } },
		{ "value", { .addr = PORT_OUT, .len = 1, .fd = fd, .datamatch = 0x78,
			     .flags = KVM_IOEVENTFD_FLAG_DATAMATCH } },
		{ "other value", { .addr = PORT_OUT, .len = 1, .fd = fd, .datamatch = 0x79,
				   .flags = KVM_IOEVENTFD_FLAG_DATAMATCH } },
		{ "other port", { .addr = PORT_OUT + 100, .len = 1, .fd = fd } },
	};

	machine_load(m, out);
	machine_start_real(m);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct kvm_ioeventfd event = cases[i].event;
		uint64_t count = 0;

		record_step("%s", cases[i].what);
		event.flags |= KVM_IOEVENTFD_FLAG_PIO;
		assign(m, event);
		machine_restart(m, 0);
		machine_run_to_end(m);
		if (read(fd, &count, sizeof(count)) < 0)
			count = 0;
		record_event("signals", count);
		event.flags |= KVM_IOEVENTFD_FLAG_DEASSIGN;
		assign(m, event);
	}
}

const struct client machine_clients[] = {
	{ "machine-clock", machine_clock },
	{ "machine-caps", refused_caps },
	{ "eventfd-refused", eventfd_refused },
	{ "eventfd-port", eventfd_port },
	{ }
};
