// SPDX-License-Identifier: GPL-2.0
/* The devkvm module: choosing a back end, and being the only hypervisor. */
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/preempt.h>
#include <linux/string.h>

#include "backend.h"
#include "device.h"
#include "hardware.h"
#include "run.h"
#include "x86/cpuid.h"

const struct kvm_backend *kvm_backend;

static const struct kvm_backend *const backends[] = {
	&vmx_backend,
	&svm_backend,
};

static const struct kvm_backend *find_backend(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(backends); i++) {
		if (backends[i]->present())
			return backends[i];
	}
	return NULL;
}

/*
 * In-tree KVM does not survive to find its node taken (6.1 leaves a syscore
 * registration behind, and dies of it on the second try), so its modules are
 * refused while ours is here.
 */
static int refuse_other_kvm(struct notifier_block *nb, unsigned long state,
			    void *data)
{
	const struct module *module = data;

	if (state != MODULE_STATE_COMING)
		return NOTIFY_DONE;
	if (strcmp(module->name, "kvm") && strcmp(module->name, "kvm_intel") &&
	    strcmp(module->name, "kvm_amd"))
		return NOTIFY_DONE;
	pr_info("devkvm: %s refused: devkvm is loaded\n", module->name);
	return notifier_from_errno(-EBUSY);
}

static struct notifier_block module_notifier = {
	.notifier_call = refuse_other_kvm,
};

static int __init devkvm_init(void)
{
	int ret;

	kvm_backend = find_backend();
	if (!kvm_backend) {
		pr_err("devkvm: no VMX or SVM on this processor\n");
		return -EOPNOTSUPP;
	}
	kvm_run_init();
	kvm_cpuid_init();
	ret = register_module_notifier(&module_notifier);
	if (ret)
		return ret;
	if (kvm_hardware_in_use()) {
		pr_err("devkvm: another hypervisor runs on this machine\n");
		ret = -EBUSY;
		goto unregister_notifier;
	}
	/* The node, which only one can have, finds an idle in-tree KVM. */
	ret = kvm_device_register();
	if (ret) {
		pr_err("devkvm: /dev/kvm is taken: is kvm loaded?\n");
		goto unregister_notifier;
	}
	ret = kvm_backend->setup();
	if (ret)
		goto unregister_device;
	ret = kvm_hardware_start();
	if (ret) {
		pr_err("devkvm: %s cannot be turned on\n", kvm_backend->name);
		goto teardown;
	}
	/* For as long as we are loaded, not for each machine: it patches the
	 * scheduler's code. (QEMU 7.2 with more than one CPU may go on with
	 * the breakpoint of such a patch for ever, so do it rarely.)
	 */
	preempt_notifier_inc();
	kvm_device_set_ready(true);
	pr_info("devkvm " TRIVET_VERSION " loaded: %s, %u-level nested tables\n",
		kvm_backend->name, kvm_backend->tdp_format()->levels);
	return 0;

teardown:
	kvm_backend->teardown();
unregister_device:
	kvm_device_unregister();
unregister_notifier:
	unregister_module_notifier(&module_notifier);
	return ret;
}

static void __exit devkvm_exit(void)
{
	kvm_device_set_ready(false);
	preempt_notifier_dec();
	kvm_hardware_stop();
	kvm_backend->teardown();
	kvm_device_unregister();
	unregister_module_notifier(&module_notifier);
}

module_init(devkvm_init);
module_exit(devkvm_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Virtual machines on Intel VMX and AMD SVM: /dev/kvm");
MODULE_VERSION(TRIVET_VERSION);
MODULE_ALIAS_MISCDEV(KVM_MINOR);
MODULE_ALIAS("devname:kvm");
