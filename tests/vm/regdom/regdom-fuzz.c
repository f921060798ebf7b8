// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of random bytes and sense to the family "regdom": regdom-fuzz PHY
 * Each must be answered; what it does is for the kernel's log to say. Prints how
 * many there were, and how many of them did something. SEED= repeats a run.
 */
#include <time.h>

#include "../../count.h"
#include "genl.h"

static struct message m;
static const char *phy;
static unsigned long long state;

/* Knuth's MMIX generator; its upper bits are the good ones. */
static unsigned int random_number(void)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return state >> 33;
}

static unsigned int below(unsigned int n)
{
	return random_number() % n;
}

static void put_bytes(int type, unsigned int size)
{
	static unsigned char bytes[2048];
	unsigned int i;

	for (i = 0; i < size; i++)
		bytes[i] = below(4) ? random_number() : 0;
	message_put(&m, type, bytes, size);
}

static int random_type(void)
{
	static const int flags[] = { 0, 0, 0, 0, 0, 0, 0, NLA_F_NESTED, NLA_F_NET_BYTEORDER };

	return below(REGDOM_ATTR_MAX + 4) | flags[below(9)];
}

/* One in another, so deep; what is within may be cut off. */
static void put_nest(void)
{
	unsigned int depth = 1 + below(20), i;
	unsigned char bytes[21 * NLA_HDRLEN];

	for (i = 0; i <= depth; i++) {
		struct nlattr attr = {
			.nla_len = (depth + 1 - i) * NLA_HDRLEN + below(3),
			.nla_type = random_type() | NLA_F_NESTED,
		};

		memcpy(bytes + i * NLA_HDRLEN, &attr, NLA_HDRLEN);
	}
	message_put(&m, random_type(), bytes, (1 + below(depth + 1)) * NLA_HDRLEN);
}

/* What makes sense somewhere. */
static void put_sensible(void)
{
	static const char *const countries[] = { "DE", "US", "00", "XX", "ZZ", "de" };
	const unsigned int numbers[] = { 0, 1, 2, 30, 2437000, 5180000, 20000, 0xffffffff };

	switch (below(6)) {
	case 0:
		message_put_string(&m, REGDOM_ATTR_ALPHA2, countries[below(6)]);
		break;
	case 1:
		message_put_string(&m, REGDOM_ATTR_PHY, below(4) ? phy : "phy999");
		break;
	case 2:
		message_put(&m, random_type(), NULL, 0);
		break;
	case 3:
		message_put(&m, random_type(), &numbers[below(8)], 1);
		break;
	case 4:
		message_put(&m, random_type(), &numbers[below(8)], 4);
		break;
	case 5:
		message_put(&m, REGDOM_ATTR_CENTER_KHZ, &numbers[below(8)], 4);
		break;
	}
}

/* Settings as SET_MANY takes them, or nearly. */
static void put_settings(void)
{
	static const int commands[] = { REGDOM_CMD_SET_DOMAIN, REGDOM_CMD_SET_CEILING,
					REGDOM_CMD_SET_PLACE, REGDOM_CMD_SET_DEVICE };
	unsigned int list = message_nest(&m, REGDOM_ATTR_SETTINGS), nest, n, i;

	for (n = below(5); n; n--) {
		nest = message_nest(&m, below(10) ? commands[below(4)] : random_type());
		for (i = below(4); i; i--)
			put_sensible();
		message_nest_end(&m, nest);
	}
	message_nest_end(&m, list);
}

static void make(int family)
{
	/* the file is loaded now and then, which takes its time */
	unsigned int command = below(REGDOM_CMD_MAX + 3), n;

	if (command == REGDOM_CMD_LOAD_DB && below(20))
		command = REGDOM_CMD_JUDGE;
	message_init(&m, family, below(50) ? command : random_number() & 255,
		     below(2) ? NLM_F_DUMP : 0);
	if (command == REGDOM_CMD_SET_MANY)
		put_settings();
	for (n = command == REGDOM_CMD_SET_MANY ? 0 : below(6); n; n--) {
		switch (below(8)) {
		case 0:
			put_bytes(random_type(), below(80));
			break;
		case 1:
			put_nest();
			break;
		default:
			put_sensible();
			break;
		}
	}
	if (below(200) == 0)
		while (m.nl.nlmsg_len < 62000)
			put_bytes(random_type(), below(2000));
	if (below(10) == 0)
		m.nl.nlmsg_len -= below(m.nl.nlmsg_len - NLMSG_HDRLEN);
	if (below(50) == 0)
		m.genl.reserved = below(65536);
}

int main(int argc, char **argv)
{
	static struct answer answer;
	unsigned long i, n = count_of(5000, 1000000), done = 0;
	int fd, family;

	if (argc != 2)
		return 1;
	phy = argv[1];
	state = number_from("SEED", 1);
	fd = genl_socket();
	family = genl_family(fd, REGDOM_GENL_NAME);
	for (i = 0; i < n; i++) {
		make(family);
		genl_ask(fd, &m, &answer);
		done += !answer.error;
	}
	printf("%lu messages, %lu did something\n", n, done);
	return done == 0 || done == n;
}
