/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/netchannel as the library sees it, in this process and without the module: channels of
 * TCP of type RING, whose packets go to those of the same process, and descriptors of readiness.
 * open(), ioctl(), mmap(), ppoll() and close() of what is linked come here (-Wl,--wrap).
 */
#ifndef TESTS_TCP_DEVICE_H
#define TESTS_TCP_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

/* Of channels that are made from now on, but for the last two, which hold for all. */
struct device_options {
	uint32_t features;		/* that QUERY tells of; 0: all that there are */
	uint32_t tx_bytes_max;		/* of a ring: more is -ENOMEM; 0: there is no limit */
	uint32_t rx_bytes;		/* of a ring, a power of two; 0: as is asked for */
	_Atomic uint32_t blocks_one_in;	/* KICK finds no room; 0: there always is */
	_Atomic bool refuses_segments;	/* as IPsec does */
};

extern struct device_options device_options;

/* What all channels together have done. */
struct device_counters {
	_Atomic uint32_t kicks;
	_Atomic uint32_t sent;		/* descriptors */
	_Atomic uint32_t segmented;	/* of these, of several segments */
	_Atomic uint32_t gathered;	/* with text apart */
	_Atomic uint32_t refused;
	_Atomic uint32_t lost;		/* nobody has the port, or his ring is full */
	_Atomic uint32_t malformed;	/* what the module would not take */
};

extern struct device_counters device_counters;

/* The network device of that channel has gone: it is over. */
void device_end(int fd);

/* Somebody else's device; NULL: none. ioctl() returns -ENOTTY where the descriptor is not his. */
struct device_stand_in {
	int (*open)(void);
	int (*ioctl)(int fd, unsigned long request, void *argument);
};

extern const struct device_stand_in *device_stand_in;

#endif
