// SPDX-License-Identifier: GPL-2.0
/*
 * A radio with a channel below 1 GHz (903 MHz), two at 2.4 GHz and four at 5 GHz, and an
 * interface of it, station0. Its driver joins whatever network a program tells it to join
 * (`iw connect`), by itself, as one does whose firmware does the work. `width` is how wide it
 * says then that its channel is, of enum nl80211_chan_width; -1: it does not say. With
 * `second_mhz` it joins by two links (MLO), the second on that channel, as wide, or as
 * `second_width` says. With
 * `country` the network says to be there. While `slow` is set, a network is joined only when it is
 * set to no again. Its power is computed as mac80211 does it: when joining begins, and when it is
 * told to; with `deaf` it says yes to that, and goes on as before. So often as `stays` says it
 * does not leave a network when it is to.
 */
#include <linux/err.h>
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <net/cfg80211.h>

#include "regdom_interface.h"
#include "regdom_radio.h"

static int width = -1;
module_param(width, int, 0644);
MODULE_PARM_DESC(width, "How wide the driver says its channel is; -1: it does not say");

static int second_mhz;
module_param(second_mhz, int, 0444);
MODULE_PARM_DESC(second_mhz, "Where its second link is; 0: it has no links");

static int second_width = -1;
module_param(second_width, int, 0444);
MODULE_PARM_DESC(second_width, "How wide that is; -1: as the first");

static bool deaf;
module_param(deaf, bool, 0444);
MODULE_PARM_DESC(deaf, "Accept a new power, and go on with the old one");

static int stays;
module_param(stays, int, 0644);
MODULE_PARM_DESC(stays, "How often yet it does not leave");

static char *country = "";
module_param(country, charp, 0444);
MODULE_PARM_DESC(country, "Two letters, which the network says; default: nothing");

static struct ieee80211_channel channels_s1g[] = {
	{ .band = NL80211_BAND_S1GHZ, .center_freq = 903, .max_power = 30 },
};

static struct ieee80211_channel channels_2ghz[] = { CHANNEL_2GHZ(2412), CHANNEL_2GHZ(2472) };
static struct ieee80211_channel channels_5ghz[] = {
	CHANNEL_5GHZ(5180), CHANNEL_5GHZ(5200), CHANNEL_5GHZ(5220), CHANNEL_5GHZ(5240),
};

static struct ieee80211_supported_band band_s1g = {
	.band = NL80211_BAND_S1GHZ,
	.channels = channels_s1g,
	.n_channels = ARRAY_SIZE(channels_s1g),
	.s1g_cap.s1g = true,
};
static struct ieee80211_supported_band band_2ghz = BAND_2GHZ(channels_2ghz);
static struct ieee80211_supported_band band_5ghz = BAND_5GHZ(channels_5ghz);

static struct wiphy *wiphy;
static struct net_device *station;
/* Of each link, of which the first is all that there is without links. */
static struct ieee80211_channel *joined[2];	/* the wiphy's lock guards all these */
static int power_dbm, limit_dbm = INT_MAX;	/* as it transmits; what the user wants at most */
static bool joins;				/* nobody has been told yet */
static bool slow;

/* One for each channel, as cfg80211 would take the other network for this one. */
static void set_address(const struct ieee80211_channel *channel, u8 *address)
{
	eth_zero_addr(address);
	address[0] = 2;
	address[5] = channel->band;
}

/* Name and country of the network; returns their size. */
static unsigned int fill_elements(u8 *to, const struct cfg80211_connect_params *params)
{
	/* in any environment 13 channels, from 1 on, with 20 dBm */
	static const u8 says[] = { WLAN_EID_COUNTRY, 6, 'X', 'X', ' ', 1, 13, 20 };
	unsigned int bytes = 2 + params->ssid_len;

	to[0] = WLAN_EID_SSID;
	to[1] = params->ssid_len;
	memcpy(to + 2, params->ssid, params->ssid_len);
	if (strlen(country) != 2)
		return bytes;
	memcpy(to + bytes, says, sizeof(says));
	memcpy(to + bytes + 2, country, 2);
	return bytes + sizeof(says);
}

/* A network as if it had just been heard there. */
static int hear(struct ieee80211_channel *channel, const u8 *address,
		const struct cfg80211_connect_params *params)
{
	u8 elements[2 + IEEE80211_MAX_SSID_LEN + 8];
	unsigned int bytes = fill_elements(elements, params);
	struct cfg80211_bss *bss;

	bss = cfg80211_inform_bss(wiphy, channel, CFG80211_BSS_FTYPE_BEACON, address, 0,
				  WLAN_CAPABILITY_ESS, 100, elements, bytes, 0, GFP_KERNEL);
	if (!bss)
		return -ENOMEM;
	cfg80211_put_bss(wiphy, bss);
	return 0;
}

static void tell_joined(void)
{
	static const u8 of_all_links[ETH_ALEN] = { 2, 1 };
	/* too large for the stack; one at a time is here */
	static struct cfg80211_connect_resp_params response;
	u8 addresses[2][ETH_ALEN] __aligned(2);
	unsigned int link;

	memset(&response, 0, sizeof(response));
	response.status = WLAN_STATUS_SUCCESS;
	for (link = 0; link < ARRAY_SIZE(joined) && joined[link]; link++) {
		set_address(joined[link], addresses[link]);
		response.links[link].bssid = addresses[link];
		if (second_mhz) {
			response.links[link].addr = station->dev_addr;
			response.valid_links |= BIT(link);
			response.ap_mld_addr = of_all_links;
		}
	}
	joins = false;
	cfg80211_connect_done(station, &response, GFP_KERNEL);
}

static int set_slow(const char *value, const struct kernel_param *param)
{
	int ret = param_set_bool(value, param);

	if (ret || slow || !station)
		return ret;
	wiphy_lock(wiphy);
	if (joins)
		tell_joined();
	wiphy_unlock(wiphy);
	return 0;
}

static const struct kernel_param_ops slow_ops = { .set = set_slow, .get = param_get_bool };
module_param_cb(slow, &slow_ops, &slow, 0644);
MODULE_PARM_DESC(slow, "Join no network before this is set to no");

static int join(struct wiphy *unused, struct net_device *dev,
		struct cfg80211_connect_params *params)
{
	unsigned int link, n = second_mhz ? 2 : 1;
	u8 address[ETH_ALEN] __aligned(2);
	int ret;

	joined[0] = params->channel;
	joined[1] = second_mhz ? ieee80211_get_channel(wiphy, second_mhz) : NULL;
	for (link = 0; link < n; link++) {
		if (!joined[link])
			return -EINVAL;
		set_address(joined[link], address);
		ret = hear(joined[link], address, params);
		if (ret)
			return ret;
	}
	power_dbm = min(joined[0]->max_power, limit_dbm);
	joins = true;
	if (!slow)
		tell_joined();
	return 0;
}

static int leave(struct wiphy *unused, struct net_device *dev, u16 reason)
{
	if (stays) {
		stays--;
		return -EBUSY;
	}
	memset(joined, 0, sizeof(joined));
	joins = false;
	cfg80211_disconnected(dev, reason, NULL, 0, true, GFP_KERNEL);
	return 0;
}

/* Channels of 80 MHz lie side by side from 5170 MHz on; here is but one. */
#define CENTER_OF_80_MHZ 5210

static int get_channel(struct wiphy *unused, struct wireless_dev *wdev, unsigned int link,
		       struct cfg80211_chan_def *chandef)
{
	int of_link = link && second_width >= 0 ? second_width : width;

	if (link >= ARRAY_SIZE(joined) || !joined[link] || of_link < 0)
		return -ENODATA;
	cfg80211_chandef_create(chandef, joined[link], NL80211_CHAN_NO_HT);
	chandef->width = of_link;
	if (of_link == NL80211_CHAN_WIDTH_80)
		chandef->center_freq1 = CENTER_OF_80_MHZ;
	return 0;
}

static int get_power(struct wiphy *unused, struct wireless_dev *wdev, int *dbm)
{
	if (!joined[0])
		return -ENODATA;
	*dbm = power_dbm;
	return 0;
}

static int set_power(struct wiphy *unused, struct wireless_dev *wdev,
		     enum nl80211_tx_power_setting setting, int mbm)
{
	if (deaf)
		return 0;
	limit_dbm = setting == NL80211_TX_POWER_AUTOMATIC ? INT_MAX : MBM_TO_DBM(mbm);
	if (joined[0])
		power_dbm = min(joined[0]->max_power, limit_dbm);
	return 0;
}

static const struct cfg80211_ops ops = {
	.connect = join,
	.disconnect = leave,
	.get_channel = get_channel,
	.get_tx_power = get_power,
	.set_tx_power = set_power,
};

static struct wireless_dev wdev = { .iftype = NL80211_IFTYPE_STATION };

static int __init regdom_station_init(void)
{
	wiphy = wiphy_new(&ops, 0);
	if (!wiphy)
		return -ENOMEM;
	wiphy->interface_modes = BIT(NL80211_IFTYPE_STATION);
	wiphy->flags |= WIPHY_FLAG_SUPPORTS_5_10_MHZ;
	if (second_mhz)
		wiphy->flags |= WIPHY_FLAG_SUPPORTS_MLO;
	wiphy->bands[NL80211_BAND_S1GHZ] = &band_s1g;
	wiphy->bands[NL80211_BAND_2GHZ] = &band_2ghz;
	band_5ghz.ht_cap.ht_supported = true;
	band_5ghz.ht_cap.cap = IEEE80211_HT_CAP_SUP_WIDTH_20_40;
	band_5ghz.vht_cap.vht_supported = true;
	wiphy->bands[NL80211_BAND_5GHZ] = &band_5ghz;
	station = radio_register(wiphy, "station0", &wdev);
	return PTR_ERR_OR_ZERO(station);
}

static void __exit regdom_station_exit(void)
{
	radio_unregister(station);
}

module_init(regdom_station_init);
module_exit(regdom_station_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A station on narrow channels, or of two links, which may be slow to join");
