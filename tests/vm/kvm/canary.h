/* SPDX-License-Identifier: GPL-2.0 */
/* The host's own registers around KVM_RUN: XMM and PKRU. */
#ifndef TESTS_KVM_CANARY_H
#define TESTS_KVM_CANARY_H

#include <cpuid.h>
#include <sys/syscall.h>

#include "kvm.h"

#define CANARY_WORDS	32
#define OSPKE		(1u << 4)	/* of leaf 7 */

/* KVM_RUN with a canary in every XMM register, checked right after. */
static inline void run_with_canary(const struct kvm_vcpu *v, const uint64_t canary[CANARY_WORDS])
{
	uint64_t after[CANARY_WORDS];
	long ret = SYS_ioctl;

	asm volatile(
		".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
		"movups 16*\\n(%[in]), %%xmm\\n\n"
		".endr\n"
		"syscall\n"
		".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
		"movups %%xmm\\n, 16*\\n(%[out])\n"
		".endr\n"
		: "+a" (ret)
		: "D" ((long)v->fd), "S" ((long)KVM_RUN), "d" (0L),
		  [in] "r" (canary), [out] "r" (after)
		: "rcx", "r11", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
		  "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
		  "xmm12", "xmm13", "xmm14", "xmm15");
	equal(ret, 0);
	if (memcmp(canary, after, sizeof(after)))
		die("the guest's registers are in the host");
}

static inline bool host_has_pkru(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && c & OSPKE;
}

static inline uint32_t read_pkru(void)
{
	uint32_t value, high;

	asm volatile(".byte 0x0f, 0x01, 0xee" : "=a" (value), "=d" (high) : "c" (0));
	return value;
}

static inline void write_pkru(uint32_t value)
{
	asm volatile(".byte 0x0f, 0x01, 0xef" : : "a" (value), "c" (0), "d" (0) : "memory");
}

#endif
