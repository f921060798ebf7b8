// SPDX-License-Identifier: GPL-2.0
/*
 * Asks a process's MMU notifiers what its page tables do not know, as reclaim
 * does: "test ADDRESS", "clear ADDRESS" or "flush ADDRESS" written to the parameter
 * `ask` by the process itself; read from there: was the page used?
 */
#include <linux/err.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/module.h>
#include <linux/sched.h>

typedef int test_fn(struct mm_struct *mm, unsigned long address);
typedef int clear_fn(struct mm_struct *mm, unsigned long start, unsigned long end);

static test_fn *test_young;
static clear_fn *clear_young, *clear_flush_young;
static int answer;

static int ask(const char *what, unsigned long address)
{
	struct mm_struct *mm = current->mm;

	if (!strcmp(what, "test"))
		return test_young(mm, address);
	if (!strcmp(what, "clear"))
		return clear_young(mm, address, address + PAGE_SIZE);
	if (!strcmp(what, "flush"))
		return clear_flush_young(mm, address, address + PAGE_SIZE);
	return -EINVAL;
}

static int ask_set(const char *val, const struct kernel_param *kp)
{
	unsigned long address;
	char what[8];
	int ret;

	if (sscanf(val, "%7s %lx", what, &address) != 2 || !mm_has_notifiers(current->mm))
		return -EINVAL;
	ret = ask(what, address & PAGE_MASK);
	if (ret < 0)
		return ret;
	answer = !!ret;
	return 0;
}

static int ask_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", answer);
}

static const struct kernel_param_ops ask_ops = { .set = ask_set, .get = ask_get };
module_param_cb(ask, &ask_ops, NULL, 0600);
MODULE_PARM_DESC(ask, "test, clear or flush, and an address of the process in hex");

/* Not exported: a probe that is off, so that no code is patched, finds it, and goes. */
static void *find(const char *name)
{
	struct kprobe probe = { .symbol_name = name, .flags = KPROBE_FLAG_DISABLED };
	int ret = register_kprobe(&probe);
	void *found = probe.addr;

	if (ret)
		return ERR_PTR(ret);
	unregister_kprobe(&probe);
	return found;
}

static int __init trivet_young_init(void)
{
	test_young = find("__mmu_notifier_test_young");
	clear_young = find("__mmu_notifier_clear_young");
	clear_flush_young = find("__mmu_notifier_clear_flush_young");
	if (IS_ERR(test_young) || IS_ERR(clear_young) || IS_ERR(clear_flush_young))
		return -ENOENT;
	return 0;
}

/* The parameter needs no more. */
static void __exit trivet_young_exit(void)
{
}

module_init(trivet_young_init);
module_exit(trivet_young_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What MMU notifiers know of a page's use, for devkvm's tests");
