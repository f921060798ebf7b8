// SPDX-License-Identifier: GPL-2.0
/*
 * Damaged databases through the firmware loader:
 * regdom-mutate FILE STEP [signed | index]
 * Cuts FILE off at every STEPth byte, flips a bit of every STEPth byte, and has
 * the module load each. A cut file is refused; a flipped one is refused or
 * replaced by the good one at once; a refusal changes nothing. Where signatures
 * are required, each is refused for that. With `index`, flips every bit of the
 * header and the index of countries besides.
 */
#include <fcntl.h>
#include <stdbool.h>

#include "genl.h"

static struct message m;
static struct answer answer;
static int fd, family, refused, accepted;
static unsigned char good[1 << 19];
static size_t size;
static bool is_signed;

static void write_file(const char *path, const unsigned char *data, size_t n)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (file < 0 || write(file, data, n) != (ssize_t)n || close(file))
		die(path);
}

static void read_file(const char *path)
{
	int file = open(path, O_RDONLY);
	ssize_t n = file < 0 ? -1 : read(file, good, sizeof(good));

	if (n <= 0)
		die(path);
	size = n;
	close(file);
}

static unsigned int generation(void)
{
	message_init(&m, family, REGDOM_CMD_GET_INFO, 0);
	genl_ask(fd, &m, &answer);
	return answer_u32(&answer, REGDOM_ATTR_GENERATION);
}

static bool is_expected(int error)
{
	if (is_signed)
		return error == EKEYREJECTED;
	return error == EBADMSG || error == EPROTONOSUPPORT || error == ENOENT;
}

/* Returns the errno. */
static int load(void)
{
	unsigned int before = generation();

	message_init(&m, family, REGDOM_CMD_LOAD_DB, 0);
	genl_ask(fd, &m, &answer);
	if (answer.error == 0)
		return 0;
	refused++;
	if (!is_expected(answer.error)) {
		printf("FAIL: refused with %s\n", strerror(answer.error));
		exit(1);
	}
	message_init(&m, family, REGDOM_CMD_GET_INFO, 0);
	genl_ask(fd, &m, &answer);
	if (answer_u32(&answer, REGDOM_ATTR_GENERATION) != before ||
	    answer_u32(&answer, REGDOM_ATTR_LOAD_ERROR) == 0) {
		printf("FAIL: a refused file has changed something\n");
		exit(1);
	}
	return 1;
}

static void cut_at(const char *path, size_t at)
{
	write_file(path, good, at);
	if (load() == 0) {
		printf("FAIL: accepted when cut off at %zu\n", at);
		exit(1);
	}
}

static void flip(const char *path, size_t byte, int bit)
{
	good[byte] ^= 1 << bit;
	write_file(path, good, size);
	good[byte] ^= 1 << bit;
	if (load() == 0)
		accepted++;
}

/* Of format 20: a header of 8 bytes, countries of 4, and one without a name. */
static size_t index_bytes(void)
{
	size_t at = 8;

	while (at + 4 <= size && (good[at] || good[at + 1]))
		at += 4;
	return at + 4;
}

static void flip_index(const char *path)
{
	size_t at, n = index_bytes();
	int bit;

	for (at = 0; at < n; at++)
		for (bit = 0; bit < 8; bit++)
			flip(path, at, bit);
}

int main(int argc, char **argv)
{
	size_t at, step;

	if (argc < 3 || argc > 4 || !(step = atoi(argv[2])))
		return 1;
	is_signed = argc == 4 && strcmp(argv[3], "signed") == 0;
	fd = genl_socket();
	family = genl_family(fd, REGDOM_GENL_NAME);
	read_file(argv[1]);
	for (at = 1; at < size; at += step)
		cut_at(argv[1], at);
	for (at = 0; at < size; at += step)
		flip(argv[1], at, at % 8);
	if (argc == 4 && strcmp(argv[3], "index") == 0)
		flip_index(argv[1]);
	write_file(argv[1], good, size);
	if (load()) {
		printf("FAIL: the good file is refused\n");
		return 1;
	}
	if (is_signed && accepted) {
		printf("FAIL: a file with a flipped bit is accepted\n");
		return 1;
	}
	printf("%d damaged files refused, %d made another sound database\n",
	       refused, accepted);
	return 0;
}
