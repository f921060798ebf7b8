// SPDX-License-Identifier: GPL-2.0
/*
 * Faults on demand, to prove that the test runner sees them: each fault is
 * one word written to the module's parameter `do`.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/smp.h>

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static void do_warn(void)
{
	WARN(1, "trivet_fault: a WARN on demand\n");
}

static void do_panic(void)
{
	panic("trivet_fault: a panic on demand");
}

/* Waits for an interrupt that cannot come: as dead as one that spins, at no cost to the host. */
static void hang_cpu(void *unused)
{
	local_irq_disable();
	for (;;)
		halt();
}

static void do_hang(void)
{
	on_each_cpu(hang_cpu, NULL, 0);
}

/* Takes two mutexes in both orders: harmless here, a report under lockdep. */
static void do_lockdep(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

/* Several: a stale word on some stack may look like a pointer to one. */
static void do_leak(void)
{
	size_t lost_bytes = 4000;

	OPTIMIZER_HIDE_VAR(lost_bytes);
	for (int i = 0; i < 16; i++)
		if (!kmalloc(lost_bytes, GFP_KERNEL))
			pr_info("trivet_fault: nothing leaked: out of memory\n");
}

static const struct fault {
	const char *name;
	void (*run)(void);
} faults[] = {
	{ "warn", do_warn },
	{ "panic", do_panic },
	{ "hang", do_hang },
	{ "lockdep", do_lockdep },
	{ "leak", do_leak },
};

static int do_set(const char *val, const struct kernel_param *kp)
{
	for (int i = 0; i < ARRAY_SIZE(faults); i++) {
		if (sysfs_streq(val, faults[i].name)) {
			faults[i].run();
			return 0;
		}
	}
	return -EINVAL;
}

static const struct kernel_param_ops do_ops = { .set = do_set };
module_param_cb(do, &do_ops, NULL, 0200);
MODULE_PARM_DESC(do, "Fault to commit now: warn, panic, hang, lockdep or leak");

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Faults on demand, for the tests of the test runner");
