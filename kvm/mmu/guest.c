// SPDX-License-Identifier: GPL-2.0
#include "mmu/guest.h"

#include <linux/mm.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "backend.h"
#include "memslot.h"
#include "mmu/walk.h"
#include "vcpu.h"
#include "vm.h"
#include "x86/access.h"

static int read_gpa(void *context, u64 gpa, void *data, size_t size)
{
	return kvm_read_guest(context, gpa, data, size);
}

static inline struct kvm_paging paging_of(struct kvm_vcpu *vcpu)
{
	return kvm_paging_of(kvm_backend->get_cr(vcpu, 0), kvm_backend->get_cr(vcpu, 3),
			     kvm_backend->get_cr(vcpu, 4), kvm_backend->get_efer(vcpu));
}

int kvm_guest_translate(struct kvm_vcpu *vcpu, u64 linear, u64 *gpa)
{
	struct kvm_paging paging = paging_of(vcpu);

	return kvm_walk(&paging, linear, read_gpa, vcpu->vm, gpa);
}

static int read_table(void *context, u64 gpa, void *data, size_t size)
{
	if (!kvm_gpa_is_memory(context, gpa))
		return -EOPNOTSUPP;
	return kvm_read_guest(context, gpa, data, size);
}

/* The processor sets them before the access; the guest may count on it. */
static int mark_path(struct kvm_vcpu *vcpu, const struct kvm_walk_path *path, bool write)
{
	int i, ret = 0;

	for (i = 0; i < path->count && !ret; i++) {
		u64 old = path->entries[i].value;
		u64 new = kvm_walk_marked(path, i, write);

		if (new != old)
			ret = kvm_cmpxchg_guest(vcpu->vm, path->entries[i].gpa, old, new,
						path->entries[i].size);
	}
	return ret == -EAGAIN ? -ESTALE : ret;
}

static int page_fault(struct kvm_fault *fault, u64 linear, u32 error)
{
	*fault = (struct kvm_fault) {
		.vector = X86_TRAP_PF,
		.has_error = true,
		.error = error,
		.address = linear,
	};
	return -EILSEQ;
}

int kvm_guest_access(struct kvm_vcpu *vcpu, u64 linear, bool write, u64 *gpa,
		     struct kvm_fault *fault)
{
	const struct kvm_walk_access access = {
		.write = write,
		.user = kvm_backend->get_cpl(vcpu) == 3,
		.user_allowed = vcpu->regs.rflags & X86_EFLAGS_AC,
	};
	struct kvm_paging paging = paging_of(vcpu);
	struct kvm_walk_path path;
	u32 error = 0;
	int ret;

	ret = kvm_walk_path(&paging, linear, read_table, vcpu->vm, gpa, &path);
	if (ret == -ENOENT)
		return page_fault(fault, linear, kvm_walk_absent(access));
	if (ret)
		return ret;
	if (!kvm_walk_allows(&paging, &path, access, &error))
		return page_fault(fault, linear, error);
	return mark_path(vcpu, &path, write);
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
