// SPDX-License-Identifier: GPL-2.0
/*
 * Dumps of radios while others change them: regdom-dump RADIOS SECONDS
 * Each has every radio once, all under one country and one generation, and none is
 * interrupted. Prints how many there were.
 * regdom-dump new N: makes N simulated radios more.
 * regdom-dump plug: makes one, and takes it away.
 * regdom-dump hold [radios]: begins a dump, of countries or of radios, that does not end.
 */
#include <time.h>

#include "genl.h"
#include "hwsim.h"

struct dump {
	unsigned int count;
	int interrupted;
	int mixed;
	char alpha2[3];
	unsigned int generation;
};

static struct message m;
static int fd, family;

static void take_radio(struct dump *dump, const struct nlmsghdr *nl)
{
	struct answer one = { .count = 1 };
	const struct nlattr *alpha2;
	unsigned int generation;

	memcpy(&one.last, nl, nl->nlmsg_len);
	generation = answer_u32(&one, REGDOM_ATTR_GENERATION);
	alpha2 = answer_attr(&one, REGDOM_ATTR_ALPHA2);
	dump->interrupted |= nl->nlmsg_flags & NLM_F_DUMP_INTR;
	if (dump->count++ == 0) {
		dump->generation = generation;
		memcpy(dump->alpha2, alpha2 ? (const char *)(alpha2 + 1) : "--", 2);
	}
	dump->mixed |= generation != dump->generation ||
		       memcmp(dump->alpha2, alpha2 ? (const char *)(alpha2 + 1) : "--", 2) != 0;
}

static void read_dump(struct dump *dump)
{
	static char buffer[65536];
	int left, done = 0;

	memset(dump, 0, sizeof(*dump));
	message_init(&m, family, REGDOM_CMD_GET_PHYS, NLM_F_DUMP);
	if (send(fd, &m, m.nl.nlmsg_len, 0) < 0)
		die("send");
	while (!done) {
		struct nlmsghdr *nl = (void *)buffer;

		/* the kernel makes its messages as long as the longest read before */
		left = recv(fd, buffer, 4096, 0);
		if (left < 0)
			die("recv");
		for (; NLMSG_OK(nl, (unsigned int)left); nl = NLMSG_NEXT(nl, left)) {
			done |= nl->nlmsg_type == NLMSG_DONE || nl->nlmsg_type == NLMSG_ERROR;
			if (nl->nlmsg_type == family)
				take_radio(dump, nl);
			else
				dump->interrupted |= nl->nlmsg_flags & NLM_F_DUMP_INTR;
		}
	}
}

/* A part of it waits to be read, and the rest for that. */
static void begin_dump(int command)
{
	message_init(&m, family, command, NLM_F_DUMP);
	if (send(fd, &m, m.nl.nlmsg_len, 0) < 0)
		die("send");
	printf("begun\n");
	fflush(stdout);
	pause();
}

int main(int argc, char **argv)
{
	unsigned int radios, seconds, whole = 0;
	struct dump dump;
	time_t end;

	fd = genl_socket();
	if (argc == 3 && strcmp(argv[1], "new") == 0) {
		hwsim_new_radios(fd, atoi(argv[2]));
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "plug") == 0) {
		hwsim_del_radio(fd, hwsim_new_radio(fd));
		return 0;
	}
	family = genl_family(fd, REGDOM_GENL_NAME);
	if (argc > 1 && strcmp(argv[1], "hold") == 0)
		begin_dump(argc == 2 ? REGDOM_CMD_GET_COUNTRIES : REGDOM_CMD_GET_PHYS);
	if (argc != 3)
		return 1;
	fd = genl_socket();
	radios = atoi(argv[1]);
	seconds = atoi(argv[2]);
	end = time(NULL) + seconds;
	do {
		read_dump(&dump);
		if (dump.interrupted || dump.mixed || dump.count != radios) {
			printf("FAIL: dump %u, of %u radios (of %u)%s%s\n", whole, dump.count, radios,
			       dump.mixed ? ", of two moments" : "",
			       dump.interrupted ? ", interrupted" : "");
			return 1;
		}
		whole++;
	} while (time(NULL) < end);
	printf("%u whole\n", whole);
	return 0;
}
