// SPDX-License-Identifier: GPL-2.0
/*
 * Runs out of memory at each allocation in turn: regdom-fail PHY
 * A failed command says so (ENOMEM) and has changed nothing; the same command
 * then succeeds. A reader gets all of an answer, or an error. Needs failslab (see
 * fail.sh).
 */
#include "../../count.h"
#include "../failnth.h"
#include <linux/nl80211.h>
#include <sys/time.h>

#include "genl.h"

static struct message m;
static struct answer answer;
static int fd, family;
static const char *phy;

static unsigned int generation(void)
{
	message_init(&m, family, REGDOM_CMD_GET_INFO, 0);
	genl_ask(fd, &m, &answer);
	return answer_u32(&answer, REGDOM_ATTR_GENERATION);
}

static void put_setting(int command, int type, const char *what, unsigned int size)
{
	unsigned int nest = message_nest(&m, command);

	message_put(&m, type, what, size);
	message_nest_end(&m, nest);
}

/* A country, a ceiling, a place and a device at once. */
static void request_many(const char *country)
{
	unsigned int list;

	message_init(&m, family, REGDOM_CMD_SET_MANY, 0);
	list = message_nest(&m, REGDOM_ATTR_SETTINGS);
	put_setting(REGDOM_CMD_SET_DOMAIN, REGDOM_ATTR_ALPHA2, country, 2);
	put_setting(REGDOM_CMD_SET_CEILING, REGDOM_ATTR_ALPHA2, country, 2);
	put_setting(REGDOM_CMD_SET_PLACE, REGDOM_ATTR_PLACE, *country == 'U' ? "\2" : "\1", 1);
	put_setting(REGDOM_CMD_SET_DEVICE, REGDOM_ATTR_CLASS, *country == 'U' ? "\2" : "\0", 1);
	message_nest_end(&m, list);
}

/* What a command is asked to do: a country, or a number in so many bytes. */
static void request(int command, const char *what)
{
	static const struct {
		int type;
		unsigned int bytes;
	} attrs[REGDOM_CMD_MAX + 1] = {
		[REGDOM_CMD_SET_DOMAIN] = { REGDOM_ATTR_ALPHA2 },
		[REGDOM_CMD_SET_CEILING] = { REGDOM_ATTR_ALPHA2 },
		[REGDOM_CMD_SET_ALLOWED] = { REGDOM_ATTR_COUNTRIES },
		[REGDOM_CMD_SET_LOCK] = { REGDOM_ATTR_LOCK, 1 },
		[REGDOM_CMD_SET_POLICY] = { REGDOM_ATTR_POLICY, 1 },
		[REGDOM_CMD_SET_AIR] = { REGDOM_ATTR_AIR_MODE, 1 },
		[REGDOM_CMD_SET_PLACE] = { REGDOM_ATTR_PLACE, 1 },
		[REGDOM_CMD_SET_DEVICE] = { REGDOM_ATTR_CLASS, 1 },
		[REGDOM_CMD_SET_GRACE] = { REGDOM_ATTR_GRACE_S, 4 },
		[REGDOM_CMD_SET_OWNERSHIP] = { REGDOM_ATTR_OWNERSHIP, 1 },
	};

	if (command == REGDOM_CMD_SET_MANY) {
		request_many(what);
		return;
	}
	message_init(&m, family, command, 0);
	if (command == REGDOM_CMD_SET_OWNERSHIP)
		message_put_string(&m, REGDOM_ATTR_PHY, phy);
	if (what)
		message_put(&m, attrs[command].type, what, attrs[command].bytes ?: strlen(what));
}

/*
 * Sends with the nth allocation failing (0: none), which carries the command
 * out, and reads the acknowledgement. Returns the errno of either, or ACK_LOST
 * when it was the acknowledgement that there was no memory for; *hit says
 * whether there was an nth allocation.
 */
#define ACK_LOST -1

static int exchange(int nth, int *hit)
{
	static char buffer[65536];
	struct nlmsghdr *nl = (void *)buffer;
	int error;

	failnth_arm(nth);
	error = send(fd, &m, m.nl.nlmsg_len, 0) < 0 ? errno : 0;
	*hit = failnth_disarm() && nth;
	if (error)
		return error;
	if (recv(fd, buffer, sizeof(buffer), 0) < 0) {
		if (errno != ENOBUFS)
			die("no acknowledgement");
		return ACK_LOST;
	}
	if (nl->nlmsg_type != NLMSG_ERROR) {
		printf("FAIL: the answer is no acknowledgement\n");
		exit(1);
	}
	memcpy(&error, NLMSG_DATA(nl), sizeof(error));
	return -error;
}

static void must(int command, const char *what)
{
	int hit, error;

	request(command, what);
	error = exchange(0, &hit);
	if (error) {
		printf("FAIL: without a failure: %s\n", strerror(error));
		exit(1);
	}
}

/*
 * EFAULT: the copy of the message has failed. The kernel's cryptography says
 * that it lacks an algorithm, or that the signature is wrong, when it lacks
 * memory.
 */
static int is_of_memory(int command, int error)
{
	return error == ENOMEM || error == ENOBUFS || error == EFAULT ||
	       (command == REGDOM_CMD_LOAD_DB &&
		(error == ENOPKG || error == EKEYREJECTED || error == ENOKEY));
}

/* What cfg80211 says of it just after a failure: it warns of a radio without a domain. */
static void look_at_radio(int nth)
{
	static int nl80211, index;
	char path[64];
	FILE *file;

	if (!nl80211) {
		nl80211 = genl_family(fd, "nl80211");
		snprintf(path, sizeof(path), "/sys/class/ieee80211/%s/index", phy);
		file = fopen(path, "r");
		if (!file || fscanf(file, "%d", &index) != 1)
			die(path);
		fclose(file);
	}
	message_init(&m, nl80211, NL80211_CMD_GET_REG, 0);
	message_put(&m, NL80211_ATTR_WIPHY, &index, 4);
	genl_ask(fd, &m, &answer);
	if (answer.error || !answer_attr(&answer, NL80211_ATTR_REG_ALPHA2)) {
		printf("FAIL: allocation %d: cfg80211 knows no domain of it\n", nth);
		exit(1);
	}
}

/*
 * The next that fails: each of the first, which are all of most commands (not of a load), then
 * one of about eight, which ones SEED says; in a long run each.
 */
static int next_failure(int nth)
{
	return nth < 64 || number_from("LONG", 0) ? nth + 1 : nth + 1 + random() % 15;
}

/*
 * The failures of one command, counted. An allocation that the kernel can do
 * without may fail and the command succeed: then `undo` puts things back.
 */
static int exhaust(int command, const char *what, const char *undo)
{
	int nth, hit, error, failed = 0;
	unsigned int before;

	for (nth = 1;; nth = next_failure(nth)) {
		before = generation();
		request(command, what);
		error = exchange(nth, &hit);
		if (error == ACK_LOST)
			error = generation() == before ? ENOBUFS : 0;
		if (error == 0 && undo)
			must(command, undo);
		if (!hit)
			break;
		failed++;
		if (error == 0)
			continue;
		if (!is_of_memory(command, error)) {
			printf("FAIL: allocation %d: %s\n", nth, strerror(error));
			exit(1);
		}
		look_at_radio(nth);
		if (generation() != before) {
			printf("FAIL: allocation %d: something has changed\n", nth);
			exit(1);
		}
	}
	if (error) {
		printf("FAIL: without a failure: %s\n", strerror(error));
		exit(1);
	}
	return failed;
}

/* A reader, of the whole machine or of a radio, perhaps about a channel. */
struct reader {
	const char *name;
	int command, flags, of_radio;
	unsigned int center_khz;
};

/*
 * The answers to a reader whose nth allocation fails (0: none): how many there were, or
 * -1 where an error said that there are not all. On a socket of its own, since a dump
 * goes on where its first part has failed.
 */
static int read_failing(const struct reader *reader, int nth, int *hit)
{
	static char buffer[65536];
	struct timeval limit = { .tv_sec = 20 };
	int own = genl_socket(), left, error = 0, count = 0, done = 0;

	setsockopt(own, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	message_init(&m, family, reader->command, reader->flags);
	if (reader->of_radio)
		message_put_string(&m, REGDOM_ATTR_PHY, phy);
	if (reader->center_khz)
		message_put(&m, REGDOM_ATTR_CENTER_KHZ, &reader->center_khz, 4);
	failnth_arm(nth);
	if (send(own, &m, m.nl.nlmsg_len, 0) < 0)
		error = errno;
	while (!error && !done) {
		struct nlmsghdr *nl = (void *)buffer;

		left = recv(own, buffer, sizeof(buffer), 0);
		if (left < 0)
			error = errno;
		for (; left > 0 && NLMSG_OK(nl, (unsigned int)left); nl = NLMSG_NEXT(nl, left)) {
			count += nl->nlmsg_type == family;
			done |= nl->nlmsg_type == NLMSG_DONE || nl->nlmsg_type == NLMSG_ERROR;
			if (done) {
				memcpy(&error, NLMSG_DATA(nl), sizeof(error));
				error = -error;
				break;
			}
		}
	}
	*hit = failnth_disarm() && nth;
	close(own);
	if (error && !(nth && is_of_memory(reader->command, error))) {
		printf("FAIL: %s, allocation %d: %s\n", reader->name, nth, strerror(error));
		exit(1);
	}
	return error ? -1 : count;
}

static int exhaust_reader(const struct reader *reader)
{
	int nth, hit, count, failed = 0, all = read_failing(reader, 0, &hit);

	for (nth = 1;; nth = next_failure(nth)) {
		count = read_failing(reader, nth, &hit);
		if (count >= 0 && count != all) {
			printf("FAIL: %s, allocation %d: %d answers of %d\n", reader->name, nth,
			       count, all);
			exit(1);
		}
		if (!hit)
			return failed;
		failed++;
	}
}

#define READER(what, of) .name = what, .command = REGDOM_CMD_##of
#define DUMP(what, of) READER(what, of), .flags = NLM_F_DUMP

static const struct reader readers[] = {
	{ READER("info", GET_INFO) },
	{ READER("stats", GET_STATS) },
	{ DUMP("countries", GET_COUNTRIES) },
	{ DUMP("rules", GET_RULES) },
	{ DUMP("a radio's rules", GET_RULES), .of_radio = 1 },
	{ DUMP("radios", GET_PHYS) },
	{ DUMP("judge", JUDGE), .of_radio = 1, .center_khz = 2437000 },
	{ DUMP("networks", GET_NETWORKS) },
	{ DUMP("audit", GET_AUDIT) },
};

/* What `undo` leaves of ceiling, place, device and grace bounds nothing under DE. */
static const struct setter {
	const char *name;
	int command;
	const char *what, *undo;
} setters[] = {
	{ "set", REGDOM_CMD_SET_DOMAIN, "US", "DE" },
	{ "many", REGDOM_CMD_SET_MANY, "US", "DE" },
	{ "ceiling", REGDOM_CMD_SET_CEILING, "US", "DE" },
	{ "place", REGDOM_CMD_SET_PLACE, "\2", "\1" },
	{ "device", REGDOM_CMD_SET_DEVICE, "\2", "\0" },
	{ "grace", REGDOM_CMD_SET_GRACE, "\5\0\0", "\0\0\0" },
	{ "allow", REGDOM_CMD_SET_ALLOWED, "DEUS", "DEFRUS" },
	{ "lock", REGDOM_CMD_SET_LOCK, "\1", "\0" },
	{ "policy", REGDOM_CMD_SET_POLICY, "\1", "\0" },
	{ "air", REGDOM_CMD_SET_AIR, "\2", "\0" },
	{ "overlay", REGDOM_CMD_SET_OWNERSHIP, "\1", "\0" },
	{ "authority", REGDOM_CMD_SET_OWNERSHIP, "\0", "\1" },
	{ "load", REGDOM_CMD_LOAD_DB, NULL, NULL },
};

int main(int argc, char **argv)
{
	size_t i;

	if (argc != 2)
		die("needs a radio");
	phy = argv[1];
	srandom(number_from("SEED", 1));
	fd = genl_socket();
	family = genl_family(fd, REGDOM_GENL_NAME);
	if (!failnth_setup())
		die("this kernel injects no failures");
	/* before the record of decisions is long */
	for (i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		printf("%s: %d failed allocations\n", readers[i].name,
		       exhaust_reader(&readers[i]));
	for (i = 0; i < sizeof(setters) / sizeof(setters[0]); i++) {
		const struct setter *s = &setters[i];

		if (s->undo)
			must(s->command, s->undo);
		printf("%s: %d failed allocations\n", s->name,
		       exhaust(s->command, s->what, s->undo));
	}
	must(REGDOM_CMD_SET_OWNERSHIP, "\0");
	return 0;
}
