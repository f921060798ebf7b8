// SPDX-License-Identifier: GPL-2.0
/*
 * Sends beacons of networks that there are not, through a monitor interface:
 * regdom-beacon INTERFACE CHANNEL MS {BSSID=COUNTRY | BSSID=xHEX | BSSID=}...
 * With xHEX the bytes of the Country element are these, with nothing there is
 * none. Each network in turn, for MS milliseconds. With TIMER in the environment
 * each says that this is its time (TSF). With RESPONSE_TO these are probe responses
 * to that address.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct frame {
	unsigned char bytes[512];
	unsigned int n;
};

static void put(struct frame *frame, const void *data, unsigned int n)
{
	memcpy(frame->bytes + frame->n, data, n);
	frame->n += n;
}

static void put_element(struct frame *frame, unsigned char id, const void *data,
			unsigned char n)
{
	put(frame, &id, 1);
	put(frame, &n, 1);
	put(frame, data, n);
}

static unsigned long long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ULL + ts.tv_nsec / 1000;
}

static void put_country(struct frame *frame, const char *text)
{
	unsigned char data[255];
	unsigned int n = 0, byte;

	if (!*text)
		return;
	if (*text != 'x') {
		memcpy(data, text, 2);
		memcpy(data + 2, " \1\15\24", 4);
		n = 6;
	} else {
		while (n < sizeof(data) && sscanf(text + 1 + 2 * n, "%2x", &byte) == 1)
			data[n++] = byte;
	}
	put_element(frame, 7, data, n);
}

static void parse_address(const char *text, unsigned char b[6])
{
	if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &b[0], &b[1], &b[2], &b[3],
		   &b[4], &b[5]) == 6)
		return;
	fprintf(stderr, "%s: no address\n", text);
	exit(1);
}

static void make(struct frame *frame, const char *network, unsigned char channel)
{
	static const unsigned char radiotap[8] = { 0, 0, 8 };
	unsigned char head[10] = { 0x80, 0, 0, 0, 255, 255, 255, 255, 255, 255 };
	static const unsigned char rest[] = { 0, 0 };
	static const unsigned char fixed[4] = { 100, 0, 1, 0 };	/* 102.4 ms, ESS */
	const char *timer_text = getenv("TIMER"), *to = getenv("RESPONSE_TO");
	unsigned long long timer = timer_text ? strtoull(timer_text, NULL, 0) : now_us();
	unsigned char b[6];

	parse_address(network, b);
	if (!strchr(network, '=')) {
		fprintf(stderr, "%s: not BSSID=\n", network);
		exit(1);
	}
	if (to) {
		head[0] = 0x50;
		parse_address(to, head + 4);
	}
	frame->n = 0;
	put(frame, radiotap, sizeof(radiotap));
	put(frame, head, sizeof(head));
	put(frame, b, 6);
	put(frame, b, 6);
	put(frame, rest, sizeof(rest));
	put(frame, &timer, sizeof(timer));
	put(frame, fixed, sizeof(fixed));
	put_element(frame, 0, "rogue", 5);
	put_element(frame, 1, "\202\204\213\226", 4);
	put_element(frame, 3, &channel, 1);
	put_country(frame, strchr(network, '=') + 1);
}

int main(int argc, char **argv)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
	};
	struct frame frame;
	unsigned long long end;
	int fd, i;

	if (argc < 5)
		return 1;
	address.sll_ifindex = if_nametoindex(argv[1]);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		perror(argv[1]);
		return 1;
	}
	end = now_us() + 1000ULL * atoi(argv[3]);
	while (now_us() < end) {
		for (i = 4; i < argc; i++) {
			make(&frame, argv[i], atoi(argv[2]));
			if (send(fd, frame.bytes, frame.n, 0) < 0) {
				perror("send");
				return 1;
			}
		}
		usleep(10000);
	}
	return 0;
}
