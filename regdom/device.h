/* SPDX-License-Identifier: GPL-2.0 */
/* What a radio is, as far as anybody has said it. Pure; see pure.h. */
#ifndef REGDOM_DEVICE_H
#define REGDOM_DEVICE_H

#include "pure.h"
#include "regdom.h"

/* All zeros: nothing is said. */
struct regdom_device {
	u8 device_class;	/* enum regdom_6ghz_class, one; 0: not said */
	bool has_link;		/* else it is not said */
	u8 link;		/* enum regdom_link */
	s32 gain_mbi;		/* of its antenna; 0 if it is not said */
};

/*
 * By how much less is fed to its antenna than that radiates. What an antenna
 * loses is not made up for.
 */
static inline s32 regdom_device_gain_mbi(const struct regdom_device *device)
{
	return device->gain_mbi > 0 ? device->gain_mbi : 0;
}

/* Under a rule for classes, a client is under the control of an access point. */
static inline bool regdom_begins_never(u8 classes, u8 device_class)
{
	return classes && device_class == REGDOM_6GHZ_CLIENT;
}

static inline bool regdom_device_equal(const struct regdom_device *a,
				       const struct regdom_device *b)
{
	return a->device_class == b->device_class && a->has_link == b->has_link &&
	       a->link == b->link && a->gain_mbi == b->gain_mbi;
}

#endif
