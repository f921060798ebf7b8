// SPDX-License-Identifier: GPL-2.0
#include "debugfs.h"

#include <linux/debugfs.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>

#include "audit.h"
#include "current.h"
#include "policy.h"
#include "stats.h"

static struct dentry *dir;

static const char *const cause_names[__REGDOM_AUDIT_CAUSES] = {
	[REGDOM_AUDIT_SET_DOMAIN] = "set",
	[REGDOM_AUDIT_SET_POLICY] = "policy",
	[REGDOM_AUDIT_LOAD_DB] = "load",
	[REGDOM_AUDIT_REQUEST] = "request",
	[REGDOM_AUDIT_RADIO] = "radio",
	[REGDOM_AUDIT_OVERRIDE] = "override",
	[REGDOM_AUDIT_QUARANTINE] = "quarantine",
	[REGDOM_AUDIT_STOPPED] = "stop",
	[REGDOM_AUDIT_SET_CEILING] = "ceiling",
	[REGDOM_AUDIT_LOCK] = "lock",
	[REGDOM_AUDIT_UNLOCK] = "unlock",
	[REGDOM_AUDIT_SET_ALLOWED] = "allow",
	[REGDOM_AUDIT_SET_AIR] = "air",
	[REGDOM_AUDIT_HEARD] = "heard",
	[REGDOM_AUDIT_SET_GRACE] = "grace",
	[REGDOM_AUDIT_NOTICE] = "notice",
	[REGDOM_AUDIT_SET_PLACE] = "place",
	[REGDOM_AUDIT_BEACONS] = "beacons",
	[REGDOM_AUDIT_SET_OWNERSHIP] = "ownership",
	[REGDOM_AUDIT_SET_DEVICE] = "device",
	[REGDOM_AUDIT_DENIED] = "denied",
};

static const char *or_none(const char *alpha2)
{
	return alpha2[0] ? alpha2 : "-";
}

static int db_show(struct seq_file *file, void *unused)
{
	const struct regdom_store *store;

	rtnl_lock();
	store = regdom_current_store();
	seq_printf(file, "generation %u\nsource %u\nsigned %d\nbytes %u\ncountries %u\ndomains %u\nrules %u\nserial %u\n",
		   regdom_current_generation(), store->source, store->is_signed,
		   store->size_bytes, store->db.n.countries,
		   store->db.n.domains, store->db.n.rules,
		   store->db.edition.serial);
	rtnl_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(db);

static void show_phy(struct seq_file *file, const struct regdom_phy *phy)
{
	seq_printf(file, "%s net=%u state=%u country=%s own=%s ceiling=%s heard=%s overlay=%d policy=%u locked=%d unsettled=%d awaits_hint=%d overrides=%u quarantined=%d\n",
		   wiphy_name(phy->wiphy), wiphy_net(phy->wiphy)->ns.inum,
		   phy->state, or_none(phy->alpha2), or_none(phy->own.country),
		   or_none(phy->own.ceiling), or_none(phy->own.heard), phy->overlay.on,
		   regdom_policy_of(phy),
		   phy->guard.locked, phy->unsettled, phy->awaits_hint,
		   phy->overrides, phy->quarantined);
}

static int phys_show(struct seq_file *file, void *unused)
{
	const struct regdom_phy *phy;

	rtnl_lock();
	seq_printf(file, "global country=%s ceiling=%s policy=%u locked=%d\n",
		   regdom_current_alpha2(), or_none(regdom_current_ceiling()),
		   regdom_policy_global(), regdom_guard_global()->locked);
	list_for_each_entry(phy, &regdom_phys, list)
		show_phy(file, phy);
	rtnl_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(phys);

/* What people have written is quoted: it could look like another line. */
static void show_entry(struct seq_file *file,
		       const struct regdom_audit_entry *entry)
{
	seq_printf(file, "%llu boot_ns=%llu %s phy=%s before=%s after=%s error=%d pid=%u uid=%u netns=%u ifindex=%d ifname=%s khz=%u comm=%*pE reason=%*pE\n",
		   entry->seq, entry->boot_ns, cause_names[entry->cause],
		   or_none(entry->phy), or_none(entry->before),
		   or_none(entry->after), entry->error, entry->pid, entry->uid,
		   entry->netns, entry->ifindex, or_none(entry->ifname), entry->center_khz,
		   (int)strlen(entry->comm), entry->comm,
		   (int)strlen(entry->reason), entry->reason);
}

static int audit_show(struct seq_file *file, void *unused)
{
	const struct regdom_audit_entry *entry;
	u64 seq = 1;

	rtnl_lock();
	while ((entry = regdom_audit_from(seq))) {
		show_entry(file, entry);
		seq = entry->seq + 1;
	}
	rtnl_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(audit);

static int stats_show(struct seq_file *file, void *unused)
{
	const struct regdom_stats *s = &regdom_stats;
	unsigned int i;

	rtnl_lock();
	for (i = 0; i < __REGDOM_AUDIT_CAUSES; i++)
		seq_printf(file, "%s done %llu refused %llu\n", cause_names[i],
			   s->done[i], s->refused[i]);
	seq_printf(file, "applied %llu\napply_failed %llu\npower_followed %llu\nevents_lost %llu\n",
		   s->applied, s->apply_failed, s->power_followed,
		   s->events_lost);
	rtnl_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/* Nothing depends on it, so it may fail. */
void regdom_debugfs_init(void)
{
	dir = debugfs_create_dir("regdom", NULL);
	debugfs_create_file("db", 0400, dir, NULL, &db_fops);
	debugfs_create_file("phys", 0400, dir, NULL, &phys_fops);
	debugfs_create_file("audit", 0400, dir, NULL, &audit_fops);
	debugfs_create_file("stats", 0400, dir, NULL, &stats_fops);
}

void regdom_debugfs_exit(void)
{
	debugfs_remove(dir);
}
