// SPDX-License-Identifier: GPL-2.0
#include "why.h"

#include <linux/string.h>

#include "hardware.h"

bool regdom_why(const struct regdom_judges *judges,
		const struct regdom_transmission *asked, unsigned int n,
		struct regdom_opinion *opinion)
{
	const struct regdom_effective *effective = judges->effective;
	const struct regdom_input *input = effective->inputs;
	const struct regdom_domain *domain = effective->domain;
	struct regdom_transmission said = *asked;

	if (n > effective->n_inputs) {
		if (!judges->wiphy || n > effective->n_inputs + 1)
			return false;
		opinion->layer = judges->overlay ? REGDOM_LAYER_CFG80211 :
						   REGDOM_LAYER_HARDWARE;
		opinion->alpha2[0] = 0;
		regdom_hardware_judge(judges->wiphy, asked, judges->overlay,
				      &opinion->verdict);
		return true;
	}
	opinion->layer = REGDOM_LAYER_EFFECTIVE;
	if (n > 0) {
		input += n - 1;
		domain = input->domain;
		opinion->layer = input->layer;
	}
	/*
	 * NO_IR is lifted from what was selected, the first of the inputs, and from
	 * nobody else. Without it, and without radar, a station may do as much.
	 */
	if (judges->ir_lifted && n <= 1)
		said.use = REGDOM_USE_STATION;
	strscpy(opinion->alpha2, input->alpha2, sizeof(opinion->alpha2));
	regdom_judge(domain, &said, &opinion->verdict);
	return true;
}
