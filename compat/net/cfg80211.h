/* SPDX-License-Identifier: GPL-2.0 */
#ifndef COMPAT_NET_CFG80211_H
#define COMPAT_NET_CFG80211_H

#include_next <net/cfg80211.h>
#include <linux/version.h>

/* Until 6.6 the state of an interface had a lock of its own. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define compat_wdev_lock(wdev) mutex_lock(&(wdev)->mtx)
#define compat_wdev_unlock(wdev) mutex_unlock(&(wdev)->mtx)
#else
#define compat_wdev_lock(wdev) lockdep_assert_wiphy((wdev)->wiphy)
#define compat_wdev_unlock(wdev) do { } while (0)
#endif

/* Until 6.11 an interface looked for radar for all its links at once. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#define compat_cac_started(wdev, link) (!(link) && (wdev)->cac_started)
#define compat_cac_time_ms(wdev, link) ((wdev)->cac_time_ms)
#else
#define compat_cac_started(wdev, link) ((wdev)->links[link].cac_started)
#define compat_cac_time_ms(wdev, link) ((wdev)->links[link].cac_time_ms)
#endif

/*
 * In 6.1 a rule cannot say NO_EHT, but EHT needs HE; and who starts an access
 * point is not asked for either.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
#define NL80211_RRF_NO_EHT NL80211_RRF_NO_HE
#define compat_ap_obeys_no_he false
#else
#define compat_ap_obeys_no_he true
#endif

/* Nor had one a density, or a word on whose client a radio may be at 6 GHz. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
#define NL80211_RRF_NO_6GHZ_VLP_CLIENT 0
#define NL80211_RRF_NO_6GHZ_AFC_CLIENT 0
#define compat_rule_has_psd(rule) false
#define compat_rule_psd_dbm(rule) 0
#define compat_rule_set_psd(rule, psd_dbm) do { } while (0)
#else
#define compat_rule_has_psd(rule) ((rule)->flags & NL80211_RRF_PSD)
#define compat_rule_psd_dbm(rule) ((rule)->psd)
#define compat_rule_set_psd(rule, psd_dbm) do {		\
	(rule)->flags |= NL80211_RRF_PSD;		\
	(rule)->psd = (psd_dbm);			\
} while (0)
#endif

/* Until 6.8 a channel had no holes but those of its own access point's making. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
#define NL80211_ATTR_PUNCT_BITMAP NL80211_ATTR_UNSPEC
#define compat_chandef_set_punctured(chandef, bitmap) do { } while (0)
#else
#define compat_chandef_set_punctured(chandef, bitmap) ((chandef)->punctured = (bitmap))
#endif

/* What of a channel's flags permits, and what forbids, since then. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
#define COMPAT_CHAN_DFS_CONCURRENT 0
#define COMPAT_CHAN_ALLOW_6GHZ_VLP_AP 0
#define COMPAT_CHAN_ALLOW_20MHZ_ACTIVITY 0
#define COMPAT_RRF_DFS_CONCURRENT 0
#define COMPAT_RRF_ALLOW_6GHZ_VLP_AP 0
#define COMPAT_RRF_ALLOW_20MHZ_ACTIVITY 0
#define COMPAT_CHAN_NO_6GHZ_VLP_CLIENT 0
#define COMPAT_CHAN_NO_6GHZ_AFC_CLIENT 0
#else
#define COMPAT_CHAN_DFS_CONCURRENT IEEE80211_CHAN_DFS_CONCURRENT
#define COMPAT_CHAN_ALLOW_6GHZ_VLP_AP IEEE80211_CHAN_ALLOW_6GHZ_VLP_AP
#define COMPAT_CHAN_ALLOW_20MHZ_ACTIVITY IEEE80211_CHAN_ALLOW_20MHZ_ACTIVITY
#define COMPAT_RRF_DFS_CONCURRENT NL80211_RRF_DFS_CONCURRENT
#define COMPAT_RRF_ALLOW_6GHZ_VLP_AP NL80211_RRF_ALLOW_6GHZ_VLP_AP
#define COMPAT_RRF_ALLOW_20MHZ_ACTIVITY NL80211_RRF_ALLOW_20MHZ_ACTIVITY
#define COMPAT_CHAN_NO_6GHZ_VLP_CLIENT IEEE80211_CHAN_NO_6GHZ_VLP_CLIENT
#define COMPAT_CHAN_NO_6GHZ_AFC_CLIENT IEEE80211_CHAN_NO_6GHZ_AFC_CLIENT
#endif

#define COMPAT_CHAN_LOOSENING (COMPAT_CHAN_DFS_CONCURRENT | \
			       COMPAT_CHAN_ALLOW_6GHZ_VLP_AP | \
			       COMPAT_CHAN_ALLOW_20MHZ_ACTIVITY)

/* Nor had a channel one. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
#define COMPAT_CHAN_PSD 0
#define compat_channel_psd_dbm(channel) 0
#define compat_channel_set_psd(channel, psd_dbm) do { } while (0)
#else
#define COMPAT_CHAN_PSD IEEE80211_CHAN_PSD
#define compat_channel_psd_dbm(channel) ((channel)->psd)
#define compat_channel_set_psd(channel, psd_dbm) ((channel)->psd = (psd_dbm))
#endif

/* The tracepoint by which it passes on limits of power, in the form that asked.c expects. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define COMPAT_SET_TX_POWER_POINT "rdev_set_tx_power"
#else
#define COMPAT_SET_TX_POWER_POINT ""
#endif

/* A flag of a channel that no supported kernel has: 6.12 ends with bit 26. */
#define COMPAT_CHAN_UNUSED BIT(31)

#endif
