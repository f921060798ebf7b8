// SPDX-License-Identifier: GPL-2.0
/* The module's and each CPU's part of SVM: found, turned on, turned off. */
#include <linux/cc_platform.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/percpu.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/perf_event.h>
#include <asm/processor.h>
#include <asm/spec-ctrl.h>
#include <asm/tlbflush.h>

#include "svm/svm.h"

#define CPUID_SVM		0x8000000a
#define CPUID_SVM_NPT		(1u << 0)	/* in EDX */
#define CPUID_SVM_NRIPS		(1u << 3)
#define CPUID_SVM_FLUSH_ASID	(1u << 6)
#define CPUID_SVM_DECODE_ASSISTS	(1u << 7)

#define VM_CR_SVM_DISABLE	(1ull << 4)	/* MSR_VM_CR, 15.30.1 */

#define IOPM_ORDER	2	/* 12 KiB, and bits for a port across the end */
#define MSRPM_ORDER	1	/* 8 KiB */

DEFINE_PER_CPU(struct svm_cpu, svm_cpus);
struct svm_caps svm_caps;
static struct kvm_tdp_format tdp_format;

bool svm_present(void)
{
	u64 vm_cr;

	if (!boot_cpu_has(X86_FEATURE_SVM))
		return false;
	if (!rdmsrl_safe(MSR_VM_CR, &vm_cr) && (vm_cr & VM_CR_SVM_DISABLE)) {
		pr_info("devkvm: the firmware has turned SVM off\n");
		return false;
	}
	return true;
}

bool svm_in_use(void)
{
	u64 efer;

	return !rdmsrl_safe(MSR_EFER, &efer) && (efer & EFER_SVME);
}

static void free_cpus(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct svm_cpu *sc = per_cpu_ptr(&svm_cpus, cpu);

		free_page(sc->save_page);
		free_page(sc->host_page);
		memset(sc, 0, sizeof(*sc));
	}
}

static int alloc_cpus(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct svm_cpu *sc = per_cpu_ptr(&svm_cpus, cpu);

		sc->save_page = get_zeroed_page(GFP_KERNEL);
		sc->host_page = get_zeroed_page(GFP_KERNEL);
		if (!sc->save_page || !sc->host_page) {
			free_cpus();
			return -ENOMEM;
		}
	}
	return 0;
}

/* MSRs that the VMCB holds: the guest's own reads and writes pass (15.11). */
static const u32 passed_msrs[] = {
	MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SYSCALL_MASK,
	MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS_BASE,
	MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP,
};

static void pass_msr(u8 *map, u32 index)
{
	u32 bit;

	/* two bits an MSR; 2 KiB for each of three ranges of 8192 MSRs */
	if (index < 0x2000)
		bit = index * 2;
	else
		bit = 0x800 * 8 + (index - 0xc0000000) * 2;
	map[bit / 8] &= ~(3 << (bit % 8));
}

static void free_maps(void)
{
	free_pages(svm_caps.iopm, IOPM_ORDER);
	free_pages(svm_caps.msrpm, MSRPM_ORDER);
	free_pages(svm_caps.msrpm_none, MSRPM_ORDER);
}

static int alloc_maps(void)
{
	int i;

	svm_caps.iopm = __get_free_pages(GFP_KERNEL, IOPM_ORDER);
	svm_caps.msrpm = __get_free_pages(GFP_KERNEL, MSRPM_ORDER);
	svm_caps.msrpm_none = __get_free_pages(GFP_KERNEL, MSRPM_ORDER);
	if (!svm_caps.iopm || !svm_caps.msrpm || !svm_caps.msrpm_none) {
		free_maps();
		return -ENOMEM;
	}
	memset((void *)svm_caps.iopm, 0xff, PAGE_SIZE << IOPM_ORDER);
	memset((void *)svm_caps.msrpm, 0xff, PAGE_SIZE << MSRPM_ORDER);
	memset((void *)svm_caps.msrpm_none, 0xff, PAGE_SIZE << MSRPM_ORDER);
	for (i = 0; i < ARRAY_SIZE(passed_msrs); i++)
		pass_msr((u8 *)svm_caps.msrpm, passed_msrs[i]);
	return 0;
}

/* A nested table is an x86 page table, as deep as the host's own (15.25.3). */
static void set_tdp_format(void)
{
	tdp_format = (struct kvm_tdp_format) {
		.levels = boot_cpu_has(X86_FEATURE_LA57) &&
			  (__read_cr4() & X86_CR4_LA57) ? 5 : 4,
		.table = _PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED,
		.leaf = _PAGE_PRESENT | _PAGE_USER,
		.writable = _PAGE_RW,
		.large = _PAGE_PSE,
		.accessed = _PAGE_ACCESSED,
		.address = GENMASK_ULL(51, PAGE_SHIFT),
	};
}

int svm_setup(void)
{
	u32 eax, ebx, ecx, edx;
	int ret;

	cpuid(CPUID_SVM, &eax, &ebx, &ecx, &edx);
	if (!(edx & CPUID_SVM_NPT)) {
		pr_err("devkvm: no nested paging on this processor\n");
		return -EOPNOTSUPP;
	}
	if (cc_platform_has(CC_ATTR_HOST_MEM_ENCRYPT)) {
		pr_err("devkvm: not supported with encrypted memory (mem_encrypt=on)\n");
		return -EOPNOTSUPP;
	}
	svm_caps.asid_max = ebx - 1;
	svm_caps.has_nrips = edx & CPUID_SVM_NRIPS;
	svm_caps.has_flush_asid = edx & CPUID_SVM_FLUSH_ASID;
	svm_caps.has_decode_assists = edx & CPUID_SVM_DECODE_ASSISTS;
	if (boot_cpu_has(X86_FEATURE_XSAVES))
		rdmsrl(MSR_IA32_XSS, svm_caps.host_xss);
	set_tdp_format();
	ret = alloc_maps();
	if (ret)
		return ret;
	ret = alloc_cpus();
	if (ret)
		free_maps();
	return ret;
}

void svm_teardown(void)
{
	free_cpus();
	free_maps();
}

const struct kvm_tdp_format *svm_tdp_format(void)
{
	return &tdp_format;
}

int svm_cpu_on(void)
{
	struct svm_cpu *sc = this_cpu_ptr(&svm_cpus);
	u64 efer;

	rdmsrl(MSR_EFER, efer);
	if (efer & EFER_SVME)
		return -EBUSY;
	wrmsrl(MSR_EFER, efer | EFER_SVME);
	wrmsrl(MSR_VM_HSAVE_PA, __pa(sc->save_page));
	/* 1: another hypervisor that did not end well may have left another (15.30.5). */
	if (boot_cpu_has(X86_FEATURE_TSCRATEMSR))
		wrmsr(MSR_AMD64_TSC_RATIO, 0, 1);
	sc->generation++;
	sc->next_asid = svm_caps.asid_max + 1;	/* the first vCPU flushes */
	sc->last_vmcb = NULL;
	srso_guests_begin();
	sc->on = true;
	/* Events of the host's that leave guests out can tell them from now on. */
	amd_pmu_enable_virt();
	return 0;
}

void svm_cpu_off(void)
{
	struct svm_cpu *sc = this_cpu_ptr(&svm_cpus);
	u64 efer;

	if (!sc->on)
		return;
	sc->on = false;
	rdmsrl(MSR_EFER, efer);
	srso_guests_end();
	wrmsrl(MSR_VM_HSAVE_PA, 0);
	wrmsrl(MSR_EFER, efer & ~EFER_SVME);
	amd_pmu_disable_virt();
}

void svm_cpu_emergency_off(void)
{
	u64 efer;

	if (rdmsrl_safe(MSR_EFER, &efer) || !(efer & EFER_SVME))
		return;
	/* An NMI that came with GIF clear would be the last (15.17). */
	asm volatile("stgi");
	wrmsrl(MSR_EFER, efer & ~EFER_SVME);
}
