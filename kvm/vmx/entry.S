/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Into a guest and back: SDM volume 3C, "VM Entries" and "VM Exits". The
 * processor changes RSP, RIP, RFLAGS, segments and control registers; the
 * other registers are exchanged here.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/asm.h>
#include <asm/cpufeatures.h>
#include <asm/errno.h>
#include <asm/msr-index.h>
#include <asm/nospec-branch.h>
#include <asm/percpu.h>
#include <asm/unwind_hints.h>

#include "entry_regs.h"
#include "vmx/asm.h"

	.section .noinstr.text, "ax"

/*
 * int vmx_enter(struct kvm_cpu_regs *regs, u64 *host_rsp, bool launched)
 *
 * *host_rsp: what the VMCS has as the host's RSP. Interrupts are off. Returns
 * 0 after an exit, 1 if the instruction failed (VM_INSTRUCTION_ERROR says
 * why), -EIO if VMX was turned off on this CPU.
 */
SYM_FUNC_START(vmx_enter)
	PUSH_HOST_REGS
	push	%rdi			/* regs, for the way back */

	cmp	%rsp, (%rsi)
	je	1f
	mov	$VMCS_HOST_RSP, %eax
.Lwrite_rsp:
	vmwrite	%rsp, %rax
	jbe	.Lfailed
	mov	%rsp, (%rsi)
1:
	bt	$0, %edx		/* CF: launched. MOV and VERW keep it. */
	mov	RAX(%rdi), %rax
	LOAD_GUEST_REGS

	CLEAR_CPU_BUFFERS

	/* objtool cannot see that an exit lands below with this very stack. */
	UNWIND_HINT_SAVE
	jnc	.Llaunch
.Lresume:
	vmresume
	jmp	.Lfailed
.Llaunch:
	vmlaunch
	jmp	.Lfailed

SYM_INNER_LABEL_ALIGN(vmx_landing, SYM_L_GLOBAL)
	UNWIND_HINT_RESTORE
	ENDBR
	push	%rax
	mov	8(%rsp), %rax
	pop	RAX(%rax)
	SAVE_GUEST_REGS
	xor	%ebx, %ebx

.Lleave:
	add	$8, %rsp

	xor	%eax, %eax
	CLEAR_GUEST_REGS

	/* No return of the host may go where the guest trained it to go. */
	FILL_RETURN_BUFFER %rcx, RSB_CLEAR_LOOPS, X86_FEATURE_RSB_VMEXIT, \
			   X86_FEATURE_RSB_VMEXIT_LITE

	/* The guest runs with the host's SPEC_CTRL; the old IBRS must be
	 * written again to hold for what ran before.
	 */
	ALTERNATIVE "jmp .Lno_ibrs", "", X86_FEATURE_KERNEL_IBRS
	mov	$MSR_IA32_SPEC_CTRL, %ecx
	mov	PER_CPU_VAR(x86_spec_ctrl_current), %rdx
	mov	%edx, %eax
	shr	$32, %rdx
	wrmsr
.Lno_ibrs:
	/* Not past here by speculation from where the above is skipped. */
	ALTERNATIVE "", "lfence", X86_FEATURE_MSR_SPEC_CTRL

	CLEAR_BRANCH_HISTORY_VMEXIT

	mov	%ebx, %eax
	POP_HOST_REGS
	RET

.Lfailed:
	mov	$1, %ebx
	jmp	.Lleave
.Loff:
	mov	$-EIO, %ebx
	jmp	.Lleave

	_ASM_EXTABLE(.Lwrite_rsp, .Loff)
	_ASM_EXTABLE(.Lresume, .Loff)
	_ASM_EXTABLE(.Llaunch, .Loff)
SYM_FUNC_END(vmx_enter)
