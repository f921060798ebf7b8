// SPDX-License-Identifier: GPL-2.0
#include "mmu/guest.h"

#include <linux/mm.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/processor.h>
#include <asm/processor-flags.h>
#include <asm/trap_pf.h>
#include <asm/trapnr.h>

#include "backend.h"
#include "devkvm.h"
#include "memslot.h"
#include "mmu/map.h"
#include "mmu/pdptes.h"
#include "mmu/walk.h"
#include "vcpu.h"
#include "vm.h"
#include "x86/access.h"

static int read_gpa(void *context, u64 gpa, void *data, size_t size)
{
	return kvm_read_guest(context, gpa, data, size);
}

/* To walk the guest's tables with: who does reads its memory, and the host's beside it. */
static inline struct kvm_paging paging_of(struct kvm_vcpu *vcpu)
{
	struct kvm_paging paging = kvm_paging_of(kvm_backend->get_cr(vcpu, 0),
						 kvm_backend->get_cr(vcpu, 3),
						 kvm_backend->get_cr(vcpu, 4),
						 kvm_backend->get_efer(vcpu));

	vcpu->touched_memory = true;
	paging.pkru = vcpu->pkru;
	return paging;
}

int kvm_guest_translate(struct kvm_vcpu *vcpu, u64 linear, u64 *gpa)
{
	struct kvm_paging paging = paging_of(vcpu);

	return kvm_walk(&paging, linear, read_gpa, vcpu->vm, gpa);
}

/* In a device there are no tables: the entry counts as not present. */
static int read_table(void *context, u64 gpa, void *data, size_t size)
{
	if (!kvm_gpa_is_memory(context, gpa, false))
		return -ENOENT;
	return kvm_read_guest(context, gpa, data, size);
}

/*
 * The processor sets them before the access; the guest may count on it. Not in
 * tables that may only be read.
 */
static int mark_path(struct kvm_vcpu *vcpu, const struct kvm_walk_path *path, bool write)
{
	int i, ret = 0;

	for (i = 0; i < path->count && !ret; i++) {
		u64 old = path->entries[i].value;
		u64 new = kvm_walk_marked(path, i, write);

		if (new != old)
			ret = kvm_cmpxchg_guest(vcpu->vm, path->entries[i].gpa, old, new,
						path->entries[i].size);
		if (ret == -EROFS)
			ret = 0;
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

static int access_by(struct kvm_vcpu *vcpu, u64 linear, struct kvm_walk_access access,
		     u64 *gpa, struct kvm_fault *fault)
{
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
	return mark_path(vcpu, &path, access.write);
}

int kvm_guest_access(struct kvm_vcpu *vcpu, u64 linear, bool write, u64 *gpa,
		     struct kvm_fault *fault)
{
	const struct kvm_walk_access access = {
		.write = write,
		.user = kvm_backend->get_cpl(vcpu) == 3,
		.user_allowed = vcpu->regs.rflags & X86_EFLAGS_AC,
	};

	return access_by(vcpu, linear, access, gpa, fault);
}

int kvm_guest_access_as(struct kvm_vcpu *vcpu, u64 linear, bool write, bool user, u64 *gpa,
			struct kvm_fault *fault)
{
	const struct kvm_walk_access access = { .write = write, .user = user };

	return access_by(vcpu, linear, access, gpa, fault);
}

/* Fetches are told apart where rights can be. */
static bool fetches_are_told(struct kvm_vcpu *vcpu)
{
	u64 cr4 = kvm_backend->get_cr(vcpu, 4);

	return cr4 & X86_CR4_SMEP ||
	       (cr4 & X86_CR4_PAE && kvm_backend->get_efer(vcpu) & EFER_NX);
}

bool kvm_guest_fetch_faults(struct kvm_vcpu *vcpu, u64 linear, struct kvm_fault *fault)
{
	const struct kvm_walk_access access = { .user = kvm_backend->get_cpl(vcpu) == 3 };
	struct kvm_paging paging = paging_of(vcpu);
	u64 gpa;

	if (kvm_walk(&paging, linear, read_table, vcpu->vm, &gpa) != -ENOENT)
		return false;
	page_fault(fault, linear, kvm_walk_absent(access) |
		   (fetches_are_told(vcpu) ? X86_PF_INSTR : 0));
	return true;
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

/* ---- making entries ---- */

#define MAP_FLAGS	(DEVKVM_MAP_WRITE | DEVKVM_MAP_USER | DEVKVM_MAP_GLOBAL | \
			 DEVKVM_MAP_NO_EXECUTE | DEVKVM_MAP_REPLACE)

static int fill_table(void *context, u64 gpa, u64 value, size_t size)
{
	int ret = kvm_write_guest(context, gpa & PAGE_MASK, page_address(ZERO_PAGE(0)),
				  PAGE_SIZE);

	return ret ?: kvm_write_guest(context, gpa, &value, size);
}

static int exchange_entry(void *context, u64 gpa, u64 old, u64 new, size_t size)
{
	int ret = kvm_cmpxchg_guest(context, gpa, old, new, size);

	return ret == -EROFS ? -EFAULT : ret;
}

static const struct kvm_map_ops map_ops = {
	.read = read_gpa,
	.fill = fill_table,
	.exchange = exchange_entry,
};

/* As many tables as can be needed; more that are given are not looked at. */
static int get_tables(const struct devkvm_map_gpt *from, struct kvm_map *map)
{
	map->table_count = min_t(u32, from->table_count, KVM_MAP_TABLES_MAX);
	return copy_from_user(map->tables, u64_to_user_ptr(from->tables),
			      map->table_count * sizeof(u64)) ? -EFAULT : 0;
}

/*
 * What processors remember of the old entries: translations, and with PAE the
 * four at the top, which this vCPU loads again if all are as they may be.
 */
static void forget(struct kvm_vcpu *vcpu)
{
	kvm_pdptes_load(vcpu, kvm_backend->get_cr(vcpu, 0), kvm_backend->get_cr(vcpu, 3),
			kvm_backend->get_cr(vcpu, 4));
	kvm_vm_request_all(vcpu->vm, REQUEST_TLB_FLUSH);
}

int kvm_guest_map(struct kvm_vcpu *vcpu, const struct devkvm_map_gpt *from)
{
	const struct kvm_map_limits limits = {
		.gpa_bits = min_t(u8, boot_cpu_data.x86_phys_bits, 52),
		.huge = boot_cpu_has(X86_FEATURE_GBPAGES),
		.no_execute = kvm_backend->get_efer(vcpu) & EFER_NX,
	};
	const struct kvm_paging paging = paging_of(vcpu);
	struct kvm_map map = {
		.linear = from->linear_address,
		.gpa = from->physical_address,
		.page_bytes = from->page_size,
		.writable = from->flags & DEVKVM_MAP_WRITE,
		.user = from->flags & DEVKVM_MAP_USER,
		.global = from->flags & DEVKVM_MAP_GLOBAL,
		.no_execute = from->flags & DEVKVM_MAP_NO_EXECUTE,
		.replace = from->flags & DEVKVM_MAP_REPLACE,
	};
	int ret;

	if (from->flags & ~(u32)MAP_FLAGS || from->reserved)
		return -EINVAL;
	ret = get_tables(from, &map) ?: kvm_map_check(&paging, &limits, &map);
	if (ret)
		return ret;
	ret = kvm_map_make(&paging, &map, &map_ops, vcpu->vm);
	if (ret >= 0)
		forget(vcpu);
	return ret;
}
