/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nl80211 as a program uses it: for what cfg80211 offers to programs but not
 * to modules. Its commands take generic netlink's lock and RTNL, so neither
 * may be held here, nor may a handler of generic netlink wait for who is here.
 * They are made with the privileges of the caller: a kernel thread has them.
 */
#ifndef REGDOM_NL80211_H
#define REGDOM_NL80211_H

#include <linux/ieee80211.h>
#include <linux/types.h>

struct cfg80211_chan_def;
struct ieee80211_regdomain;
struct net;
struct wiphy;

/* Finds nl80211. Returns 0, -ENOENT or another error. */
int regdom_nl80211_init(void);
/* Its number, and those of its multicast groups "regulatory" and "mlme". */
u16 regdom_nl80211_family(void);
u32 regdom_nl80211_reg_group(void);
u32 regdom_nl80211_mlme_group(void);

/* What nl80211 says of a channel; its width is of enum nl80211_chan_width. */
struct regdom_nl80211_channel {
	u32 control_khz;
	u32 width;
	u32 center1_mhz;
	u32 center1_offset_khz;
	u32 center2_mhz;		/* 0: there is none */
	u32 punctured;			/* bits of its 20 MHz channels that are not used */
};

/*
 * Of the links of an interface, by their numbers; of one without links, the first is its own.
 * control_khz 0: there is none, or nobody says.
 */
struct regdom_nl80211_channels {
	struct regdom_nl80211_channel link[IEEE80211_MLD_MAX_NUM_LINKS];
};

/*
 * The same for cfg80211. False: the radio has no such channel. Needs the wiphy lock.
 */
bool regdom_nl80211_chandef(struct wiphy *wiphy,
			    const struct regdom_nl80211_channel *channel,
			    struct cfg80211_chan_def *chandef);

/*
 * The transmit power of an interface in *mbm, 1/100 dBm EIRP, and its channels. -ENODATA: its
 * driver does not tell the power; -ENODEV: no such interface; other errors.
 */
int regdom_nl80211_get_power(struct net *net, int ifindex, s32 *mbm,
			     struct regdom_nl80211_channels *channels);
/* These alone. Returns 0, -ENODEV or another error. */
int regdom_nl80211_get_channels(struct net *net, int ifindex,
				struct regdom_nl80211_channels *channels);

/*
 * The channel of an interface. -ENODATA: it has none; -ENODEV: no such
 * interface; other errors.
 */
int regdom_nl80211_get_channel(struct net *net, int ifindex,
			       struct regdom_nl80211_channel *channel);

/*
 * Limits its power to mbm, or with REGDOM_UNLIMITED to what the channel allows, as
 * `iw dev ... set txpower limit|auto` does. Returns 0 or what nl80211 says.
 */
int regdom_nl80211_limit_power(struct net *net, int ifindex, s32 mbm);

/*
 * Says to programs that a radio has these rules now, as cfg80211 does where its driver has put
 * them there. Takes no lock. For want of memory nobody hears of it, as of cfg80211's.
 */
void regdom_nl80211_announce(struct wiphy *wiphy, const struct ieee80211_regdomain *rules);

/*
 * Requests a country for cfg80211's own global domain, as `iw reg set` does, which is
 * carried out later. Not with RTNL. Returns 0 or what nl80211 says.
 */
int regdom_nl80211_request(const char *alpha2);

#endif
