/* SPDX-License-Identifier: GPL-2.0 */
/* Simulated radios beside those that the parameter of mac80211_hwsim makes. */
#ifndef TESTS_REGDOM_HWSIM_H
#define TESTS_REGDOM_HWSIM_H

#include "genl.h"

#define HWSIM_CMD_NEW_RADIO 4
#define HWSIM_CMD_DEL_RADIO 5
#define HWSIM_ATTR_RADIO_ID 10

/* The error of a command of hwsim's; of NEW_RADIO minus the number of the radio. */
static inline int hwsim_ask(int fd, int command, const unsigned int *radio)
{
	static struct message m;
	static struct answer answer;
	static int family;

	family = family ?: genl_family(fd, "MAC80211_HWSIM");
	message_init(&m, family, command, 0);
	if (radio)
		message_put(&m, HWSIM_ATTR_RADIO_ID, radio, 4);
	genl_ask(fd, &m, &answer);
	if (answer.error > 0) {
		errno = answer.error;
		die("hwsim");
	}
	return answer.error;
}

static inline unsigned int hwsim_new_radio(int fd)
{
	return -hwsim_ask(fd, HWSIM_CMD_NEW_RADIO, NULL);
}

static inline void hwsim_new_radios(int fd, int n)
{
	while (n-- > 0)
		hwsim_new_radio(fd);
}

static inline void hwsim_del_radio(int fd, unsigned int radio)
{
	hwsim_ask(fd, HWSIM_CMD_DEL_RADIO, &radio);
}

#endif
