// SPDX-License-Identifier: GPL-2.0
#include "message.h"

#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "current.h"
#include "intersect.h"
#include "policy.h"

int regdom_put_generation(struct sk_buff *skb)
{
	return nla_put_u32(skb, REGDOM_ATTR_GENERATION,
			   regdom_current_generation());
}

int regdom_put_domain(struct sk_buff *skb, const char *alpha2,
		      const struct regdom_domain *domain)
{
	char text[3] = { alpha2[0], alpha2[1] };

	return nla_put_string(skb, REGDOM_ATTR_ALPHA2, text) ?:
	       nla_put_u8(skb, REGDOM_ATTR_DFS_REGION, domain->dfs_region);
}

int regdom_put_unless(struct sk_buff *skb, int type, s32 value, s32 usual)
{
	return value == usual ? 0 : nla_put_s32(skb, type, value);
}

int regdom_put_u8_unless_0(struct sk_buff *skb, int type, u8 value)
{
	return value ? nla_put_u8(skb, type, value) : 0;
}

static int put_limits(struct sk_buff *skb, const struct regdom_limits *limits)
{
	return regdom_put_unless(skb, REGDOM_ATTR_RULE_PTP_EIRP_MBM,
			  limits->max_eirp_ptp_mbm, REGDOM_UNLIMITED) ?:
	       regdom_put_unless(skb, REGDOM_ATTR_RULE_CONDUCTED_MBM,
			  limits->max_conducted_mbm, REGDOM_UNLIMITED) ?:
	       regdom_put_unless(skb, REGDOM_ATTR_RULE_GAIN_MBI,
			  limits->max_gain_mbi, REGDOM_UNLIMITED) ?:
	       regdom_put_unless(skb, REGDOM_ATTR_RULE_PSD_MBM, limits->max_psd_mbm,
			  REGDOM_UNLIMITED) ?:
	       regdom_put_unless(skb, REGDOM_ATTR_RULE_NOP_MS, limits->nop_ms, 0) ?:
	       regdom_put_unless(skb, REGDOM_ATTR_RULE_DUTY_PERMYRIAD,
			  limits->max_duty_permyriad, REGDOM_DUTY_ALWAYS) ?:
	       regdom_put_u8_unless_0(skb, REGDOM_ATTR_RULE_CLASSES,
			       limits->classes) ?:
	       regdom_put_u8_unless_0(skb, REGDOM_ATTR_RULE_DFS_REGIONS,
			       limits->dfs_regions) ?:
	       (limits->law ? nla_put_string(skb, REGDOM_ATTR_RULE_LAW,
					     limits->law) : 0);
}

static int put_wmm_acs(struct sk_buff *skb, int type, const struct regdom_wmm_ac *acs)
{
	u32 limits[__REGDOM_WMM_CATEGORIES][__REGDOM_WMM_LIMITS];
	unsigned int ac;

	BUILD_BUG_ON(__REGDOM_WMM_CATEGORIES != REGDOM_WMM_ACS);
	for (ac = 0; ac < REGDOM_WMM_ACS; ac++) {
		limits[ac][REGDOM_WMM_CW_MIN] = acs[ac].cw_min;
		limits[ac][REGDOM_WMM_CW_MAX] = acs[ac].cw_max;
		limits[ac][REGDOM_WMM_AIFSN] = acs[ac].aifsn;
		limits[ac][REGDOM_WMM_COT_US] = acs[ac].cot_us;
	}
	return nla_put(skb, type, sizeof(limits), limits);
}

static int put_wmm(struct sk_buff *skb, const struct regdom_wmm *wmm)
{
	return nla_put_flag(skb, REGDOM_ATTR_RULE_WMM) ?:
	       put_wmm_acs(skb, REGDOM_ATTR_RULE_WMM_CLIENT, wmm->client) ?:
	       put_wmm_acs(skb, REGDOM_ATTR_RULE_WMM_AP, wmm->ap);
}

int regdom_put_rule(struct sk_buff *skb, const struct regdom_rule *rule)
{
	return nla_put_u32(skb, REGDOM_ATTR_RULE_START_KHZ, rule->start_khz) ?:
	       nla_put_u32(skb, REGDOM_ATTR_RULE_END_KHZ, rule->end_khz) ?:
	       nla_put_u32(skb, REGDOM_ATTR_RULE_MAX_BW_KHZ,
			   rule->max_bw_khz) ?:
	       nla_put_s32(skb, REGDOM_ATTR_RULE_MAX_EIRP_MBM,
			   rule->max_eirp_mbm) ?:
	       nla_put_u32(skb, REGDOM_ATTR_RULE_FLAGS, rule->flags) ?:
	       nla_put_u32(skb, REGDOM_ATTR_RULE_CAC_MS, rule->cac_ms) ?:
	       (rule->wmm ? put_wmm(skb, rule->wmm) : 0) ?:
	       put_limits(skb, rule->limits);
}

/* Inputs, by their bits, as layers. */
static u16 layers_of(const struct regdom_effective *effective, u8 inputs)
{
	unsigned int i;
	u16 layers = 0;

	for (i = 0; i < effective->n_inputs; i++)
		if (inputs & 1u << i)
			layers |= 1u << effective->inputs[i].layer;
	return layers;
}

static int put_masks(struct sk_buff *skb, int type, const struct regdom_effective *effective,
		     const u8 *inputs, unsigned int n)
{
	struct nlattr *attr = nla_reserve(skb, type, n * sizeof(u16));
	unsigned int i;
	u16 *masks;

	if (!attr)
		return -EMSGSIZE;
	masks = nla_data(attr);
	for (i = 0; i < n; i++)
		masks[i] = layers_of(effective, inputs[i]);
	return 0;
}

int regdom_put_layers(struct sk_buff *skb, const struct regdom_effective *effective,
		      unsigned int n)
{
	const struct regdom_bounds *bounds = regdom_effective_bounds(effective, n);

	if (!bounds)
		return 0;
	return put_masks(skb, REGDOM_ATTR_RULE_LIMIT_LAYERS, effective, bounds->limits,
			 ARRAY_SIZE(bounds->limits)) ?:
	       put_masks(skb, REGDOM_ATTR_RULE_FLAG_LAYERS, effective, bounds->flags,
			 ARRAY_SIZE(bounds->flags));
}

static int put_edition(struct sk_buff *skb, const struct regdom_edition *edition)
{
	return regdom_put_unless(skb, REGDOM_ATTR_DB_SERIAL, edition->serial, 0) ?:
	       regdom_put_unless(skb, REGDOM_ATTR_DB_ISSUED_DAY,
				 edition->issued_day, 0) ?:
	       regdom_put_unless(skb, REGDOM_ATTR_DB_EXPIRES_DAY,
				 edition->expires_day, 0) ?:
	       (edition->issuer ? nla_put_string(skb, REGDOM_ATTR_DB_ISSUER,
						 edition->issuer) : 0);
}

int regdom_put_db(struct sk_buff *skb, const struct regdom_store *store)
{
	const struct regdom_db_counts *n = &store->db.n;

	return nla_put_u8(skb, REGDOM_ATTR_DB_SOURCE, store->source) ?:
	       (store->is_signed ?
		nla_put_flag(skb, REGDOM_ATTR_DB_SIGNED) : 0) ?:
	       nla_put_u32(skb, REGDOM_ATTR_DB_BYTES, store->size_bytes) ?:
	       nla_put_u32(skb, REGDOM_ATTR_DB_COUNTRIES, n->countries) ?:
	       nla_put_u32(skb, REGDOM_ATTR_DB_DOMAINS, n->domains) ?:
	       nla_put_u32(skb, REGDOM_ATTR_DB_RULES, n->rules) ?:
	       put_edition(skb, &store->db.edition);
}

int regdom_put_fault(struct sk_buff *skb, const struct regdom_fault *fault)
{
	int ret = nla_put_u32(skb, REGDOM_ATTR_LOAD_ERROR, -fault->error);

	if (ret || !fault->error)
		return ret;
	return nla_put_u32(skb, REGDOM_ATTR_LOAD_OFFSET, fault->offset) ?:
	       (fault->why ? nla_put_string(skb, REGDOM_ATTR_LOAD_WHY,
					    fault->why) : 0);
}

/* Strings that are empty where there is nothing to say. */
static int put_text(struct sk_buff *skb, int type, const char *text)
{
	return text[0] ? nla_put_string(skb, type, text) : 0;
}

static int put_ceiling(struct sk_buff *skb, const char *alpha2)
{
	return put_text(skb, REGDOM_ATTR_CEILING, alpha2);
}

static int put_place(struct sk_buff *skb, enum regdom_place place)
{
	return regdom_put_u8_unless_0(skb, REGDOM_ATTR_PLACE, place);
}

/* As far as it is said. */
static int put_said_device(struct sk_buff *skb, const struct regdom_device *device)
{
	return regdom_put_u8_unless_0(skb, REGDOM_ATTR_CLASS, device->device_class) ?:
	       regdom_put_unless(skb, REGDOM_ATTR_GAIN_MBI, device->gain_mbi, 0) ?:
	       (device->has_link ?
		nla_put_u8(skb, REGDOM_ATTR_LINK, device->link) : 0);
}

int regdom_put_global(struct sk_buff *skb)
{
	return regdom_put_domain(skb, regdom_current_alpha2(),
				 regdom_current_global()->domain) ?:
	       put_ceiling(skb, regdom_current_ceiling()) ?:
	       put_place(skb, regdom_current_place()) ?:
	       put_said_device(skb, regdom_current_device());
}

int regdom_put_guard(struct sk_buff *skb, const struct regdom_guard *guard)
{
	size_t bytes = regdom_guard_list_bytes(guard);
	struct nlattr *attr;
	char *text;

	if (nla_put_u8(skb, REGDOM_ATTR_LOCK, guard->locked))
		return -EMSGSIZE;
	if (!guard->listed)
		return 0;
	attr = nla_reserve(skb, REGDOM_ATTR_COUNTRIES, bytes + 1);
	if (!attr)
		return -EMSGSIZE;
	text = nla_data(attr);
	regdom_guard_list(guard, text);
	text[bytes] = 0;
	return 0;
}

int regdom_put_phy(struct sk_buff *skb, const struct regdom_phy *phy)
{
	int ret;

	ret = nla_put_string(skb, REGDOM_ATTR_PHY, wiphy_name(phy->wiphy)) ?:
	      nla_put_u8(skb, REGDOM_ATTR_PHY_STATE,
			 phy->quarantined ? REGDOM_PHY_QUARANTINED : phy->state);
	if (ret || phy->state != REGDOM_PHY_MANAGED || !phy->domain)
		return ret;
	return regdom_put_domain(skb, phy->alpha2, phy->domain) ?:
	       (phy->own.country[0] ? nla_put_flag(skb, REGDOM_ATTR_PHY_OWN) : 0) ?:
	       nla_put_u8(skb, REGDOM_ATTR_OWNERSHIP,
			  phy->overlay.on ? REGDOM_OWNERSHIP_OVERLAY :
					    REGDOM_OWNERSHIP_AUTHORITY) ?:
	       put_ceiling(skb, phy->own.ceiling) ?:
	       put_text(skb, REGDOM_ATTR_HEARD, phy->own.heard) ?:
	       put_place(skb, phy->effective->place) ?:
	       (phy->own.has_place ? nla_put_flag(skb, REGDOM_ATTR_PLACE_OWN) : 0) ?:
	       put_said_device(skb, &phy->effective->device) ?:
	       (phy->own.has_device ? nla_put_flag(skb, REGDOM_ATTR_DEVICE_OWN) : 0);
}

int regdom_put_air(struct sk_buff *skb, const struct regdom_air_policy *policy)
{
	return nla_put_u8(skb, REGDOM_ATTR_AIR_MODE, policy->mode) ?:
	       nla_put_u8(skb, REGDOM_ATTR_AIR_QUORUM, policy->rules.quorum) ?:
	       nla_put_u32(skb, REGDOM_ATTR_AIR_HOLD_S,
			   policy->rules.hold_ms / MSEC_PER_SEC) ?:
	       nla_put_u8(skb, REGDOM_ATTR_AIR_BEACONS, policy->beacons);
}

static int put_phy_air(struct sk_buff *skb, const struct regdom_phy *phy)
{
	const struct regdom_networks *networks = phy->air.networks;

	return regdom_put_air(skb, regdom_air_policy_of(phy)) ?:
	       (phy->air.has_policy ?
		nla_put_flag(skb, REGDOM_ATTR_AIR_OWN) : 0) ?:
	       (networks ? put_text(skb, REGDOM_ATTR_AIR_ELECTED,
				    networks->elected) : 0);
}

int regdom_put_network(struct sk_buff *skb, const struct regdom_network *network,
		       u64 now_ms)
{
	u64 ago_ms = now_ms - network->heard_ms;

	return nla_put(skb, REGDOM_ATTR_AIR_BSSID, sizeof(network->bssid),
		       network->bssid) ?:
	       nla_put_u32(skb, REGDOM_ATTR_CENTER_KHZ, network->center_khz) ?:
	       put_text(skb, REGDOM_ATTR_ALPHA2, network->alpha2) ?:
	       nla_put_u32(skb, REGDOM_ATTR_AIR_AGO_MS,
			   min_t(u64, ago_ms, U32_MAX)) ?:
	       (regdom_network_counts(network, now_ms) ?
		nla_put_flag(skb, REGDOM_ATTR_AIR_COUNTS) : 0);
}

int regdom_put_phy_policy(struct sk_buff *skb, const struct regdom_phy *phy)
{
	if (phy->state != REGDOM_PHY_MANAGED)
		return 0;
	return nla_put_u8(skb, REGDOM_ATTR_POLICY, regdom_policy_of(phy)) ?:
	       (phy->has_policy ? nla_put_flag(skb, REGDOM_ATTR_POLICY_OWN) : 0) ?:
	       regdom_put_guard(skb, &phy->guard) ?:
	       put_phy_air(skb, phy);
}

int regdom_put_u64(struct sk_buff *skb, int type, u64 value)
{
	return nla_put_u64_64bit(skb, type, value, REGDOM_ATTR_PAD);
}

static int put_actor(struct sk_buff *skb, const struct regdom_audit_entry *entry)
{
	if (!entry->pid)
		return 0;
	return nla_put_u32(skb, REGDOM_ATTR_AUDIT_PID, entry->pid) ?:
	       nla_put_u32(skb, REGDOM_ATTR_AUDIT_UID, entry->uid) ?:
	       nla_put_u32(skb, REGDOM_ATTR_AUDIT_NETNS, entry->netns) ?:
	       nla_put_string(skb, REGDOM_ATTR_AUDIT_COMM, entry->comm);
}

static int put_stop(struct sk_buff *skb, const struct regdom_audit_entry *entry)
{
	if (entry->cause == REGDOM_AUDIT_BEACONS)
		return nla_put_u32(skb, REGDOM_ATTR_CENTER_KHZ, entry->center_khz);
	if (entry->cause != REGDOM_AUDIT_STOPPED &&
	    entry->cause != REGDOM_AUDIT_NOTICE)
		return 0;
	return nla_put_u32(skb, REGDOM_ATTR_IFINDEX, entry->ifindex) ?:
	       nla_put_string(skb, REGDOM_ATTR_IFNAME, entry->ifname) ?:
	       nla_put_u8(skb, REGDOM_ATTR_STOP_REASON, entry->stop_reason) ?:
	       nla_put_u32(skb, REGDOM_ATTR_CENTER_KHZ, entry->center_khz);
}

static int put_grace(struct sk_buff *skb, const struct regdom_audit_entry *entry)
{
	if (entry->cause != REGDOM_AUDIT_SET_GRACE &&
	    entry->cause != REGDOM_AUDIT_NOTICE)
		return 0;
	return nla_put_u32(skb, REGDOM_ATTR_GRACE_S, entry->grace_s);
}

static int put_after(struct sk_buff *skb, const struct regdom_audit_entry *entry)
{
	if (entry->cause == REGDOM_AUDIT_SET_CEILING ||
	    entry->cause == REGDOM_AUDIT_HEARD)
		return nla_put_string(skb, REGDOM_ATTR_ALPHA2, entry->after);
	return put_text(skb, REGDOM_ATTR_ALPHA2, entry->after);
}

static int put_u64_unless_0(struct sk_buff *skb, int type, u64 value)
{
	return value ? regdom_put_u64(skb, type, value) : 0;
}

/* What a change has changed. */
static int put_rules(struct sk_buff *skb, const struct regdom_audit_entry *entry)
{
	int ret = put_u64_unless_0(skb, REGDOM_ATTR_AUDIT_RULES_BEFORE, entry->rules_before) ?:
		  put_u64_unless_0(skb, REGDOM_ATTR_AUDIT_RULES, entry->rules_after);

	if (ret || !entry->rules_after)
		return ret;
	return nla_put_u32(skb, REGDOM_ATTR_AUDIT_RADIOS, entry->radios);
}

static int put_file(struct sk_buff *skb, const struct regdom_audit_entry *entry)
{
	if (entry->cause != REGDOM_AUDIT_LOAD_DB)
		return 0;
	return regdom_put_unless(skb, REGDOM_ATTR_AUDIT_SERIAL_BEFORE,
				 entry->serial_before, 0) ?:
	       regdom_put_unless(skb, REGDOM_ATTR_DB_SERIAL, entry->serial, 0) ?:
	       (entry->has_file ?
		nla_put_u8(skb, REGDOM_ATTR_DB_SOURCE, entry->source) : 0) ?:
	       (entry->is_signed ? nla_put_flag(skb, REGDOM_ATTR_DB_SIGNED) : 0);
}

int regdom_put_audit(struct sk_buff *skb, const struct regdom_audit_entry *entry)
{
	return regdom_put_u64(skb, REGDOM_ATTR_AUDIT_SEQ, entry->seq) ?:
	       regdom_put_u64(skb, REGDOM_ATTR_AUDIT_BOOT_NS, entry->boot_ns) ?:
	       regdom_put_u64(skb, REGDOM_ATTR_AUDIT_WALL_NS, entry->wall_ns) ?:
	       nla_put_u8(skb, REGDOM_ATTR_AUDIT_CAUSE, entry->cause) ?:
	       nla_put_u32(skb, REGDOM_ATTR_AUDIT_ERROR, -entry->error) ?:
	       put_actor(skb, entry) ?:
	       put_text(skb, REGDOM_ATTR_PHY, entry->phy) ?:
	       put_text(skb, REGDOM_ATTR_AUDIT_BEFORE, entry->before) ?:
	       put_after(skb, entry) ?:
	       put_text(skb, REGDOM_ATTR_REASON, entry->reason) ?:
	       (entry->policy >= 0 ?
		nla_put_u8(skb, REGDOM_ATTR_POLICY, entry->policy) : 0) ?:
	       (entry->place >= 0 ?
		nla_put_u8(skb, REGDOM_ATTR_PLACE, entry->place) : 0) ?:
	       (entry->has_device ? put_said_device(skb, &entry->device) : 0) ?:
	       (entry->ownership >= 0 ?
		nla_put_u8(skb, REGDOM_ATTR_OWNERSHIP, entry->ownership) : 0) ?:
	       put_grace(skb, entry) ?:
	       put_stop(skb, entry) ?:
	       put_rules(skb, entry) ?:
	       put_file(skb, entry);
}

int regdom_get_alpha2(const struct nlattr *attr, char *text,
		      struct netlink_ext_ack *extack)
{
	if (nla_strscpy(text, attr, 3) == 2 && regdom_alpha2_valid(text))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "a country is two letters A to Z, or 00");
	return -EINVAL;
}

int regdom_get_class(const struct nlattr *attr, u8 *device_class,
		     struct netlink_ext_ack *extack)
{
	u8 class = attr ? nla_get_u8(attr) : 0;

	if (class > REGDOM_6GHZ_CLIENT || hweight8(class) > 1) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a device is of one class, or of none");
		return -ERANGE;
	}
	*device_class = class;
	return 0;
}
