// SPDX-License-Identifier: GPL-2.0
#include "wmm.h"

#include <string.h>

#include "../common/output.h"
#include "dbtext.h"
#include "regdom.h"

static void parse_acs(const struct nlattr *attr, struct regdom_wmm_ac *acs)
{
	__u32 limits[__REGDOM_WMM_CATEGORIES][__REGDOM_WMM_LIMITS];
	unsigned int ac;

	/* one that tells more has them in other places */
	if (!attr || (size_t)nla_len(attr) != sizeof(limits))
		return;
	memcpy(limits, nla_data(attr), sizeof(limits));
	for (ac = 0; ac < REGDOM_WMM_ACS; ac++) {
		acs[ac].cw_min = limits[ac][REGDOM_WMM_CW_MIN];
		acs[ac].cw_max = limits[ac][REGDOM_WMM_CW_MAX];
		acs[ac].aifsn = limits[ac][REGDOM_WMM_AIFSN];
		acs[ac].cot_us = limits[ac][REGDOM_WMM_COT_US];
	}
}

void wmm_parse(struct nlattr **attrs, struct regdom_wmm *wmm)
{
	memset(wmm, 0, sizeof(*wmm));
	parse_acs(attrs[REGDOM_ATTR_RULE_WMM_CLIENT], wmm->client);
	parse_acs(attrs[REGDOM_ATTR_RULE_WMM_AP], wmm->ap);
}

bool wmm_is_told(const struct regdom_wmm *wmm)
{
	static const struct regdom_wmm untold;

	return memcmp(wmm, &untold, sizeof(untold)) != 0;
}

static void output_acs(const char *name, const struct regdom_wmm_ac *acs)
{
	unsigned int ac;

	out_open_object(name);
	for (ac = 0; ac < REGDOM_WMM_ACS; ac++) {
		out_open_object(dbtext_wmm_names[ac]);
		out_u32("cw_min", NULL, acs[ac].cw_min);
		out_u32("cw_max", NULL, acs[ac].cw_max);
		out_u32("aifsn", NULL, acs[ac].aifsn);
		out_u32("cot_us", NULL, acs[ac].cot_us);
		out_close_object();
	}
	out_close_object();
}

void wmm_output(const char *name, const struct regdom_wmm *wmm)
{
	out_open_object(name);
	output_acs("client", wmm->client);
	output_acs("ap", wmm->ap);
	out_close_object();
}

unsigned int wmm_list_number(struct wmm_list *list, const struct regdom_wmm *wmm)
{
	unsigned int i = 0;

	while (i < list->n && memcmp(&list->wmm[i], wmm, sizeof(*wmm)) != 0)
		i++;
	/* a domain has no more rules than there is room for */
	if (i == list->n && list->n < REGDOM_MAX_RULES)
		list->wmm[list->n++] = *wmm;
	return i;
}
