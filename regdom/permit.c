// SPDX-License-Identifier: GPL-2.0
#include "permit.h"

/*
 * Where no radar was found, cfg80211 lifts NO_IR. So a channel never has RADAR
 * where either of the two says NO_IR for another reason: NO_IR alone is what both
 * permit. A scan that is under way asks for NO_IR before it probes, not for DISABLED, so
 * what we forbid has both.
 */
static u32 combine(u32 theirs, u32 ours)
{
	u32 flags = theirs | ours;

	if (ours)
		flags &= ~REGDOM_CHAN_LOOSENING;
	if (ours & IEEE80211_CHAN_NO_IR ||
	    (theirs & IEEE80211_CHAN_NO_IR && !(theirs & IEEE80211_CHAN_RADAR)))
		flags &= ~IEEE80211_CHAN_RADAR;
	if (ours & IEEE80211_CHAN_DISABLED)
		flags |= IEEE80211_CHAN_NO_IR;
	return flags;
}

static bool lower(s32 *limit, s32 to)
{
	if (*limit <= to)
		return false;
	*limit = to;
	return true;
}

static bool bound_cac(struct regdom_permit *permit, u32 cac_ms, bool is_new)
{
	if (!is_new && permit->cac_ms >= cac_ms)
		return false;
	permit->cac_ms = cac_ms;
	return true;
}

static bool bound_psd(struct regdom_permit *permit, s32 psd_dbm)
{
	if (permit->flags & COMPAT_CHAN_PSD)
		return lower(&permit->psd_dbm, psd_dbm);
	permit->flags |= COMPAT_CHAN_PSD;
	permit->psd_dbm = psd_dbm;
	return true;
}

bool regdom_permit_bound(struct regdom_permit *permit, const struct regdom_bound *bound)
{
	u32 before = permit->flags;
	bool looser;

	permit->flags = combine(before, bound->flags);
	looser = permit->flags != before;
	if (!bound->has_rule)
		return looser;
	if (permit->flags & bound->flags & IEEE80211_CHAN_RADAR)
		looser |= bound_cac(permit, bound->cac_ms,
				    !(before & IEEE80211_CHAN_RADAR));
	looser |= lower(&permit->max_power_dbm, bound->max_power_dbm);
	/* of narrow channels, and of what drivers compute, it is the limit */
	looser |= lower(&permit->max_reg_power_dbm, bound->max_power_dbm);
	if (bound->has_psd)
		looser |= bound_psd(permit, bound->psd_dbm);
	return looser;
}

void regdom_permit_tighten(struct regdom_permit *permit,
			   const struct regdom_permit *before)
{
	u32 forbidden = (permit->flags | before->flags) & ~REGDOM_CHAN_PERMISSIONS;
	u32 permitted = permit->flags & before->flags & REGDOM_CHAN_PERMISSIONS;

	if (before->flags & COMPAT_CHAN_PSD &&
	    (!(permit->flags & COMPAT_CHAN_PSD) || before->psd_dbm < permit->psd_dbm))
		permit->psd_dbm = before->psd_dbm;
	if (before->flags & IEEE80211_CHAN_RADAR && before->cac_ms > permit->cac_ms)
		permit->cac_ms = before->cac_ms;
	permit->flags = forbidden | permitted;
	lower(&permit->max_power_dbm, before->max_power_dbm);
	lower(&permit->max_reg_power_dbm, before->max_reg_power_dbm);
}

void regdom_permit_follow(struct regdom_permit *theirs, const struct regdom_permit *left,
			  const struct regdom_permit *now, u32 written)
{
	if (now->flags & REGDOM_CHAN_MARK) {
		theirs->flags |= now->flags & ~left->flags;
		theirs->flags &= ~(left->flags & ~now->flags);
		if (written & REGDOM_WROTE_DISABLED)
			theirs->flags |= IEEE80211_CHAN_DISABLED;
		written = 0;
	} else {
		theirs->flags = now->flags;
	}
	if (written & REGDOM_WROTE_POWER || now->max_power_dbm != left->max_power_dbm)
		theirs->max_power_dbm = now->max_power_dbm;
	if (written & REGDOM_WROTE_POWER ||
	    now->max_reg_power_dbm != left->max_reg_power_dbm)
		theirs->max_reg_power_dbm = now->max_reg_power_dbm;
	if (written & REGDOM_WROTE_CAC || now->cac_ms != left->cac_ms)
		theirs->cac_ms = now->cac_ms;
	if (written & REGDOM_WROTE_PSD || now->psd_dbm != left->psd_dbm)
		theirs->psd_dbm = now->psd_dbm;
}
