// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a command, to its end, before `function` is called the next time, or the next `calls`
 * times, by whom is to call it: for what happens between two things that regdom does, or
 * cfg80211. `ended` is how it ended: its status, as wait() tells it, or minus an error; 1: it
 * was not run yet.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/umh.h>

static char *function = "";
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "Of a module, with six arguments at most");
static char *command = "";
module_param(command, charp, 0444);
MODULE_PARM_DESC(command, "The path of a program or script");
static int calls = 1;
module_param(calls, int, 0444);
MODULE_PARM_DESC(calls, "Before so many calls it is run (default: 1)");
static int ended = 1;
module_param(ended, int, 0444);
MODULE_PARM_DESC(ended, "Result: how it ended");

/* As it is called, whatever its arguments are: by the ABI they are in six registers. */
typedef unsigned long any_function(unsigned long, unsigned long, unsigned long,
				   unsigned long, unsigned long, unsigned long);

static any_function *original;
static atomic_t left;
/* Whoever is in run_before(), one at a time. */
static DEFINE_MUTEX(lock);
static const struct task_struct *caller;

static int run_command(void)
{
	char *argv[] = { command, NULL };
	char *envp[] = { "PATH=/trivet/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL };

	return call_usermodehelper(argv[0], argv, envp, UMH_WAIT_PROC);
}

static unsigned long run_before(unsigned long a, unsigned long b, unsigned long c,
				unsigned long d, unsigned long e, unsigned long f)
{
	unsigned long result;

	mutex_lock(&lock);
	WRITE_ONCE(caller, current);
	WRITE_ONCE(ended, run_command());
	result = original(a, b, c, d, e, f);
	WRITE_ONCE(caller, NULL);
	mutex_unlock(&lock);
	return result;
}

/* Nobody may sleep here, so the call is sent elsewhere, but for that from there. */
static int divert(struct kprobe *probe, struct pt_regs *regs)
{
	if (!READ_ONCE(original) || READ_ONCE(caller) == current ||
	    atomic_dec_if_positive(&left) < 0)
		return 0;
	regs->ip = (unsigned long)run_before;
	return 1;
}

static struct kprobe probe = { .pre_handler = divert };

static int __init regdom_between_init(void)
{
	int ret;

	atomic_set(&left, calls);
	probe.symbol_name = function;
	ret = register_kprobe(&probe);
	if (ret)
		return ret;
	WRITE_ONCE(original, (any_function *)probe.addr);
	return 0;
}

static void __exit regdom_between_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(regdom_between_init);
module_exit(regdom_between_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Does something between two things that regdom does");
