// SPDX-License-Identifier: GPL-2.0
/*
 * A plain UDP socket, for scripts: nc_socket LOCAL PORT REMOTE PORT TEXT sends
 * TEXT from a connected socket and says what came back within two seconds.
 */
#include "nc.h"

int main(int argc, char **argv)
{
	struct timeval limit = { .tv_sec = 2 };
	char buf[2000];
	int fd, n;

	if (argc != 6)
		return 1;
	fd = udp_socket(argv[1], atoi(argv[2]), argv[3], atoi(argv[4]));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	must(send(fd, argv[5], strlen(argv[5]), 0), "send");
	n = recv(fd, buf, sizeof(buf) - 1, 0);
	if (n >= 0)
		printf("the socket received: %.*s\n", n, buf);
	else if (errno == EAGAIN)
		printf("the socket received nothing\n");
	else
		printf("the socket was told: %s\n", strerror(errno));
	return 0;
}
