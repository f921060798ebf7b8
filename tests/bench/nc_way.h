/* SPDX-License-Identifier: GPL-2.0 */
/* What every way of getting a batch of packets across has, for nc_bench.c. */
#ifndef TESTS_BENCH_NC_WAY_H
#define TESTS_BENCH_NC_WAY_H

/* that file has its own, of the bare interface */
#define nc_send device_send
#define nc_recv device_recv
#include "../vm/netchannel/ring.h"
#undef nc_send
#undef nc_recv

#define BATCH 32
#define WARM_UP 50	/* batches */
#define PORT_A 7000
#define PORT_B 7001

static int batches = 300;
static size_t payload_bytes;
static uint8_t out[BATCH][2048], in[BATCH][2048], wanted[2048];
static uint32_t next_out, next_in;
static long verified;

/* A way to get a batch across. */
struct way {
	const char *name;		/* as in the table: "ours" or a peer */
	const char *metric;		/* of ours: which; the peers are beside each */
	void (*open)(const struct bed *bed);
	void (*send_batch)(void);
	void (*receive_batch)(void);
	void (*close)(void);		/* beside tx and rx; NULL: nothing */
};

static uint8_t *stamp(uint8_t *payload)
{
	memcpy(payload, &next_out, sizeof(next_out));
	next_out++;
	return payload;
}

static void verify(const uint8_t *payload, size_t len)
{
	memcpy(wanted, &next_in, sizeof(next_in));
	next_in++;
	if (len != payload_bytes || memcmp(payload, wanted, payload_bytes))
		check(false, "packet %u differs", next_in - 1);
	verified++;
}

/* By which a batch is sent and received, where it is a descriptor each. */
static int tx, rx;

#endif
