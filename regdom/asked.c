// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "asked.h"

#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/trace_events.h>
#include <linux/tracepoint.h>
#include <net/cfg80211.h>

#include "domain.h"

static bool power_requests = true;
module_param(power_requests, bool, 0444);
MODULE_PARM_DESC(power_requests,
		 "Hear at cfg80211's private tracepoint what users ask for as transmit power (default: yes); no: a limit above what the channel allows is not known");

/*
 * Of each radio so many are kept, those that were asked for last: a container may make
 * interfaces without end of a radio that it has, and all is looked for one by one.
 */
#define KEPT	64
/* What was asked for of a radio and all interfaces that it has or will have: they begin at 1. */
#define WHOLE	0

struct asked {
	struct list_head list;		/* the newest first */
	const struct wiphy *wiphy;
	u32 wdev_id;			/* of no other interface of the radio, ever; or WHOLE */
	s32 mbm;
	u64 number;			/* of those of all radios */
};

/* It is taken where a tracepoint is, by processes: nobody sleeps. No other is within it. */
static DEFINE_SPINLOCK(lock);
static LIST_HEAD(all);
static u64 last_number;

static struct tracepoint *point;	/* NULL: nobody calls us */

static struct asked *find(const struct wiphy *wiphy, u32 wdev_id)
{
	struct asked *asked;

	list_for_each_entry(asked, &all, list)
		if (asked->wiphy == wiphy && asked->wdev_id == wdev_id)
			return asked;
	return NULL;
}

static void forget(struct asked *asked)
{
	list_del(&asked->list);
	kfree(asked);
}

/* All of it; NULL: of all radios. */
static void forget_all(const struct wiphy *wiphy)
{
	struct asked *asked, *next;

	list_for_each_entry_safe(asked, next, &all, list)
		if (!wiphy || asked->wiphy == wiphy)
			forget(asked);
}

/* What was asked for of the whole radio is older than what was asked for since, and goes first. */
static void forget_oldest(const struct wiphy *wiphy)
{
	struct asked *asked, *oldest = NULL;
	unsigned int n = 0;

	list_for_each_entry(asked, &all, list)
		if (asked->wiphy == wiphy) {
			oldest = asked;
			n++;
		}
	if (n > KEPT)
		forget(oldest);
}

/* Without memory it is not known, which it was not before, either. */
static void note(const struct wiphy *wiphy, u32 wdev_id, s32 mbm)
{
	struct asked *asked = find(wiphy, wdev_id);

	if (asked)
		list_del(&asked->list);
	else
		asked = kzalloc(sizeof(*asked), GFP_ATOMIC);
	if (!asked)
		return;
	*asked = (struct asked){
		.wiphy = wiphy,
		.wdev_id = wdev_id,
		.mbm = mbm,
		.number = ++last_number,
	};
	list_add(&asked->list, &all);
	forget_oldest(wiphy);
}

/*
 * cfg80211 passes on what it has been asked for, with the lock of the wiphy; wdev NULL: for
 * all of its interfaces. What mac80211 refuses changes nothing; what other drivers do we do not
 * know yet. Our own requests are those of a worker (txpower.c).
 */
static void heard(void *unused, struct wiphy *wiphy, struct wireless_dev *wdev,
		  enum nl80211_tx_power_setting setting, int mbm)
{
	if (current->flags & PF_KTHREAD)
		return;
	if (setting == NL80211_TX_POWER_AUTOMATIC)
		mbm = REGDOM_UNLIMITED;
	else if (mbm < 0 || mbm % 100)
		return;
	spin_lock(&lock);
	if (!wdev)
		forget_all(wiphy);
	note(wiphy, wdev ? wdev->identifier : WHOLE, mbm);
	spin_unlock(&lock);
}

u64 regdom_asked_number(void)
{
	u64 number;

	spin_lock(&lock);
	number = last_number;
	spin_unlock(&lock);
	return number;
}

bool regdom_asked_since(u64 number, const struct wiphy *wiphy, u32 wdev_id, s32 *mbm)
{
	const struct asked *asked;
	bool is_later;

	spin_lock(&lock);
	asked = find(wiphy, wdev_id) ?: find(wiphy, WHOLE);
	is_later = asked && asked->number > number;
	if (is_later)
		*mbm = asked->mbm;
	spin_unlock(&lock);
	return is_later;
}

bool regdom_asked_for(const struct wiphy *wiphy, u32 wdev_id, s32 *mbm)
{
	return regdom_asked_since(0, wiphy, wdev_id, mbm);
}

void regdom_asked_forget(const struct wiphy *wiphy)
{
	spin_lock(&lock);
	forget_all(wiphy);
	spin_unlock(&lock);
}

static void look_at(struct tracepoint *each, void *unused)
{
	if (strcmp(each->name, COMPAT_SET_TX_POWER_POINT) == 0)
		point = each;
}

/*
 * Whether the tracepoint records what heard() takes: the radio's name, the interface's number,
 * the setting and the power; by the fields of its event, which the kernel describes itself.
 */
static bool is_known_form(const struct trace_event_fields *field)
{
	static const struct {
		const char *type;
		const char *name;
	} known[] = {
		{ "char[32]", "wiphy_name" },
		{ "u32", "id" },
		{ "enum nl80211_tx_power_setting", "type" },
		{ "int", "mbm" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++, field++)
		if (!field->type || field->type == TRACE_FUNCTION_TYPE ||
		    strcmp(field->type, known[i].type) != 0 ||
		    strcmp(field->name, known[i].name) != 0)
			return false;
	return !field->type;
}

static bool has_known_form(const struct module *mod, const struct tracepoint *tracepoint)
{
	const struct trace_event_call *event;
	unsigned int i;

	for (i = 0; i < mod->num_trace_events; i++) {
		event = mod->trace_events[i];
		if (event->flags & TRACE_EVENT_FL_TRACEPOINT && event->tp == tracepoint)
			return is_known_form(event->class->fields_array);
	}
	return false;
}

/* Called for each module that is loaded, as this is registered. */
static int look_into(struct notifier_block *block, unsigned long action, void *data)
{
	const struct tp_module *tp = data;
	unsigned int i;

	if (action != MODULE_STATE_COMING || strcmp(tp->mod->name, "cfg80211") != 0)
		return 0;
	for (i = 0; i < tp->mod->num_tracepoints; i++)
		look_at(tracepoint_ptr_deref(&tp->mod->tracepoints_ptrs[i]), NULL);
	if (point && !has_known_form(tp->mod, point)) {
		pr_info("cfg80211's %s is not in the form that is known\n", point->name);
		point = NULL;
	}
	return 0;
}

void regdom_asked_start(void)
{
	struct notifier_block block = { .notifier_call = look_into };

	if (!power_requests)
		return;
	/* cfg80211, built in or a module, neither comes nor goes while we are there */
	for_each_kernel_tracepoint(look_at, NULL);
	if (register_tracepoint_module_notifier(&block) == 0)
		unregister_tracepoint_module_notifier(&block);
	if (point && tracepoint_probe_register(point, heard, NULL))
		point = NULL;
	if (!point)
		pr_info("limits of transmit power above what a channel allows will not be known\n");
}

void regdom_asked_stop(void)
{
	if (point) {
		tracepoint_probe_unregister(point, heard, NULL);
		tracepoint_synchronize_unregister();
	}
	regdom_asked_forget(NULL);
}
