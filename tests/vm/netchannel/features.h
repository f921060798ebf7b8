/* SPDX-License-Identifier: GPL-2.0 */
/* What a device computes, splits and merges, turned on and off as by ethtool -K. */
#ifndef TESTS_NETCHANNEL_FEATURES_H
#define TESTS_NETCHANNEL_FEATURES_H

#include "nc.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>

#define FEATURES	7	/* that are combined */
#define GRO_LIST	7	/* one more */
#define BLOCKS		4	/* of 32 features, more than any kernel has */

/* Those of ethtool -K that veth can change and that matter to a protocol. */
struct features {
	const char *names[FEATURES + 1];
	int numbers[FEATURES + 1];
};

static UNUSED int ethtool(int fd, const char *device, void *command)
{
	struct ifreq request = { .ifr_data = command };

	strcpy(request.ifr_name, device);
	return ioctl(fd, SIOCETHTOOL, &request);
}

static UNUSED void find_features(int fd, const char *device, struct features *f)
{
	struct { struct ethtool_gstrings head; char names[BLOCKS * 32][ETH_GSTRING_LEN]; } all = {
		.head = {
			.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES,
		},	/* len 0: the kernel says it */
	};
	unsigned int i, n;

	must(ethtool(fd, device, &all), "ETHTOOL_GSTRINGS");
	for (i = 0; i <= GRO_LIST; i++) {
		for (n = 0; n < all.head.len && strcmp(all.names[n], f->names[i]); n++)
			;
		if (n >= all.head.len)
			check(false, "no feature %s", f->names[i]);
		f->numbers[i] = n;
	}
}

static UNUSED void set_feature(int fd, const char *device, const struct features *f, int feature,
			       bool on)
{
	struct { struct ethtool_sfeatures head; struct ethtool_set_features_block blocks[BLOCKS]; }
	change = { .head = { .cmd = ETHTOOL_SFEATURES, .size = 2 } };
	int n = f->numbers[feature];

	change.blocks[n / 32].valid = 1U << n % 32;
	change.blocks[n / 32].requested = on ? 1U << n % 32 : 0;
	/* a wish that has to wait for another feature is one, too */
	if (must(ethtool(fd, device, &change), "ETHTOOL_SFEATURES") & ETHTOOL_F_UNSUPPORTED)
		check(false, "%s cannot be changed", f->names[feature]);
}

#endif
