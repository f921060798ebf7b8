// SPDX-License-Identifier: GPL-2.0
/*
 * Sets the global domain again and again: regdom-storm COUNTRY COUNT [ERRNO], which each is
 * answered with.
 */
#include "genl.h"

int main(int argc, char **argv)
{
	static struct message m;
	static struct answer answer;
	int fd = genl_socket();
	int family = genl_family(fd, REGDOM_GENL_NAME);
	long left = argc >= 3 ? atol(argv[2]) : 0;
	int wanted = argc == 4 ? atoi(argv[3]) : 0;

	for (; left > 0; left--) {
		message_init(&m, family, REGDOM_CMD_SET_DOMAIN, 0);
		message_put_string(&m, REGDOM_ATTR_ALPHA2, argv[1]);
		genl_ask(fd, &m, &answer);
		if (answer.error != wanted) {
			errno = answer.error;
			die("set");
		}
	}
	return 0;
}
