// SPDX-License-Identifier: GPL-2.0
#include "mmu/host.h"

#include <linux/irqflags.h>
#include <linux/mm_types.h>
#include <linux/pgtable.h>

/* Each entry is read once: whoever changes it does not ask us. */
static bool is_large(struct mm_struct *mm, unsigned long address)
{
	pgd_t pgd = READ_ONCE(*pgd_offset(mm, address));
	p4d_t p4d;
	pud_t pud;
	pmd_t pmd;

	if (pgd_none(pgd))
		return false;
	p4d = READ_ONCE(*p4d_offset(&pgd, address));
	if (p4d_none(p4d) || !p4d_present(p4d))
		return false;
	pud = READ_ONCE(*pud_offset(&p4d, address));
	if (pud_none(pud) || !pud_present(pud))
		return false;
	if (pud_leaf(pud))
		return true;
	pmd = READ_ONCE(*pmd_offset(&pud, address));
	return !pmd_none(pmd) && pmd_present(pmd) && pmd_leaf(pmd);
}

/* Tables are freed after an IPI, which does not come while interrupts are off. */
bool kvm_host_maps_large(struct mm_struct *mm, unsigned long address)
{
	unsigned long flags;
	bool large;

	local_irq_save(flags);
	large = is_large(mm, address);
	local_irq_restore(flags);
	return large;
}
