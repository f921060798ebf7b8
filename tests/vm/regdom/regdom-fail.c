// SPDX-License-Identifier: GPL-2.0
/*
 * Runs out of memory at each allocation in turn: regdom-fail PHY
 * A failed command says so (ENOMEM) and has changed nothing; the same command
 * then succeeds. Needs failslab (see fail.sh).
 */
#include "../failnth.h"
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

/* A country, a ceiling and a place at once. */
static void request_many(const char *country)
{
	unsigned int list;

	message_init(&m, family, REGDOM_CMD_SET_MANY, 0);
	list = message_nest(&m, REGDOM_ATTR_SETTINGS);
	put_setting(REGDOM_CMD_SET_DOMAIN, REGDOM_ATTR_ALPHA2, country, 2);
	put_setting(REGDOM_CMD_SET_CEILING, REGDOM_ATTR_ALPHA2, country, 2);
	put_setting(REGDOM_CMD_SET_PLACE, REGDOM_ATTR_PLACE, *country == 'U' ? "\2" : "\1", 1);
	message_nest_end(&m, list);
}

/* What a command is asked to do: a country, or a number of one byte. */
static void request(int command, const char *what)
{
	static const int types[REGDOM_CMD_MAX + 1] = {
		[REGDOM_CMD_SET_DOMAIN] = REGDOM_ATTR_ALPHA2,
		[REGDOM_CMD_SET_ALLOWED] = REGDOM_ATTR_COUNTRIES,
		[REGDOM_CMD_SET_LOCK] = REGDOM_ATTR_LOCK,
		[REGDOM_CMD_SET_POLICY] = REGDOM_ATTR_POLICY,
		[REGDOM_CMD_SET_AIR] = REGDOM_ATTR_AIR_MODE,
		[REGDOM_CMD_SET_OWNERSHIP] = REGDOM_ATTR_OWNERSHIP,
	};

	if (command == REGDOM_CMD_SET_MANY) {
		request_many(what);
		return;
	}
	message_init(&m, family, command, 0);
	if (command == REGDOM_CMD_SET_OWNERSHIP)
		message_put_string(&m, REGDOM_ATTR_PHY, phy);
	if (what && what[0] < ' ')
		message_put(&m, types[command], what, 1);
	else if (what)
		message_put_string(&m, types[command], what);
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

/*
 * The failures of one command, counted. An allocation that the kernel can do
 * without may fail and the command succeed: then `undo` puts things back.
 */
static int exhaust(int command, const char *what, const char *undo)
{
	unsigned int before;
	int nth, hit, error;

	for (nth = 1;; nth++) {
		before = generation();
		request(command, what);
		error = exchange(nth, &hit);
		if (error == ACK_LOST)
			error = generation() == before ? ENOBUFS : 0;
		if (error == 0 && undo)
			must(command, undo);
		if (!hit)
			break;
		if (error == 0)
			continue;
		if (!is_of_memory(command, error)) {
			printf("FAIL: allocation %d: %s\n", nth, strerror(error));
			exit(1);
		}
		if (generation() != before) {
			printf("FAIL: allocation %d: something has changed\n", nth);
			exit(1);
		}
	}
	if (error) {
		printf("FAIL: without a failure: %s\n", strerror(error));
		exit(1);
	}
	return nth - 1;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		die("needs a radio");
	phy = argv[1];
	fd = genl_socket();
	family = genl_family(fd, REGDOM_GENL_NAME);
	if (!failnth_setup())
		die("this kernel injects no failures");
	printf("set: %d failed allocations\n",
	       exhaust(REGDOM_CMD_SET_DOMAIN, "US", "DE"));
	/* what is left of ceiling and place bounds nothing */
	printf("many: %d failed allocations\n",
	       exhaust(REGDOM_CMD_SET_MANY, "US", "DE"));
	printf("allow: %d failed allocations\n",
	       exhaust(REGDOM_CMD_SET_ALLOWED, "DEUS", "DEFRUS"));
	printf("lock: %d failed allocations\n",
	       exhaust(REGDOM_CMD_SET_LOCK, "\1", "\0"));
	printf("policy: %d failed allocations\n",
	       exhaust(REGDOM_CMD_SET_POLICY, "\1", "\0"));
	printf("air: %d failed allocations\n",
	       exhaust(REGDOM_CMD_SET_AIR, "\2", "\0"));
	printf("overlay: %d failed allocations\n",
	       exhaust(REGDOM_CMD_SET_OWNERSHIP, "\1", "\0"));
	must(REGDOM_CMD_SET_OWNERSHIP, "\1");
	printf("authority: %d failed allocations\n",
	       exhaust(REGDOM_CMD_SET_OWNERSHIP, "\0", "\1"));
	must(REGDOM_CMD_SET_OWNERSHIP, "\0");
	printf("load: %d failed allocations\n",
	       exhaust(REGDOM_CMD_LOAD_DB, NULL, NULL));
	return 0;
}
