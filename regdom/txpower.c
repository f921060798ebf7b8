// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "txpower.h"

#include <linux/ieee80211.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "asked.h"
#include "domain.h"
#include "enforce.h"
#include "nl80211.h"
#include "stats.h"
#include "trace.h"

#define RETRY_MS 500
#define WAIT_MS 250
/* So many times what the user asks for is written at once, as he has asked again meanwhile. */
#define WRITES 10

struct link {
	/* its channel (0: none), and the most that it has allowed since it was looked at */
	u32 center_khz;
	s32 limit_mbm;
	/* all of it, as it was after the last change; control_khz 0: not known yet */
	struct regdom_nl80211_channel whole;
};

/* An interface that took part in a network when its radio's rules changed. */
struct iface {
	struct list_head list;
	struct regdom_phy *phy;
	u64 id;				/* ours, of no other ever */
	u32 wdev_id;			/* cfg80211's, of no other of the radio */
	bool due;			/* to be looked at */
	bool busy;			/* is being looked at, without RTNL */
	unsigned long ask_at;		/* jiffies: to be looked at then; 0: not */
	bool learned;			/* user_mbm is right */
	/* its channel (0: unknown), and what that allowed when its power was computed */
	u32 center_khz;
	s32 limit_mbm;
	s32 user_mbm;			/* REGDOM_UNLIMITED: has not asked */
	u64 asked_number;		/* of asked.h, when that was learned */
	/* of one of several links there is only this; of others the `whole` of the first */
	struct link links[IEEE80211_MLD_MAX_NUM_LINKS];
};

/* RTNL guards all of it; in the order of their ids. */
static LIST_HEAD(ifaces);
static u64 last_id;
static bool stopping;

/* Written under RTNL: the worker has something to do; who waits is told. */
static bool behind;
static DECLARE_WAIT_QUEUE_HEAD(followed);

static void follow_all(struct work_struct *work);
static DECLARE_DELAYED_WORK(follow_work, follow_all);

static struct iface *iface_new(struct regdom_phy *phy, u32 wdev_id)
{
	struct iface *iface = kzalloc(sizeof(*iface), GFP_KERNEL);

	if (!iface)
		return NULL;
	iface->phy = phy;
	iface->id = ++last_id;
	iface->wdev_id = wdev_id;
	iface->user_mbm = REGDOM_UNLIMITED;
	list_add_tail(&iface->list, &ifaces);
	return iface;
}

static void iface_free(struct iface *iface)
{
	list_del(&iface->list);
	kfree(iface);
}

static struct iface *iface_of(const struct regdom_phy *phy, u32 wdev_id)
{
	struct iface *iface;

	list_for_each_entry(iface, &ifaces, list)
		if (iface->phy == phy && iface->wdev_id == wdev_id)
			return iface;
	return NULL;
}

/* The first one after a number, or NULL. */
static struct iface *iface_after(u64 id)
{
	struct iface *iface;

	list_for_each_entry(iface, &ifaces, list)
		if (iface->id > id)
			return iface;
	return NULL;
}

static struct iface *iface_find(u64 id)
{
	struct iface *iface = iface_after(id - 1);

	return iface && iface->id == id ? iface : NULL;
}

static struct wireless_dev *wdev_of(const struct iface *iface)
{
	struct wireless_dev *wdev;

	list_for_each_entry(wdev, &iface->phy->wiphy->wdev_list, list)
		if (wdev->identifier == iface->wdev_id)
			return wdev;
	return NULL;
}

/* Of links, of which there may be several, nl80211 does not know the power: see judge_links(). */
static struct ieee80211_channel *channel_of(struct wireless_dev *wdev)
{
	struct cfg80211_chan_def chandef;

	lockdep_assert_held(&wdev->wiphy->mtx);
	if (wdev->valid_links || !regdom_iface_channel(wdev, 0, &chandef))
		return NULL;
	return chandef.chan;
}

static void note_limit(struct iface *iface,
		       const struct ieee80211_channel *channel, int max_dbm)
{
	iface->center_khz = ieee80211_channel_to_khz(channel);
	iface->limit_mbm = DBM_TO_MBM(max_dbm);
}

/* Of another channel than known it is what the channel allows, or has until now. */
static void note_channel(struct iface *iface,
			 const struct ieee80211_channel *channel, int max_dbm)
{
	if (iface->center_khz != ieee80211_channel_to_khz(channel))
		note_limit(iface, channel, max_dbm);
}

/* In overlay, cfg80211 has changed the channel before we hear of it. */
static int dbm_until_now(const struct regdom_phy *phy,
			 const struct ieee80211_channel *channel)
{
	return phy->overlay.on ? regdom_baseline_dbm(&phy->overlay.baseline, channel) :
				 channel->max_power;
}

/*
 * The power may be what the channel allowed when it was looked at, or before any of several
 * changes since: a driver may have changed that before us, too.
 */
static void note_link(struct link *link, const struct ieee80211_channel *channel, int max_dbm)
{
	u32 center_khz = ieee80211_channel_to_khz(channel);

	if (link->center_khz != center_khz || link->limit_mbm < DBM_TO_MBM(max_dbm))
		*link = (struct link){ center_khz, DBM_TO_MBM(max_dbm) };
}

static int note_links(struct regdom_phy *phy, struct wireless_dev *wdev)
{
	struct iface *iface = iface_of(phy, wdev->identifier) ?:
			      iface_new(phy, wdev->identifier);
	struct cfg80211_chan_def chandef;
	unsigned int i;

	if (!iface)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(iface->links); i++) {
		iface->links[i].whole = (struct regdom_nl80211_channel){ };
		if (regdom_iface_channel(wdev, i, &chandef))
			note_link(&iface->links[i], chandef.chan,
				  dbm_until_now(phy, chandef.chan));
		else
			iface->links[i].center_khz = 0;
	}
	iface->center_khz = 0;
	iface->due = true;
	return 0;
}

/* It has left it, or all of them: if it is there again, that is another network. */
static void forget_channel(struct iface *iface)
{
	iface->center_khz = 0;
	memset(iface->links, 0, sizeof(iface->links));
}

/*
 * What is known of an interface that stays on its channel was right after our
 * last change, and is better than what the channel allows now: a driver may
 * have changed that, and the power has not followed.
 */
static int note(struct regdom_phy *phy, struct wireless_dev *wdev)
{
	const struct ieee80211_channel *channel = channel_of(wdev);
	struct iface *iface = iface_of(phy, wdev->identifier);

	if (iface)
		memset(iface->links, 0, sizeof(iface->links));
	if (!channel) {
		if (iface)
			forget_channel(iface);
		return 0;
	}
	if (!iface)
		iface = iface_new(phy, wdev->identifier);
	if (!iface)
		return -ENOMEM;
	note_channel(iface, channel, dbm_until_now(phy, channel));
	/* where an earlier change is not followed yet, that has to learn */
	if (!iface->due && !iface->busy)
		iface->learned = false;
	iface->due = true;
	return 0;
}

int regdom_txpower_note(struct regdom_phy *phy)
{
	struct wireless_dev *wdev;
	int ret = 0;

	ASSERT_RTNL();
	list_for_each_entry(wdev, &phy->wiphy->wdev_list, list) {
		ret = wdev->valid_links ? note_links(phy, wdev) : note(phy, wdev);
		if (ret)
			break;
	}
	return ret;
}

/* What the channel allows now is what the next change is compared with. */
static void keep_link(struct link *link, const struct ieee80211_channel *channel)
{
	u32 center_khz = ieee80211_channel_to_khz(channel);

	if (link->center_khz != center_khz)
		*link = (struct link){ .center_khz = center_khz };
	link->limit_mbm = DBM_TO_MBM(channel->max_power);
}

/* How wide they are is to be found out; they have the power that they have. */
static void meet_links(struct regdom_phy *phy, struct wireless_dev *wdev)
{
	struct iface *iface = iface_of(phy, wdev->identifier) ?:
			      iface_new(phy, wdev->identifier);
	struct cfg80211_chan_def chandef;
	unsigned int i;

	/* for want of memory they are met at the next look */
	for (i = 0; iface && i < ARRAY_SIZE(iface->links); i++) {
		if (!regdom_iface_channel(wdev, i, &chandef) ||
		    iface->links[i].center_khz == ieee80211_channel_to_khz(chandef.chan))
			continue;
		keep_link(&iface->links[i], chandef.chan);
		iface->due = true;
		regdom_txpower_follow();
	}
}

void regdom_txpower_meet(struct regdom_phy *phy, struct wireless_dev *wdev)
{
	const struct ieee80211_channel *channel = channel_of(wdev);
	struct iface *iface = iface_of(phy, wdev->identifier);

	ASSERT_RTNL();
	if (wdev->valid_links)
		meet_links(phy, wdev);
	if (!channel || (iface && iface->center_khz == ieee80211_channel_to_khz(channel)))
		return;
	/* for want of memory it is met at the next look */
	if (!iface)
		iface = iface_new(phy, wdev->identifier);
	if (!iface)
		return;
	forget_channel(iface);
	/* with that, less than it allows now is what the user wants, and is left alone */
	note_limit(iface, channel, channel->max_power);
	if (!iface->busy)
		iface->learned = false;
	iface->due = true;
	regdom_txpower_follow();
}

void regdom_txpower_forget(struct regdom_phy *phy)
{
	struct iface *iface, *next;

	ASSERT_RTNL();
	list_for_each_entry_safe(iface, next, &ifaces, list)
		if (iface->phy == phy)
			iface_free(iface);
}

/* What the worker knows of an interface while it does not hold RTNL. */
struct subject {
	u64 id;
	struct net *net;		/* held */
	int ifindex;
	bool has_links;			/* only their width is asked about */
	u32 center_khz;			/* its channel */
	s32 limit_mbm;			/* what that allows */
	u64 asked_number;		/* of asked.h: later ones are not in what we know */
	struct regdom_nl80211_channels whole;
};

/* The channel of the first link that allows less than it did, or 0. */
static u32 find_lowered(struct iface *iface, struct wireless_dev *wdev)
{
	struct cfg80211_chan_def chandef;
	u32 center_khz;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(iface->links); i++) {
		if (!regdom_iface_channel(wdev, i, &chandef))
			continue;
		center_khz = ieee80211_channel_to_khz(chandef.chan);
		if (center_khz == iface->links[i].center_khz &&
		    DBM_TO_MBM(chandef.chan->max_power) < iface->links[i].limit_mbm)
			return center_khz;
	}
	return 0;
}

static void keep_links(struct iface *iface, struct wireless_dev *wdev)
{
	struct cfg80211_chan_def chandef;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(iface->links); i++)
		if (regdom_iface_channel(wdev, i, &chandef))
			keep_link(&iface->links[i], chandef.chan);
		else
			iface->links[i] = (struct link){ };
}

/*
 * nl80211 (6.12) tells no link's power, so that nobody sees whether it follows. An interface
 * with one that may have too much is stopped, once: it starts anew with what is allowed then.
 * Returns false then.
 */
static bool judge_links(struct iface *iface, struct wireless_dev *wdev)
{
	u32 center_khz = iface->phy->state == REGDOM_PHY_MANAGED ? find_lowered(iface, wdev) : 0;

	if (center_khz) {
		pr_warn("%s: a link's channel allows less transmit power than before: stopped\n",
			wdev->netdev->name);
		regdom_iface_stop(iface->phy, wdev, REGDOM_STOP_POWER, center_khz);
		/* without memory cfg80211 has not queued it, and if nothing else is, we see that */
		iface->due = list_empty(&wdev->event_list);
	}
	if (!center_khz)
		keep_links(iface, wdev);
	return !center_khz;
}

static bool begin_channel(struct iface *iface, struct wireless_dev *wdev,
			  struct subject *subject)
{
	struct ieee80211_channel *channel = channel_of(wdev);

	if (!channel) {
		forget_channel(iface);
		return false;
	}
	note_channel(iface, channel, channel->max_power);
	subject->center_khz = ieee80211_channel_to_khz(channel);
	subject->limit_mbm = DBM_TO_MBM(channel->max_power);
	return true;
}

static bool is_time_to_ask(const struct iface *iface)
{
	return iface->ask_at && time_after_eq(jiffies, iface->ask_at);
}

/* Returns false where there is nothing to do for it. Needs RTNL. */
static bool begin(struct iface *iface, struct wireless_dev *wdev,
		  struct subject *subject)
{
	struct wiphy *wiphy = iface->phy->wiphy;
	bool asks;

	iface->due = false;
	if (is_time_to_ask(iface))
		iface->ask_at = 0;
	wiphy_lock(wiphy);
	subject->has_links = wdev->valid_links;
	if (subject->has_links)
		asks = judge_links(iface, wdev) && regdom_iface_is_station(wdev);
	else
		asks = begin_channel(iface, wdev, subject);
	wiphy_unlock(wiphy);
	if (!asks)
		return false;
	/* of a namespace that is ending, cfg80211 takes the interface away */
	subject->net = maybe_get_net(dev_net(wdev->netdev));
	if (!subject->net)
		return false;
	subject->ifindex = wdev->netdev->ifindex;
	iface->busy = true;
	return true;
}

/* The next one that is due; those that do not exist any more are freed. */
static bool next_subject(struct subject *subject)
{
	struct wireless_dev *wdev;
	struct iface *iface;
	bool found = false;

	rtnl_lock();
	while (!found) {
		iface = iface_after(subject->id);
		if (!iface)
			break;
		subject->id = iface->id;
		wdev = wdev_of(iface);
		if (!wdev)
			iface_free(iface);
		else if (iface->due || is_time_to_ask(iface))
			found = begin(iface, wdev, subject);
	}
	rtnl_unlock();
	return found;
}

/*
 * Less than the channel allowed is what the user has asked for. As much as it
 * allowed says little: the user may have asked for more, as has been heard or is known from
 * a channel that allowed it, or for nothing.
 */
static void learn_user(struct iface *iface, s32 mbm)
{
	s32 asked_mbm;

	if (mbm < iface->limit_mbm) {
		iface->user_mbm = mbm;
		return;
	}
	/* also less, which has come since the power was read */
	if (regdom_asked_for(iface->phy->wiphy, iface->wdev_id, &asked_mbm))
		iface->user_mbm = asked_mbm;
	else if (iface->user_mbm < iface->limit_mbm)
		iface->user_mbm = REGDOM_UNLIMITED;
}

static void learn_of(struct iface *iface, const struct subject *subject, s32 mbm)
{
	if (!iface->learned)
		learn_user(iface, mbm);
	else
		regdom_asked_since(iface->asked_number, iface->phy->wiphy, iface->wdev_id,
				   &iface->user_mbm);
	iface->learned = true;
	iface->asked_number = subject->asked_number;
}

/*
 * Sets *user_mbm to what the user has asked for. Returns 0 or -EAGAIN: it has another channel
 * than when it was looked at, of which the power says nothing.
 */
static int learn(const struct subject *subject, s32 mbm, s32 *user_mbm)
{
	struct iface *iface;
	int ret = 0;

	*user_mbm = REGDOM_UNLIMITED;
	rtnl_lock();
	iface = iface_find(subject->id);
	if (iface && iface->center_khz != subject->center_khz) {
		ret = -EAGAIN;
	} else if (iface) {
		learn_of(iface, subject, mbm);
		*user_mbm = iface->user_mbm;
	}
	rtnl_unlock();
	return ret;
}

static bool obeys(struct iface *iface, s32 mbm)
{
	struct wireless_dev *wdev = wdev_of(iface);
	struct ieee80211_channel *channel = wdev ? channel_of(wdev) : NULL;

	if (!channel || iface->phy->state != REGDOM_PHY_MANAGED)
		return true;
	if (mbm <= DBM_TO_MBM(channel->max_power)) {
		note_limit(iface, channel, channel->max_power);
		return true;
	}
	pr_warn("%s: has more transmit power than its channel allows: stopped\n",
		wdev->netdev->name);
	regdom_iface_stop(iface->phy, wdev, REGDOM_STOP_POWER, ieee80211_channel_to_khz(channel));
	return false;
}

/* What may have another outcome the next time. */
static bool is_passing(int error)
{
	return error == -ENOMEM || error == -ENOBUFS || error == -EAGAIN ||
	       error == -EBADMSG;
}

/* Whether the user has asked since we looked; then for that. */
static bool asks_again(struct subject *subject, s32 *user_mbm)
{
	u64 number = subject->asked_number;
	struct iface *iface;
	bool again;

	rtnl_lock();
	subject->asked_number = regdom_asked_number();
	iface = iface_find(subject->id);
	again = iface && regdom_asked_since(number, iface->phy->wiphy, iface->wdev_id, user_mbm);
	if (again) {
		iface->user_mbm = *user_mbm;
		iface->asked_number = subject->asked_number;
	}
	rtnl_unlock();
	return again;
}

/*
 * No lock keeps the user from asking before our write, which would undo his: then what he has
 * asked for is written, too.
 */
static int write_limit(struct subject *subject, s32 user_mbm)
{
	unsigned int writes = 0;
	int ret;

	do {
		if (writes++ == WRITES)
			return -EAGAIN;
		ret = regdom_nl80211_limit_power(subject->net, subject->ifindex, user_mbm);
	} while (!is_passing(ret) && asks_again(subject, &user_mbm));
	return ret;
}

/*
 * Has the power computed anew, unless it is right. Returns it in *mbm, or an
 * errno. A driver that does not tell its power is left alone; one that refuses
 * to be told is judged by the power it has. Of links only the channels are found out.
 */
static int follow(struct subject *subject, s32 *mbm)
{
	s32 user_mbm;
	int ret;

	if (subject->has_links)
		return regdom_nl80211_get_channels(subject->net, subject->ifindex,
						   &subject->whole);
	subject->asked_number = regdom_asked_number();
	ret = regdom_nl80211_get_power(subject->net, subject->ifindex, mbm, &subject->whole);
	if (!ret)
		ret = learn(subject, *mbm, &user_mbm);
	if (ret)
		return ret;
	if (*mbm == min(user_mbm, subject->limit_mbm))
		return 0;
	ret = write_limit(subject, user_mbm);
	if (is_passing(ret))
		return ret;
	return regdom_nl80211_get_power(subject->net, subject->ifindex, mbm,
					&subject->whole);
}

/* Stopping takes a moment, so that is looked at again. */
static bool judge(struct iface *iface, const struct subject *subject, int error, s32 mbm)
{
	struct wiphy *wiphy = iface->phy->wiphy;
	bool settled;

	/* of links there is no power to judge */
	if (error || subject->has_links)
		return !is_passing(error);
	wiphy_lock(wiphy);
	settled = obeys(iface, mbm);
	wiphy_unlock(wiphy);
	return settled;
}

/* The channels are known now, or are others: one that is forbidden is left. */
static void learn_channels(struct iface *iface, const struct subject *subject)
{
	struct wireless_dev *wdev = wdev_of(iface);
	bool differs = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(iface->links); i++) {
		differs |= memcmp(&iface->links[i].whole, &subject->whole.link[i],
				  sizeof(iface->links[i].whole)) != 0;
		iface->links[i].whole = subject->whole.link[i];
	}
	if (differs && wdev && regdom_enforce_width(iface->phy, wdev))
		regdom_phys_recheck();
}

static void count(const struct subject *subject, int error, s32 mbm)
{
	if (subject->has_links)
		return;
	trace_regdom_power(subject->ifindex, subject->limit_mbm, mbm, error);
	regdom_stats.power_followed++;
}

/* Ends what begin() began. */
static void end(const struct subject *subject, int error, s32 mbm)
{
	struct iface *iface;

	rtnl_lock();
	count(subject, error, mbm);
	iface = iface_find(subject->id);
	if (iface)
		iface->busy = false;
	/* a change has come meanwhile: its own run will see */
	if (iface && !iface->due) {
		iface->due = !judge(iface, subject, error, mbm);
		if (!iface->due)
			learn_channels(iface, subject);
	}
	rtnl_unlock();
	put_net(subject->net);
}

/*
 * One may not be settled, or a change have come since the last was looked at. Returns whether
 * there is anything to be looked at later.
 */
static bool look_whether_behind(void)
{
	bool any = false, asks = false;
	struct iface *iface;

	ASSERT_RTNL();
	list_for_each_entry(iface, &ifaces, list) {
		any |= iface->due || iface->busy;
		asks |= iface->ask_at;
	}
	WRITE_ONCE(behind, any);
	if (!any)
		wake_up_all(&followed);
	return any || asks;
}

static void follow_all(struct work_struct *work)
{
	struct subject subject = { };
	s32 mbm = 0;
	int ret;

	while (next_subject(&subject)) {
		ret = follow(&subject, &mbm);
		end(&subject, ret, mbm);
	}
	rtnl_lock();
	if (look_whether_behind() && !stopping)
		queue_delayed_work(system_unbound_wq, &follow_work,
				   msecs_to_jiffies(RETRY_MS));
	rtnl_unlock();
}

void regdom_txpower_follow(void)
{
	ASSERT_RTNL();
	if (list_empty(&ifaces))
		return;
	WRITE_ONCE(behind, true);
	mod_delayed_work(system_unbound_wq, &follow_work, 0);
}

void regdom_txpower_widen(struct wireless_dev *wdev, unsigned int link,
			  struct cfg80211_chan_def *chandef)
{
	struct cfg80211_chan_def whole;
	const struct iface *iface;

	ASSERT_RTNL();
	list_for_each_entry(iface, &ifaces, list)
		if (iface->phy->wiphy == wdev->wiphy && iface->wdev_id == wdev->identifier &&
		    regdom_nl80211_chandef(wdev->wiphy, &iface->links[link].whole, &whole) &&
		    whole.chan == chandef->chan)
			*chandef = whole;
}

void regdom_txpower_ask(struct wireless_dev *wdev)
{
	struct iface *iface;

	ASSERT_RTNL();
	list_for_each_entry(iface, &ifaces, list)
		if (iface->phy->wiphy == wdev->wiphy && iface->wdev_id == wdev->identifier) {
			iface->due = true;
			regdom_txpower_follow();
		}
}

/*
 * Stopping takes a moment, and may fail: whoever is there later is asked about anew, as he who
 * did not leave, or has come back.
 */
void regdom_txpower_stopped(struct wireless_dev *wdev)
{
	struct iface *iface;

	ASSERT_RTNL();
	lockdep_assert_held(&wdev->wiphy->mtx);
	list_for_each_entry(iface, &ifaces, list)
		if (iface->phy->wiphy == wdev->wiphy && iface->wdev_id == wdev->identifier) {
			/* without memory cfg80211 has not queued it: what it has is judged again */
			if (!list_empty(&wdev->event_list))
				forget_channel(iface);
			/* what is just being found out is of the one that it leaves */
			iface->due |= iface->busy;
			/* 0 would be never */
			iface->ask_at = (jiffies + msecs_to_jiffies(RETRY_MS)) | 1;
			if (!stopping)
				queue_delayed_work(system_unbound_wq, &follow_work,
						   msecs_to_jiffies(RETRY_MS) + 1);
		}
}

/*
 * The time is bounded, as the worker's requests may wait for a lock that the
 * caller holds: see docs/locking-regdom.md.
 */
bool regdom_txpower_wait(void)
{
	return wait_event_killable_timeout(followed, !READ_ONCE(behind),
					   msecs_to_jiffies(WAIT_MS)) > 0;
}

void regdom_txpower_stop(void)
{
	rtnl_lock();
	stopping = true;
	regdom_txpower_follow();
	rtnl_unlock();
	flush_delayed_work(&follow_work);
}
