// SPDX-License-Identifier: GPL-2.0
/* What belongs to the whole machine, beside its memory. */
#include "client.h"

/* Each flag; then what was got is set as it is. */
static void clock(struct machine *m)
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

const struct client machine_clients[] = {
	{ "machine-clock", clock },
	{ }
};
