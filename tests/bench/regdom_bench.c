// SPDX-License-Identifier: GPL-2.0
/*
 * How many ticks of the TSC a command takes, from the request to its answer:
 * regdom_bench set COUNTRY	regdom puts a domain in force
 * regdom_bench load		regdom loads regulatory.db
 * regdom_bench stock-load	cfg80211 does
 * regdom_bench radios N makes N simulated radios more.
 */
#include <linux/nl80211.h>
#include <x86intrin.h>

#include "../vm/regdom/genl.h"
#include "../vm/regdom/hwsim.h"

static struct message m;
static struct answer answer;
static int fd;

static unsigned long long ask(const char *what)
{
	unsigned long long begun = __rdtsc();

	genl_ask(fd, &m, &answer);
	begun = __rdtsc() - begun;
	if (answer.error) {
		errno = answer.error;
		die(what);
	}
	return begun;
}

static void init(const char *family, int command)
{
	fd = genl_socket();
	message_init(&m, genl_family(fd, family), command, 0);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "radios") == 0 && argc == 3) {
		hwsim_new_radios(genl_socket(), atoi(argv[2]));
		return 0;
	}
	if (strcmp(what, "set") == 0 && argc == 3) {
		init(REGDOM_GENL_NAME, REGDOM_CMD_SET_DOMAIN);
		message_put_string(&m, REGDOM_ATTR_ALPHA2, argv[2]);
	} else if (strcmp(what, "load") == 0) {
		init(REGDOM_GENL_NAME, REGDOM_CMD_LOAD_DB);
	} else if (strcmp(what, "stock-load") == 0) {
		init(NL80211_GENL_NAME, NL80211_CMD_RELOAD_REGDB);
	} else {
		fprintf(stderr, "usage: regdom_bench set COUNTRY | load | stock-load | radios N\n");
		return 1;
	}
	printf("%llu\n", ask(what));
	return 0;
}
