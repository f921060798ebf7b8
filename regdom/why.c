// SPDX-License-Identifier: GPL-2.0
#include "why.h"

#include <linux/string.h>

#include "hardware.h"

bool regdom_why(const struct regdom_effective *effective, struct wiphy *wiphy,
		const struct regdom_transmission *asked, unsigned int n,
		struct regdom_opinion *opinion)
{
	const struct regdom_input *input = effective->inputs;
	const struct regdom_domain *domain = effective->domain;

	if (n > effective->n_inputs) {
		if (!wiphy || n > effective->n_inputs + 1)
			return false;
		opinion->layer = REGDOM_LAYER_HARDWARE;
		opinion->alpha2[0] = 0;
		regdom_hardware_judge(wiphy, asked, &opinion->verdict);
		return true;
	}
	opinion->layer = REGDOM_LAYER_EFFECTIVE;
	if (n > 0) {
		input += n - 1;
		domain = input->domain;
		opinion->layer = input->layer;
	}
	strscpy(opinion->alpha2, input->alpha2, sizeof(opinion->alpha2));
	regdom_judge(domain, asked, &opinion->verdict);
	return true;
}
