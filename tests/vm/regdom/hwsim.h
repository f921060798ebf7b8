/* SPDX-License-Identifier: GPL-2.0 */
/* More simulated radios than the parameter of mac80211_hwsim makes. */
#ifndef TESTS_REGDOM_HWSIM_H
#define TESTS_REGDOM_HWSIM_H

#include "genl.h"

#define HWSIM_CMD_NEW_RADIO 4

static inline void hwsim_new_radios(int fd, int n)
{
	static struct message m;
	static struct answer answer;
	int family = genl_family(fd, "MAC80211_HWSIM");

	while (n-- > 0) {
		message_init(&m, family, HWSIM_CMD_NEW_RADIO, 0);
		genl_ask(fd, &m, &answer);
		/* the number of the radio is in the place of an error */
		if (answer.error > 0) {
			errno = answer.error;
			die("a new radio");
		}
	}
}

#endif
