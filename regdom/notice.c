// SPDX-License-Identifier: GPL-2.0
#include "notice.h"

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/cfg80211.h>

#include "audit.h"
#include "current.h"

struct notice {
	struct list_head list;		/* of its radio */
	u32 identifier;			/* of the interface */
	unsigned long until;		/* jiffies */
	bool found;			/* in this pass */
};

static u32 grace_s;			/* RTNL */

u32 regdom_grace_s(void)
{
	ASSERT_RTNL();
	return grace_s;
}

void regdom_grace_set(u32 new_s, const char *reason)
{
	struct regdom_audit_entry entry;

	regdom_change_begin();
	regdom_audit_begin(&entry, REGDOM_AUDIT_SET_GRACE, NULL);
	entry.grace_s = new_s;
	if (reason)
		strscpy(entry.reason, reason, sizeof(entry.reason));
	regdom_audit_end(&entry);
	grace_s = new_s;
	regdom_current_changed();
	/* without grace, those that still have time have none now */
	regdom_phys_recheck();
	regdom_change_end();
}

static struct notice *find(struct list_head *notices, u32 identifier)
{
	struct notice *notice;

	list_for_each_entry(notice, notices, list)
		if (notice->identifier == identifier)
			return notice;
	return NULL;
}

static struct notice *give(struct list_head *notices, u32 identifier)
{
	struct notice *notice = kzalloc(sizeof(*notice), GFP_KERNEL);

	if (!notice)
		return NULL;
	notice->identifier = identifier;
	notice->until = jiffies + msecs_to_jiffies(grace_s * MSEC_PER_SEC);
	notice->found = true;
	list_add(&notice->list, notices);
	return notice;
}

enum regdom_notice regdom_notice_of(struct list_head *notices,
				    const struct wireless_dev *wdev)
{
	struct notice *notice = find(notices, wdev->identifier);

	ASSERT_RTNL();
	if (notice)
		notice->found = true;
	if (!grace_s)
		return REGDOM_NOTICE_OVER;
	if (!notice)
		return give(notices, wdev->identifier) ? REGDOM_NOTICE_GIVEN :
							 REGDOM_NOTICE_OVER;
	return time_before(jiffies, notice->until) ? REGDOM_NOTICE_RUNS :
						     REGDOM_NOTICE_OVER;
}

void regdom_notices_end_pass(struct list_head *notices)
{
	struct notice *notice, *next;

	ASSERT_RTNL();
	list_for_each_entry_safe(notice, next, notices, list) {
		if (!notice->found) {
			list_del(&notice->list);
			kfree(notice);
		} else {
			notice->found = false;
		}
	}
}

void regdom_notices_forget(struct list_head *notices)
{
	struct notice *notice, *next;

	list_for_each_entry_safe(notice, next, notices, list)
		kfree(notice);
	INIT_LIST_HEAD(notices);
}
