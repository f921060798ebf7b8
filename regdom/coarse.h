/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A domain in what cfg80211 can be told: fewer kinds of limits, each rule with
 * one power. Where that cannot say what a rule demands, it is stricter.
 * docs/regdom-data.md, "For cfg80211", has the rules. Pure; see pure.h.
 */
#ifndef REGDOM_COARSE_H
#define REGDOM_COARSE_H

#include "device.h"
#include "domain.h"

/* Flags that a coarse rule may have. */
#define REGDOM_COARSE_FLAGS						\
	(REGDOM_RULE_NO_OFDM | REGDOM_RULE_INDOOR | REGDOM_RULE_DFS |	\
	 REGDOM_RULE_NO_IR | REGDOM_RULE_AUTO_BW | REGDOM_RULE_OUTDOOR | \
	 REGDOM_RULE_PTMP | REGDOM_RULE_NO_HT40MINUS |			\
	 REGDOM_RULE_NO_HT40PLUS | REGDOM_RULE_NO_80MHZ |		\
	 REGDOM_RULE_NO_160MHZ | REGDOM_RULE_NO_320MHZ |		\
	 REGDOM_RULE_NO_HE | REGDOM_RULE_NO_EHT |			\
	 REGDOM_RULE_NO_VLP_CLIENT | REGDOM_RULE_NO_SP_CLIENT)

/**
 * regdom_coarse_rules - a domain as cfg80211 has to be told it
 * @domain: the domain
 * @clients_only: flags that those who initiate radiation do not obey, in this
 *	version of the kernel; rules with any of them are left to clients
 * @place: enum regdom_place: where the radio is; rules for the other are left out
 * @device: what it is; rules for others, or for what is not said, are left out
 * @rules: filled; room for domain->n_rules, but at least 1
 *
 * The rules ascend as those of a domain. Each is at least as wide as its
 * max_bw_khz, has no power below 0, and only REGDOM_COARSE_FLAGS. Their wmm and
 * limits point to those of the domain; they hold without these limits, of which
 * the density may be told besides. A radio that obeys them as cfg80211
 * does, feeding its antenna with no more than their power, if it is that device in
 * that place, does nothing that the domain forbids, but for what docs/regdom-data.md names.
 *
 * Returns their number, at least 1: of a domain that permits nothing there is
 * one, where no radio has a channel.
 */
unsigned int regdom_coarse_rules(const struct regdom_domain *domain,
				 u32 clients_only, u8 place,
				 const struct regdom_device *device,
				 struct regdom_rule *rules);

#endif
