// SPDX-License-Identifier: GPL-2.0
/* The memory that the kernel keeps for emergencies: who sends is given none of it. */
#include "ring.h"

#define PORT_A 7000
#define PORT_B 7001

static struct bed bed;

static const char *parameter(const char *name)
{
	static char path[80];

	snprintf(path, sizeof(path), "/sys/module/netchannel_reserve/parameters/%s", name);
	return path;
}

static void set(const char *name, int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", value);
	write_file(parameter(name), text);
}

static int get(const char *name)
{
	FILE *f = fopen(parameter(name), "r");
	int value = -1;

	if (!f || fscanf(f, "%d", &value) != 1)
		check(false, "%s is not there", name);
	fclose(f);
	return value;
}

/* Too long for the ring's own buffers, and too short for its chunks. */
static void sends(uint32_t flags, int bytes, const char *what)
{
	struct netchannel_create args = ring_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	static char data[8000];
	struct ring r;
	int peer;

	enter(bed.b);
	peer = udp_socket(ADDR_B, PORT_B, ADDR_A, PORT_A);
	enter(bed.a);
	args.flags = flags;
	r = open_ring(args);
	set("asked", 0);
	set("asked_reserves", 0);
	set("watched", getpid());
	check(ring_send(&r, data, bytes) >= 0, "%s: %d bytes are sent", what, bytes);
	set("watched", 0);
	expect_socket(peer, data, bytes, "and arrive");
	check(get("asked") && !get("asked_reserves"), "%d times for memory, %d for reserves",
	      get("asked"), get("asked_reserves"));
	close_ring(&r);
	close(peer);
}

int main(void)
{
	bed = new_bed();
	sends(0, 2500, "a page");
	sends(0, 5000, "pages");
	sends(NETCHANNEL_ZEROCOPY, 1000, "headers of what is lent");
	return 0;
}
