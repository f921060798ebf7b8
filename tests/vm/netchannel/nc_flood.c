// SPDX-License-Identifier: GPL-2.0
/*
 * Floods of more than a channel holds, of good datagrams and bad ones: each is counted once,
 * whichever way it came, who has the same port loses nothing, and the owner's memory cgroup
 * is charged for what waits.
 */
#include "ring.h"

#include <sys/mount.h>
#include <sys/stat.h>

#define PORT_A 7000
#define PORT_B 7001

static struct bed bed;
static int raw;		/* in namespace B */

/* Over 10 times what a channel of 4096 bytes holds. */
static int burst_of(uint32_t type)
{
	return type == NETCHANNEL_TYPE_RING ? 700 : 100;
}

/* Every seventh has a bit that is wrong. Returns how many. */
static int send_burst(int family, int count)
{
	uint8_t p[100];
	int i, bad = 0;
	size_t len;

	enter(bed.b);
	for (i = 0; i < count; i++) {
		len = family == AF_INET ? make_packet(p, PORT_B, PORT_A, "flood", 5) :
					  make_packet6(p, PORT_B, PORT_A, "flood", 5);
		p[len - 1] ^= i % 7 == 0;
		bad += i % 7 == 0;
		raw_send(raw, "v1", p, len);
	}
	enter(bed.a);
	return bad;
}

/* All that waits. Returns how many there were. */
static int read_all(int ch, struct ring *r)
{
	struct netchannel_record *record;
	char buf[16];
	int n = 0;

	if (!r->memory) {
		while (nc_recv(ch, buf, sizeof(buf), NETCHANNEL_DONTWAIT, 0, NULL) == 5)
			n++;
		return n;
	}
	for (; (record = ring_peek(r)); n++)
		ring_next(r, record);
	ring_release(r);
	return n;
}

/* N27 */
static void count_all(const char *local, const char *remote, uint32_t type, uint32_t flags)
{
	int burst = burst_of(type), bursts = count_of(burst, 100000) / burst ?: 1, i, ch;
	struct netchannel_create args = create_args(local, PORT_A, remote, PORT_B);
	struct netchannel_stats s = { };
	int read = 0, bad = 0;
	struct ring r = { };

	args.type = type;
	args.rx_bytes = 4096;
	args.flags = flags;
	args.ifindex = flags ? if_nametoindex("v0") : 0;
	ch = channel_of(args);
	if (type == NETCHANNEL_TYPE_RING)
		r = map_ring(ch);
	for (i = 0; i < bursts; i++) {
		bad += send_burst(family_of(local), burst);
		s = stats_at(ch, (i + 1) * (uint64_t)burst);
		read += read_all(ch, &r);
	}
	check((int)s.rx_packets == read && s.rx_dropped_full && (int)s.rx_dropped_checksum == bad &&
	      s.rx_packets + dropped(&s) == (uint64_t)bursts * burst && !s.rx_dropped_malformed,
	      "%s%s to %s: %d received, %d without room, %d damaged, not one lost count of",
	      type == NETCHANNEL_TYPE_RING ? "ring" : "queue", flags ? ", FAST" : "", local, read,
	      (int)s.rx_dropped_full, (int)s.rx_dropped_checksum);
	if (r.memory)
		munmap(r.memory, r.map_bytes);
	close(ch);
}

#define FLOOD	100

static int sender(int port_b, int port_a)
{
	int fd;

	enter(bed.b);
	fd = udp_socket(ADDR_B, port_b, ADDR_A, port_a);
	enter(bed.a);
	return fd;
}

/*
 * N28: a channel that nobody reads, and the others of its port, with which it shares a
 * socket. To send they share its buffer too, as the header says; another port's do not.
 */
static void neighbours(void)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	int flooded, beside, blocked, elsewhere, peer, second, i;
	struct netchannel_stats s;
	char buf[1000] = "";

	args.rx_bytes = 4096;
	flooded = channel_of(args);
	beside = channel(ADDR_A, PORT_A, ADDR_B, PORT_B + 1);
	blocked = channel(ADDR_A, PORT_A, "10.0.0.77", PORT_B);
	elsewhere = channel(ADDR_A, PORT_A + 1, ADDR_B, PORT_B + 1);
	peer = sender(PORT_B, PORT_A);
	second = sender(PORT_B + 1, PORT_A);
	for (i = 0; i < FLOOD; i++)
		must(send(peer, buf, sizeof(buf), 0), "send");
	stats_at(flooded, FLOOD);
	for (i = 0; i < 20; i++) {
		must(send(second, "mine", 4, 0), "send");
		expect(beside, "mine", 4, "beside a channel that is full");
	}
	s = stats_of(beside);
	check(stats_of(flooded).rx_dropped_full && s.rx_packets == 20 && !dropped(&s),
	      "who has the same port has lost nothing");
	never_give_up();
	while (!nc_send(blocked, buf, sizeof(buf), NETCHANNEL_DONTWAIT))
		;
	check_errno(nc_send(beside, "x", 1, NETCHANNEL_DONTWAIT), EAGAIN,
		    "SEND, when another of the port has used up its room");
	must(nc_send(elsewhere, "x", 1, NETCHANNEL_DONTWAIT), "SEND by another port");
	must(send(second, "still", 5, 0), "send");
	expect(beside, "still", 5, "and it receives");
	run("/usr/bin/ip neigh del 10.0.0.77 dev v0");
	must(nc_send(beside, "room", 4, 0), "SEND");
	close(flooded);
	close(beside);
	close(blocked);
	close(elsewhere);
	close(peer);
	close(second);
}

#define CGROUP "/tmp/cgroup-of-flood"

/* What the cgroup's sockets hold. */
static long charged_kb(void)
{
	FILE *f = fopen(CGROUP "/test/memory.stat", "r");
	long bytes = -1;
	char line[64];

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "sock %ld", &bytes);
	if (f)
		fclose(f);
	return bytes / 1024;
}

/* Counters of a cgroup are put together now and then. */
static long wait_charged(bool much)
{
	double limit = now() + 60;
	long kb = charged_kb();

	/* what is kept in advance is at most a megabyte */
	while ((much ? kb < 2500 : kb > 1500) && now() < limit) {
		usleep(50000);
		kb = charged_kb();
	}
	return kb;
}

#define WAITING	1400

/* N26: a datagram of 1 kB holds over 2 kB, as the kernel counts it. */
static void charged(void)
{
	struct netchannel_create args = create_args(ADDR_A, PORT_A, ADDR_B, PORT_B);
	int ch, peer = sender(PORT_B, PORT_A), i;
	char buf[1000] = "";
	long kb;

	must(mkdir(CGROUP, 0755), "mkdir");
	must(mount("none", CGROUP, "cgroup2", 0, NULL), "cgroup2");
	write_file(CGROUP "/cgroup.subtree_control", "+memory");
	must(mkdir(CGROUP "/test", 0755), "a cgroup");
	write_file(CGROUP "/test/cgroup.procs", "0");
	args.rx_bytes = 16 << 20;
	ch = channel_of(args);
	write_file(CGROUP "/cgroup.procs", "0");
	for (i = 0; i < WAITING; i++)
		must(send(peer, buf, sizeof(buf), 0), "send");
	check(stats_at(ch, WAITING).rx_packets == WAITING, "%d datagrams wait", WAITING);
	kb = wait_charged(true);
	check(kb >= 2500, "their owner's cgroup is charged with %ld kB", kb);
	close(ch);
	kb = wait_charged(false);
	check(kb >= 0 && kb <= 1500, "and after close() with %ld", kb);
	close(peer);
	must(rmdir(CGROUP "/test"), "rmdir");
	write_file(CGROUP "/cgroup.subtree_control", "-memory");
	must(umount(CGROUP), "umount");
	must(rmdir(CGROUP), "rmdir");
}

int main(void)
{
	bed = new_bed();
	enter(bed.b);
	raw = raw_socket();
	enter(bed.a);
	count_all(ADDR_A, ADDR_B, NETCHANNEL_TYPE_COPY, 0);
	count_all(ADDR_A, ADDR_B, NETCHANNEL_TYPE_COPY, NETCHANNEL_FAST);
	count_all(ADDR_A, ADDR_B, NETCHANNEL_TYPE_RING, NETCHANNEL_FAST);
	count_all(ADDR6_A, ADDR6_B, NETCHANNEL_TYPE_COPY, 0);
	count_all(ADDR6_A, ADDR6_B, NETCHANNEL_TYPE_RING, NETCHANNEL_FAST);
	neighbours();
	charged();
	return 0;
}
