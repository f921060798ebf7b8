// SPDX-License-Identifier: GPL-2.0
/*
 * Other signers for a module: regdom-signers MODULE CERTIFICATE...
 * Puts these (DER) in the place of those in regdom/keys, as if the module had been built
 * with them. What they leave of that place is a certificate that no kernel can use.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIGNERS 4		/* in regdom/keys */

static unsigned char *module, *at, *end;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* The bytes of the certificate there, a SEQUENCE; 0: it is none. */
static size_t certificate_bytes(const unsigned char *der, const unsigned char *limit)
{
	size_t bytes;

	if (limit - der < 4 || der[0] != 0x30 || der[1] != 0x82)
		return 0;
	bytes = 4 + (der[2] << 8 | der[3]);
	return bytes <= (size_t)(limit - der) ? bytes : 0;
}

/* Nowhere else do so many stand one behind the other. */
static void find_signers(size_t size)
{
	unsigned char *start;
	size_t bytes;
	int n;

	for (start = module; start < module + size; start++) {
		end = start;
		for (n = 0; n < SIGNERS && (bytes = certificate_bytes(end, module + size)); n++)
			end += bytes;
		if (n == SIGNERS) {
			at = start;
			return;
		}
	}
	fprintf(stderr, "no %d signers are in the module\n", SIGNERS);
	exit(1);
}

static void put_signer(const char *path)
{
	int file = open(path, O_RDONLY);
	ssize_t n = file < 0 ? -1 : read(file, at, end - at - 4);

	if (n < 0 || certificate_bytes(at, end) != (size_t)n)
		die(path);
	at += n;
	close(file);
}

int main(int argc, char **argv)
{
	struct stat status;
	int file, i;

	if (argc < 3)
		return 1;
	file = open(argv[1], O_RDWR);
	if (file < 0 || fstat(file, &status))
		die(argv[1]);
	module = mmap(NULL, status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (module == MAP_FAILED)
		die("mmap");
	find_signers(status.st_size);
	for (i = 2; i < argc; i++)
		put_signer(argv[i]);
	at[0] = 0x30;
	at[1] = 0x82;
	at[2] = (end - at - 4) >> 8;
	at[3] = end - at - 4;
	return 0;
}
