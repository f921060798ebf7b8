// SPDX-License-Identifier: GPL-2.0
#include "mmu/guest.h"

#include <linux/mm.h>

#include "backend.h"
#include "memslot.h"
#include "mmu/walk.h"
#include "vcpu.h"
#include "vm.h"

static int read_gpa(void *context, u64 gpa, void *data, size_t size)
{
	return kvm_read_guest(context, gpa, data, size);
}

int kvm_guest_translate(struct kvm_vcpu *vcpu, u64 linear, u64 *gpa)
{
	struct kvm_paging paging = kvm_paging_of(kvm_backend->get_cr(vcpu, 0),
						 kvm_backend->get_cr(vcpu, 3),
						 kvm_backend->get_cr(vcpu, 4),
						 kvm_backend->get_efer(vcpu));

	return kvm_walk(&paging, linear, read_gpa, vcpu->vm, gpa);
}

int kvm_guest_fetch(struct kvm_vcpu *vcpu, u64 linear, u8 *bytes, int size)
{
	int got = 0;

	while (got < size) {
		int part = min_t(int, size - got,
				 PAGE_SIZE - offset_in_page(linear + got));
		u64 gpa;

		if (kvm_guest_translate(vcpu, linear + got, &gpa) ||
		    kvm_read_guest(vcpu->vm, gpa, bytes + got, part))
			break;
		got += part;
	}
	return got;
}
