/* SPDX-License-Identifier: GPL-2.0 */
/* What entry.S shares with C; asserted in enter.c. */
#ifndef KVM_VMX_ASM_H
#define KVM_VMX_ASM_H

#define VMCS_HOST_RSP	0x6c14

#endif
