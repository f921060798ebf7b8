// SPDX-License-Identifier: GPL-2.0
#include "power.h"

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* floor(1000 log10(MHz)) for each width of 802.11, the widest first */
static const struct {
	u32 width_khz;
	s32 width_mb;
} widths[] = {
	{ 8640000, 3936 }, { 6480000, 3811 }, { 4320000, 3635 },
	{ 2160000, 3334 }, { 1080000, 3033 }, { 540000, 2732 },
	{ 320000, 2505 }, { 160000, 2204 }, { 80000, 1903 }, { 40000, 1602 },
	{ 22000, 1342 }, { 20000, 1301 }, { 16000, 1204 }, { 10000, 1000 },
	{ 8000, 903 }, { 7000, 845 }, { 6000, 778 }, { 5000, 698 },
	{ 4000, 602 }, { 2000, 301 },
};

static s64 clamp_mbm(s64 mbm)
{
	if (mbm > REGDOM_POWER_MAX_MBM)
		return REGDOM_POWER_MAX_MBM;
	if (mbm < -REGDOM_POWER_MAX_MBM)
		return -REGDOM_POWER_MAX_MBM;
	return mbm;
}

static s32 add_mb(s32 mbm, s64 mb)
{
	if (mbm == REGDOM_UNLIMITED)
		return mbm;
	return clamp_mbm(clamp_mbm(mbm) + clamp_mbm(mb));
}

s32 regdom_width_mb(u32 width_khz)
{
	unsigned int i;

	for (i = 0; i < ARRAY_LENGTH(widths); i++)
		if (widths[i].width_khz <= width_khz)
			return widths[i].width_mb;
	return 0;
}

s32 regdom_psd_to_eirp_mbm(s32 psd_mbm, u32 width_khz)
{
	return add_mb(psd_mbm, regdom_width_mb(width_khz));
}

static s32 smaller(s32 a, s32 b)
{
	return a < b ? a : b;
}

s32 regdom_eirp_mbm(const struct regdom_rule *rule, bool ptp, s32 gain_mbi,
		    u32 width_khz)
{
	const struct regdom_limits *limits = rule->limits;
	s32 eirp = rule->max_eirp_mbm;

	if (ptp && limits->max_eirp_ptp_mbm != REGDOM_UNLIMITED)
		eirp = limits->max_eirp_ptp_mbm;
	if (limits->max_conducted_mbm != REGDOM_UNLIMITED)
		eirp = smaller(eirp, regdom_radiated_mbm(limits->max_conducted_mbm,
							 gain_mbi));
	if (limits->max_psd_mbm != REGDOM_UNLIMITED)
		eirp = smaller(eirp, regdom_psd_to_eirp_mbm(limits->max_psd_mbm,
							    width_khz));
	return eirp;
}

s32 regdom_connector_mbm(s32 eirp_mbm, s32 gain_mbi)
{
	return add_mb(eirp_mbm, -(s64)gain_mbi);
}

s32 regdom_radiated_mbm(s32 connector_mbm, s32 gain_mbi)
{
	return add_mb(connector_mbm, gain_mbi);
}

s32 regdom_backoff_mbm(const struct regdom_backoff *backoff, s32 gain_mbi)
{
	s32 excess_mb = clamp_mbm((s64)gain_mbi - backoff->free_gain_mbi);
	s32 per_db = backoff->gain_per_db;

	if (per_db == 0 || excess_mb <= 0)
		return backoff->conducted_mbm;
	return add_mb(backoff->conducted_mbm,
		      -((excess_mb + per_db - 1) / per_db));
}

s32 regdom_floor_dbm(s32 mbm)
{
	return mbm / 100 - (mbm % 100 < 0);
}
