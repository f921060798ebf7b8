/* SPDX-License-Identifier: GPL-2.0 */
/* Bits of an entry of x86's page tables. */
#ifndef KVM_MMU_ENTRY_H
#define KVM_MMU_ENTRY_H

#define ENTRY_PRESENT	(1ull << 0)
#define ENTRY_WRITABLE	(1ull << 1)
#define ENTRY_USER	(1ull << 2)
#define ENTRY_ACCESSED	(1ull << 5)
#define ENTRY_DIRTY	(1ull << 6)
#define ENTRY_LARGE	(1ull << 7)
#define ENTRY_GLOBAL	(1ull << 8)
#define ENTRY_NO_EXECUTE (1ull << 63)
#define ENTRY_ADDRESS	0x000ffffffffff000ull

#endif
