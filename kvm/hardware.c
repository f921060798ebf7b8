// SPDX-License-Identifier: GPL-2.0
#include "hardware.h"

#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/reboot.h>
#include <linux/smp.h>
#include <linux/syscore_ops.h>
#include <asm/reboot.h>

#include "backend.h"
#include "x86/tsc.h"
#include "x86/tsc_aux.h"

/* CPUs on which the extension could not be turned on. */
static atomic_t failed_cpus = ATOMIC_INIT(0);

static void count_in_use(void *count)
{
	if (kvm_backend->in_use())
		atomic_inc(count);
}

bool kvm_hardware_in_use(void)
{
	atomic_t count = ATOMIC_INIT(0);

	on_each_cpu(count_in_use, &count, 1);
	return atomic_read(&count);
}

/*
 * On old kernels this state's callbacks may not fail, so a failure is counted
 * and looked at where the module loads. Later, a CPU that comes without the
 * extension makes each run there end with EIO.
 */
static int enable_cpu(unsigned int cpu)
{
	unsigned long flags;

	local_irq_save(flags);
	kvm_tsc_aux_cpu_on();
	if (kvm_backend->cpu_on())
		atomic_inc(&failed_cpus);
	local_irq_restore(flags);
	return 0;
}

static int disable_cpu(unsigned int cpu)
{
	unsigned long flags;

	local_irq_save(flags);
	kvm_backend->cpu_off();
	local_irq_restore(flags);
	return 0;
}

/* ---- suspend: the last CPU, interrupts off ---- */

static int hardware_suspend(void *unused)
{
	kvm_backend->cpu_off();
	kvm_tsc_suspend();
	return 0;
}

static void hardware_resume(void *unused)
{
	kvm_tsc_resume();
	if (kvm_backend->cpu_on())
		atomic_inc(&failed_cpus);
}

static const struct syscore_ops hardware_syscore_ops = {
	.suspend = hardware_suspend,
	.resume = hardware_resume,
};

static struct syscore hardware_syscore = {
	.ops = &hardware_syscore_ops,
};

/* ---- reboot: firmware and the next kernel want the CPUs as they were ---- */

static void cpu_off(void *unused)
{
	kvm_backend->cpu_off();
}

static int before_reboot(struct notifier_block *nb, unsigned long action,
			 void *data)
{
	/* Guests that still run end with EIO: their entry faults. */
	on_each_cpu(cpu_off, NULL, 1);
	return NOTIFY_OK;
}

static struct notifier_block reboot_notifier = {
	.notifier_call = before_reboot,
};

/* ---- crash: NMI context ---- */

static void emergency_off(void)
{
	kvm_backend->cpu_emergency_off();
}

int kvm_hardware_start(void)
{
	int ret;

	atomic_set(&failed_cpus, 0);
	ret = cpuhp_setup_state(CPUHP_AP_KVM_ONLINE, "devkvm:online",
				enable_cpu, disable_cpu);
	if (ret)
		return ret;
	if (atomic_read(&failed_cpus)) {
		cpuhp_remove_state(CPUHP_AP_KVM_ONLINE);
		return -EBUSY;
	}
	cpu_emergency_register_virt_callback(emergency_off);
	register_reboot_notifier(&reboot_notifier);
	register_syscore(&hardware_syscore);
	return 0;
}

void kvm_hardware_stop(void)
{
	unregister_syscore(&hardware_syscore);
	unregister_reboot_notifier(&reboot_notifier);
	cpu_emergency_unregister_virt_callback(emergency_off);
	cpuhp_remove_state(CPUHP_AP_KVM_ONLINE);
}
