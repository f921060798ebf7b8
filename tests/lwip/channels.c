// SPDX-License-Identifier: GPL-2.0
/*
 * N44 beside lwIP: its host is behind a TUN device of namespace A, whose kernel is its router.
 * Over that device, and over a channel on it, the library and lwIP send each other all bytes;
 * then the library, lwIP and the kernel each send to a socket of the kernel in namespace B, on
 * a path of 20 ms that loses 1 % of the packets each way. There CUBIC, the kernel's as well,
 * brings little more than lwIP's Reno: it is BBR that the path does not hold up.
 *
 * tcp_lwip RUNS MEBIBYTES: the medians of so many transfers of so many; none: only the first.
 */
#include "../vm/tcp/path.h"

#include <linux/if_tun.h>
#include <pthread.h>

#include "host.h"

#define TUN_ADDR	"192.0.2.1"
#define LWIP_ADDR	"192.0.2.2"
#define LWIP_PORT	80
#define PACKET_BYTES_MAX	65536
#define TIMES_LWIP	3	/* what lwIP brings, at least */
#define OF_KERNEL	0.95	/* what the kernel brings; chance in less runs than: */
#define RUNS_FOR_KERNEL	9

static int tun = -1;
static int mebibytes;

static void lwip_sends(void *context, const uint8_t *bytes, size_t size)
{
	(void)context;
	/* what the device has no room for is lost, as on any network */
	if (write(tun, bytes, size) < 0 && errno != EAGAIN && errno != ENOBUFS)
		check(false, "TUN: %s", strerror(errno));
}

static void *feed_lwip(void *context)
{
	static uint8_t bytes[PACKET_BYTES_MAX];
	ssize_t size;

	while ((size = read(tun, bytes, sizeof(bytes))) > 0)
		lwip_host_input(bytes, size);
	return context;
}

/* The kernel knows lwIP's host as a neighbour behind the device, and namespace B the way to it. */
static void start_lwip(void)
{
	struct ifreq r = { .ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "t0" };
	pthread_t thread;

	tun = must(open("/dev/net/tun", O_RDWR | O_CLOEXEC), "/dev/net/tun");
	must(ioctl(tun, TUNSETIFF, &r), "TUNSETIFF");
	run("/usr/bin/ip addr add " TUN_ADDR "/24 dev t0 && /usr/bin/ip link set t0 up &&"
	    " echo 1 >/proc/sys/net/ipv4/ip_forward");
	enter(bed.b);
	run("/usr/bin/ip route add " LWIP_ADDR "/32 via " ADDR_A);
	enter(bed.a);
	lwip_host_start(ntohl(inet_addr(LWIP_ADDR)), lwip_sends, NULL);
	must(-pthread_create(&thread, NULL, feed_lwip, NULL), "thread");
}

/* --- the library and lwIP --- */

static struct nc_stack *stack_on_tun(void)
{
	union sock_addr own = sock_addr(TUN_ADDR, PORT_A), address = sock_addr(TUN_ADDR, 0);
	struct nc_stack_config config = NC_STACK_CONFIG_INIT;
	struct nc_stack *s;

	config.ipv4 = &address.any;
	if (nc_link_channel(&config.link, IPPROTO_TCP, &own.any, 1500) ||
	    nc_stack_create(&s, &config))
		check(false, "no stack over TUN");
	return s;
}

static void *library_to_lwip(void *context)
{
	union sock_addr to = sock_addr(LWIP_ADDR, LWIP_PORT);
	int fd = nc_socket(context, AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || nc_connect(fd, &to.any, sizeof(to)))
		check(false, "no connection to lwIP");
	our_send(fd, MEBIBYTE);
	nc_close(fd);
	return NULL;
}

static void *lwip_to_library(void *context)
{
	if (lwip_host_send(ntohl(inet_addr(TUN_ADDR)), PORT_A, MEBIBYTE))
		check(false, "lwIP could not send");
	return context;
}

static void send_each_other(void)
{
	struct nc_stack *on_tun = stack_on_tun();
	union sock_addr own = sock_addr(TUN_ADDR, PORT_A);
	int listener = nc_socket(on_tun, AF_INET, SOCK_STREAM, 0), on = 1, fd;
	pthread_t thread;
	int64_t received;

	nc_setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (nc_bind(listener, &own.any, sizeof(own)) || nc_listen(listener, 1))
		check(false, "no listener over TUN");
	must(-pthread_create(&thread, NULL, lwip_to_library, NULL), "thread");
	fd = nc_accept4(listener, NULL, NULL, 0);
	check(our_take(fd, 0, MEBIBYTE, 0) == MEBIBYTE, "the library has all of lwIP's");
	pthread_join(thread, NULL);
	nc_close(fd);
	nc_close(listener);

	lwip_host_listen(LWIP_PORT);
	must(-pthread_create(&thread, NULL, library_to_lwip, on_tun), "thread");
	received = lwip_host_receive();
	pthread_join(thread, NULL);
	check(received == MEBIBYTE, "lwIP has %lld bytes of the library's", (long long)received);
	nc_stack_destroy(on_tun);
}

/* --- the three senders --- */

static void library_sends(const char *congestion)
{
	int fd = our_connection(last_port);

	if (nc_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, congestion, strlen(congestion)))
		check(false, "no %s", congestion);
	for (int i = 0; i < mebibytes; i++)
		our_send(fd, MEBIBYTE);
	nc_close(fd);
}

static void *cubic_sends(void *context)
{
	library_sends("cubic");
	return context;
}

static void *bbr_sends(void *context)
{
	library_sends("bbr");
	return context;
}

static void *kernel_sends(void *context)
{
	union sock_addr to = sock_addr(ADDR_B, last_port);
	int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	int room = 2 * MEBIBYTE;

	must(setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)), "SO_SNDBUF");
	must(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5), "cubic");
	must(connect(fd, &to.any, sizeof(to)), "connect");
	for (int i = 0; i < mebibytes; i++)
		their_send(fd, MEBIBYTE);
	close(fd);
	return context;
}

static void *lwip_sends_all(void *context)
{
	if (lwip_host_send(ntohl(inet_addr(ADDR_B)), last_port, (uint64_t)mebibytes * MEBIBYTE))
		check(false, "lwIP could not send");
	return context;
}

static double transfer(void *(*sender)(void *context))
{
	int listener = their_listener(++last_port), fd;
	pthread_t thread;
	double start;

	must(-pthread_create(&thread, NULL, sender, NULL), "thread");
	fd = must(accept(listener, NULL, NULL), "accept");
	start = now();		/* a SYN that is lost costs whoever sent it a second */
	for (int i = 0; i < mebibytes; i++)
		their_take(fd, 0, MEBIBYTE, 0);
	start = now() - start;
	pthread_join(thread, NULL);
	close(fd);
	close(listener);
	return start;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(void *(*sender)(void *context), int runs)
{
	double seconds[99];

	for (int i = 0; i < runs; i++)
		seconds[i] = transfer(sender);
	qsort(seconds, runs, sizeof(*seconds), compare);
	return seconds[runs / 2];
}

int main(int argc, char **argv)
{
	int runs = argc > 1 ? atoi(argv[1]) : 0;
	double cubic, bbr, kernel, lwip;

	if (argc != 3 || runs < 0 || runs > 99 || (mebibytes = atoi(argv[2])) < 1)
		check(false, "usage: tcp_lwip RUNS MEBIBYTES");
	make_path();
	start_lwip();
	send_each_other();
	if (!runs)
		return 0;
	treat_both_segments("delay 10ms loss 1%");
	start_stack();
	bbr = median(bbr_sends, runs);
	lwip = median(lwip_sends_all, runs);
	check(lwip >= TIMES_LWIP * bbr, "BBR: %.1f times lwIP's goodput (%.2f s, %.2f s)",
	      lwip / bbr, bbr, lwip);
	if (runs >= RUNS_FOR_KERNEL) {
		cubic = median(cubic_sends, runs);
		kernel = median(kernel_sends, runs);
		check(kernel >= OF_KERNEL * cubic, "CUBIC: %.2f of the kernel's (%.2f s, %.2f s)",
		      kernel / cubic, cubic, kernel);
	}
	stop_stack();
	return 0;
}
