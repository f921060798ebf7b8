// SPDX-License-Identifier: GPL-2.0
/*
 * Two processes, on processors of their own where there are two: one sends batches of 32
 * datagrams and waits, after each, for a datagram of the other's, which has received them all.
 * By the clock, so that what other processors do, locks and devices count, which a count of
 * instructions does not see; and whatever else the host has to do, too: the figures are noisy.
 *
 * nc_wall NAME DEVICE_A DEVICE_B: between devices of namespace 1, which are taken from it; v0
 * and v1: the veth pair of nc.h.
 */
#include "../vm/netchannel/ring.h"

#include <sys/prctl.h>

#define BATCH		32
#define ROUNDS		400
#define WARM_UP		40
#define ADDR_HERE	"10.9.0.1"
#define ADDR_THERE	"10.9.0.2"
#define PORT		7000
#define SLOT_BYTES	2048

/* One end of what is measured. */
struct end {
	int fd;
	struct ring ring;
	bool is_ring;
	size_t bytes;		/* of each payload */
	uint32_t next;		/* the number that the next one sent has */
	uint32_t sum;		/* of the numbers received */
};

static struct bed bed;
static const char *device_a, *device_b;
static uint8_t buffers[BATCH][SLOT_BYTES];
static struct iovec vectors[BATCH];
static struct mmsghdr messages[BATCH];

static void prepare_messages(size_t bytes, int count)
{
	for (int i = 0; i < count; i++) {
		vectors[i] = (struct iovec){ buffers[i], bytes };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &vectors[i], .msg_iovlen = 1 };
	}
}

static void send_by_socket(struct end *e, int count)
{
	int done = 0;

	for (int i = 0; i < count; i++, e->next++)
		memcpy(buffers[i], &e->next, sizeof(e->next));
	prepare_messages(e->bytes, count);
	while (done < count)
		done += must(sendmmsg(e->fd, messages + done, count - done, 0), "sendmmsg");
}

static void take(struct end *e, const void *payload, size_t bytes)
{
	uint32_t number;

	if (bytes != e->bytes)
		check(false, "%zu bytes", bytes);
	memcpy(&number, payload, sizeof(number));
	e->sum += number;
}

static void receive_by_socket(struct end *e, int count)
{
	int n;

	while (count) {
		prepare_messages(SLOT_BYTES, count);
		n = must(recvmmsg(e->fd, messages, count, MSG_WAITFORONE, NULL), "recvmmsg");
		for (int i = 0; i < n; i++)
			take(e, buffers[i], messages[i].msg_len);
		count -= n;
	}
}

static void send_by_ring(struct end *e, int count)
{
	for (int i = 0; i < count; i++, e->next++) {
		memcpy(e->ring.arena + i * SLOT_BYTES, &e->next, sizeof(e->next));
		ring_push(&e->ring, i * SLOT_BYTES, e->bytes);
	}
	ring_publish(&e->ring);
	if (ring_kick(&e->ring, 0, 0) != count)
		check(false, "KICK: %s", strerror(errno));
}

/* Datagrams that came in a row may be one record; their number is returned. */
static int take_record(struct end *e, const struct netchannel_record *record)
{
	uint32_t step = record->segment_bytes ?: record->len, at;

	for (at = 0; at < record->len; at += step)
		take(e, (const uint8_t *)(record + 1) + at, step);
	return record->len / step;
}

static void receive_by_ring(struct end *e, int count)
{
	struct netchannel_record *record;

	while (count > 0) {
		record = ring_peek(&e->ring);
		if (!record) {
			must(ring_kick(&e->ring, NETCHANNEL_WAIT, 10 * SECOND), "KICK, waiting");
			continue;
		}
		count -= take_record(e, record);
		ring_next(&e->ring, record);
		ring_release(&e->ring);
	}
}

static void send_some(struct end *e, int count)
{
	if (e->is_ring)
		send_by_ring(e, count);
	else
		send_by_socket(e, count);
}

static void receive_some(struct end *e, int count)
{
	if (e->is_ring)
		receive_by_ring(e, count);
	else
		receive_by_socket(e, count);
}

static struct end open_end(int ns, const char *local, const char *remote, const char *device,
			   const char *way, size_t bytes)
{
	struct end e = { .bytes = bytes, .is_ring = strcmp(way, "udp-socket") };
	struct netchannel_create args = ring_args(local, PORT, remote, PORT);
	struct timeval patience = { .tv_sec = 10 };

	enter(ns);
	if (!strcmp(way, "fast")) {
		args.flags = NETCHANNEL_FAST;
		args.ifindex = if_nametoindex(device);
	}
	if (e.is_ring)
		e.ring = open_ring(args);
	else
		e.fd = udp_socket(local, PORT, remote, PORT);
	if (!e.is_ring)
		setsockopt(e.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	enter(bed.a);
	return e;
}

static void close_end(struct end *e)
{
	if (e->is_ring)
		close_ring(&e->ring);
	else
		close(e->fd);
}

static void answer(struct end *e)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		receive_some(e, BATCH);
		e->next = e->sum;	/* the answer says what has been received */
		send_some(e, 1);
	}
}

/* Nanoseconds a packet of a batch. */
static double measure(const char *way, size_t bytes)
{
	struct end here = open_end(bed.a, ADDR_HERE, ADDR_THERE, device_a, way, bytes);
	struct end there = open_end(bed.b, ADDR_THERE, ADDR_HERE, device_b, way, bytes);
	pid_t child = fork();
	double start = 0;
	uint32_t wanted = 0;

	if (!child)
		answer(&there);
	for (int i = 0; i < WARM_UP + ROUNDS; i++) {
		if (i == WARM_UP)
			start = now();
		send_some(&here, BATCH);
		receive_some(&here, 1);
		wanted += here.next * (here.next - 1) / 2;
	}
	start = (now() - start) * 1e9 / ROUNDS / BATCH;
	if (here.sum != wanted)
		check(false, "other answers than were sent");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close_end(&here);
	close_end(&there);
	return start;
}

static void take_device(int ns, const char *device, const char *address)
{
	if (strncmp(device, "v", 1))
		run("nsenter -t 1 -n /usr/bin/ip link set %s netns /proc/%d/fd/%d", device,
		    getpid(), ns);
	enter(ns);
	run("/usr/bin/ip addr add %s/24 dev %s && /usr/bin/ip link set %s up", address, device,
	    device);
	enter(bed.a);
}

static void await_link(int ns, const char *device)
{
	double limit = now() + 20;

	enter(ns);
	while (!has_carrier(device)) {
		if (now() > limit)
			check(false, "%s has no carrier", device);
		usleep(1000);
	}
	enter(bed.a);
}

/* Who is asked for his hardware address answers before anything is measured. */
static void meet(void)
{
	struct end here = open_end(bed.a, ADDR_HERE, ADDR_THERE, device_a, "udp-socket", 22);
	struct end there = open_end(bed.b, ADDR_THERE, ADDR_HERE, device_b, "udp-socket", 22);

	send_some(&here, 1);
	receive_some(&there, 1);
	send_some(&there, 1);
	receive_some(&here, 1);
	close_end(&here);
	close_end(&there);
}

int main(int argc, char **argv)
{
	static const char *const ways[] = { "udp-socket", "default", "fast" };
	static const size_t sizes[] = { 22, 1372 };
	double peer, ours;

	if (argc != 4)
		return 2;
	device_a = argv[2];
	device_b = argv[3];
	bed = new_bed();
	take_device(bed.a, device_a, ADDR_HERE);
	take_device(bed.b, device_b, ADDR_THERE);
	await_link(bed.a, device_a);
	await_link(bed.b, device_b);
	meet();
	for (int i = 0; i < 2; i++) {
		peer = measure(ways[0], sizes[i]);
		for (int j = 1; j < 3; j++) {
			ours = measure(ways[j], sizes[i]);
			printf("sample %s-%zuB-%s ns/packet udp-socket %.1f %d\n", argv[1],
			       sizes[i], ways[j], peer, ROUNDS * BATCH);
			printf("sample %s-%zuB-%s ns/packet ours %.1f %d\n", argv[1],
			       sizes[i], ways[j], ours, ROUNDS * BATCH);
		}
	}
	return 0;
}
