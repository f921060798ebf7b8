// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "audit.h"

#include <linux/cred.h>
#include <linux/nsproxy.h>
#include <linux/ratelimit.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "current.h"
#include "event.h"
#include "notice.h"
#include "stats.h"
#include "trace.h"

#define LOG_INTERVAL_S	60
#define LOG_BURST	10

/* RTNL. The entry with number seq is at seq modulo their count. */
static struct regdom_audit_entry *ring;
static u64 last_seq;
static unsigned int denied;		/* entries of REGDOM_AUDIT_DENIED */
struct regdom_stats regdom_stats;

static void set_actor(struct regdom_audit_entry *entry)
{
	if (current->flags & PF_KTHREAD)
		return;
	entry->pid = task_tgid_nr(current);
	entry->uid = from_kuid(&init_user_ns, current_uid());
	/* one that is ending has none any more */
	if (current->nsproxy)
		entry->netns = current->nsproxy->net_ns->ns.inum;
	get_task_comm(entry->comm, current);
}

void regdom_audit_begin(struct regdom_audit_entry *entry,
			enum regdom_audit_cause cause,
			const struct regdom_phy *phy)
{
	ASSERT_RTNL();
	*entry = (struct regdom_audit_entry){
		.cause = cause, .policy = -1, .place = -1, .ownership = -1,
	};
	set_actor(entry);
	if (phy)
		strscpy(entry->phy, wiphy_name(phy->wiphy), sizeof(entry->phy));
	strscpy(entry->before, phy ? phy->alpha2 : regdom_current_alpha2(),
		sizeof(entry->before));
	strscpy(entry->after, entry->before, sizeof(entry->after));
}

void regdom_audit_no_radio(struct regdom_audit_entry *entry, const char *name)
{
	strscpy(entry->phy, name, sizeof(entry->phy));
	entry->before[0] = 0;
	entry->after[0] = 0;
}

static void put(const struct regdom_audit_entry *entry)
{
	struct regdom_audit_entry *place = &ring[entry->seq % REGDOM_AUDIT_ENTRIES];

	denied -= place->cause == REGDOM_AUDIT_DENIED;
	denied += entry->cause == REGDOM_AUDIT_DENIED;
	*place = *entry;
}

void regdom_audit_end(struct regdom_audit_entry *entry)
{
	ASSERT_RTNL();
	entry->seq = ++last_seq;
	entry->boot_ns = ktime_get_boottime_ns();
	entry->wall_ns = ktime_get_real_ns();
	put(entry);
	if (entry->error)
		regdom_stats.refused[entry->cause]++;
	else
		regdom_stats.done[entry->cause]++;
	trace_regdom_decision(entry);
	regdom_event_audited(entry);
}

/* Where the record has as many as it keeps, the kernel's log has the newest, some at a time. */
static void log_denied(const char *command)
{
	static DEFINE_RATELIMIT_STATE(rate, LOG_INTERVAL_S * HZ, LOG_BURST);

	if (__ratelimit(&rate))
		pr_notice("%s without the privilege by %s (process %d, user %u)\n", command,
			  current->comm, task_tgid_nr(current),
			  from_kuid(&init_user_ns, current_uid()));
}

void regdom_audit_denied(const char *command)
{
	struct regdom_audit_entry entry;

	rtnl_lock();
	if (denied < REGDOM_AUDIT_DENIED_MAX) {
		regdom_audit_begin(&entry, REGDOM_AUDIT_DENIED, NULL);
		entry.before[0] = 0;
		entry.after[0] = 0;
		strscpy(entry.reason, command, sizeof(entry.reason));
		entry.error = -EPERM;
		regdom_audit_end(&entry);
	} else {
		regdom_stats.refused[REGDOM_AUDIT_DENIED]++;
		log_denied(command);
	}
	rtnl_unlock();
}

static void set_iface(struct regdom_audit_entry *entry, const struct net_device *dev)
{
	entry->ifindex = dev->ifindex;
	strscpy(entry->ifname, dev->name, sizeof(entry->ifname));
}

void regdom_audit_stopped(const struct regdom_phy *phy, const struct net_device *dev,
			  enum regdom_stop_reason reason, u32 center_khz)
{
	struct regdom_audit_entry entry;

	regdom_audit_begin(&entry, REGDOM_AUDIT_STOPPED, phy);
	set_iface(&entry, dev);
	entry.stop_reason = reason;
	entry.center_khz = center_khz;
	regdom_audit_end(&entry);
}

void regdom_audit_noticed(const struct regdom_phy *phy, const struct net_device *dev,
			  u32 center_khz)
{
	struct regdom_audit_entry entry;

	regdom_audit_begin(&entry, REGDOM_AUDIT_NOTICE, phy);
	set_iface(&entry, dev);
	entry.stop_reason = REGDOM_STOP_CHANNEL;
	entry.center_khz = center_khz;
	entry.grace_s = regdom_grace_s();
	regdom_audit_end(&entry);
}

const struct regdom_audit_entry *regdom_audit_from(u64 seq)
{
	u64 oldest = last_seq < REGDOM_AUDIT_ENTRIES ?
		     1 : last_seq - REGDOM_AUDIT_ENTRIES + 1;

	ASSERT_RTNL();
	seq = max(seq, oldest);
	return seq <= last_seq ? &ring[seq % REGDOM_AUDIT_ENTRIES] : NULL;
}

int regdom_audit_init(void)
{
	ring = kvcalloc(REGDOM_AUDIT_ENTRIES, sizeof(*ring), GFP_KERNEL);
	return ring ? 0 : -ENOMEM;
}

void regdom_audit_exit(void)
{
	kvfree(ring);
}
