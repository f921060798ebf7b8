/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Powers, in 1/100 dBm (mBm), and what antennas and widths make of them. Every
 * result is rounded down, so that no limit grows by arithmetic. Pure; see
 * pure.h.
 */
#ifndef REGDOM_POWER_H
#define REGDOM_POWER_H

#include "domain.h"

/*
 * Powers and gains outside of this have no meaning, and are taken for the
 * nearest that has (but REGDOM_UNLIMITED stays what it is).
 */
#define REGDOM_POWER_MAX_MBM	100000

/**
 * regdom_width_mb - a width as a level above 1 MHz, in 1/100 dB
 * @width_khz: width, at least 1000
 *
 * Returns 1000 log10(width in MHz), rounded down: exactly for each width that
 * an 802.11 channel has, 80+80 included; any other counts as the next narrower
 * of these. Less than 1 MHz counts as 1 MHz, over which density is measured.
 */
s32 regdom_width_mb(u32 width_khz);

/* The power that a density over the whole width adds up to. */
s32 regdom_psd_to_eirp_mbm(s32 psd_mbm, u32 width_khz);

/**
 * regdom_eirp_mbm - the power that a rule permits
 * @rule: the rule
 * @ptp: for a fixed point-to-point link
 * @gain_mbi: gain of the antenna, which turns the limit at its connector into
 *	one of EIRP
 * @width_khz: width of the whole transmission, which so turns the density
 *
 * Returns the tightest of the limits as EIRP, REGDOM_UNLIMITED if there is none.
 */
s32 regdom_eirp_mbm(const struct regdom_rule *rule, bool ptp, s32 gain_mbi,
		    u32 width_khz);

/*
 * What may be fed to an antenna of this gain, so that it radiates no more than
 * eirp_mbm; and what it radiates when so much is.
 */
s32 regdom_connector_mbm(s32 eirp_mbm, s32 gain_mbi);
s32 regdom_radiated_mbm(s32 connector_mbm, s32 gain_mbi);

/*
 * A limit at the connector that falls as the gain of the antenna exceeds a
 * free one: by 1 dB for each gain_per_db of the excess. 47 CFR 15.247: (b)(4)
 * 600 mBi free, then 1; (c)(1)(i), point to point at 2.4 GHz, 600 free, then
 * 3; (c)(1)(ii), point to point at 5.8 GHz, 0: never.
 */
struct regdom_backoff {
	s32 conducted_mbm;
	s32 free_gain_mbi;
	u8 gain_per_db;
};

s32 regdom_backoff_mbm(const struct regdom_backoff *backoff, s32 gain_mbi);

/* Radios are programmed in whole dBm. */
s32 regdom_floor_dbm(s32 mbm);

#endif
