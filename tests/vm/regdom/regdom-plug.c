// SPDX-License-Identifier: GPL-2.0
/*
 * Memory runs out within the module, at each allocation in turn, or at each STEPth, beginning
 * where SEED says:
 * regdom-plug radio COUNTRY STEP: while a radio comes. It is known at once, so that it is not
 *	left to cfg80211, and in the country soon after.
 * regdom-plug module FILE PARAMS STEP: while the module is loaded. It is not loaded, or it is
 *	unloaded again. No other module that allocates may be in its way then.
 * Allocations of others do not count: only those with the module on the stack.
 */
#include <fcntl.h>
#include <limits.h>

#include "../../count.h"
#include "../failload.h"
#include "genl.h"
#include "hwsim.h"

static struct message m;
static struct answer answer;
static int fd, family;

/* Of the module's functions, as /proc/kallsyms has them. */
struct layout {
	unsigned long start, end;
};

static void read_layout(struct layout *layout)
{
	FILE *symbols = fopen("/proc/kallsyms", "re");
	char line[1024], name[512], module[64], type;
	unsigned long address;

	*layout = (struct layout){ .start = ULONG_MAX };
	while (symbols && fgets(line, sizeof(line), symbols)) {
		int fields = sscanf(line, "%lx %c %511s [%63[^]]", &address, &type, name, module);

		if (fields < 4 || strcmp(module, "regdom") || (type != 't' && type != 'T'))
			continue;
		if (address < layout->start)
			layout->start = address;
		if (address >= layout->end)
			layout->end = address + 1;
	}
	if (!symbols || fclose(symbols) || !layout->end)
		die("kallsyms");
}

static void count_all(void)
{
	failnth_only_in(0, ULONG_MAX);
}

static void count_only(unsigned long start, unsigned long end)
{
	if (!failnth_setup() || !failnth_only_in(start, end))
		die("this kernel injects no failures");
	atexit(count_all);
}

/* The radios that the module knows; the last of them is in `country`. */
static unsigned int read_radios(char *country)
{
	const struct nlattr *alpha2;

	message_init(&m, family, REGDOM_CMD_GET_PHYS, NLM_F_DUMP);
	genl_ask(fd, &m, &answer);
	alpha2 = answer.count ? answer_attr(&answer, REGDOM_ATTR_ALPHA2) : NULL;
	memcpy(country, alpha2 ? (const char *)(alpha2 + 1) : "--", 2);
	return answer.count;
}

/* Within 10 s the new radio is in the country. Whether the module knew it at once. */
static int is_taken(unsigned int before, const char *wanted)
{
	char country[3] = "";
	int tick, at_once = read_radios(country) > before;

	for (tick = 0; tick < 200; tick++) {
		if (read_radios(country) > before && strcmp(country, wanted) == 0)
			return at_once;
		usleep(50000);
	}
	printf("FAIL: the new radio is in %s\n", country);
	exit(1);
}

static int first(int step)
{
	return 1 + (number_from("SEED", 1) - 1) % step;
}

static void radio_comes(const char *country, int step)
{
	char ignored[3];
	struct layout layout;
	unsigned int before, radio;
	int nth, hit = 1, n = 0;

	family = genl_family(fd, REGDOM_GENL_NAME);
	before = read_radios(ignored);
	read_layout(&layout);
	count_only(layout.start, layout.end);
	for (nth = first(step); hit; nth += step, n += hit) {
		failnth_arm(nth);
		radio = hwsim_new_radio(fd);
		hit = failnth_disarm();
		if (!is_taken(before, country)) {
			printf("FAIL: allocation %d: it was left to cfg80211 at first\n", nth);
			exit(1);
		}
		hwsim_del_radio(fd, radio);
	}
	if (!n)
		die("no allocation has failed");
	printf("radio: %d failed allocations\n", n);
}

int main(int argc, char **argv)
{
	int step = argc > 3 ? atoi(argv[argc - 1]) : 0;

	if (step < 1)
		return 1;
	fd = genl_socket();
	if (argc == 4 && strcmp(argv[1], "radio") == 0)
		radio_comes(argv[2], step);
	else if (argc == 5 && strcmp(argv[1], "module") == 0)
		/* platform_device_add() does not see that its name got no memory */
		failload(argv[2], "regdom", argv[3], EINVAL, first(step), step);
	else
		return 1;
	return 0;
}
