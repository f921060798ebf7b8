// SPDX-License-Identifier: GPL-2.0
/*
 * Two detached signatures of one file into one with two signers, as nobody but
 * the owners of the keys could make it with openssl: regdom-cosign A B >BOTH
 *
 * PKCS#7 (RFC 2315, 7 and 9.1), in DER:
 *	ContentInfo	SEQUENCE { OID, [0] SignedData }
 *	SignedData	SEQUENCE { INTEGER, SET digest algorithms,
 *			SEQUENCE contents, [0] certificates, SET signers }
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_BYTES 8192

enum { VERSION, ALGORITHMS, CONTENTS, CERTIFICATES, SIGNERS, PARTS };

struct bytes {
	unsigned char data[MAX_BYTES];
	size_t n;
};

/* An element: all of it, and what is behind its header. */
struct element {
	const unsigned char *all, *value;
	size_t all_bytes, value_bytes;
};

static void die(const char *what)
{
	fprintf(stderr, "regdom-cosign: %s\n", what);
	exit(1);
}

static struct element element_at(const unsigned char *der)
{
	struct element e = { .all = der };
	unsigned int header = 2, i;

	e.value_bytes = der[1];
	if (der[1] & 0x80) {
		e.value_bytes = 0;
		for (i = 0; i < (der[1] & 0x7f); i++)
			e.value_bytes = e.value_bytes << 8 | der[header++];
	}
	e.value = der + header;
	e.all_bytes = header + e.value_bytes;
	return e;
}

static struct element after(struct element e)
{
	return element_at(e.all + e.all_bytes);
}

/* The parts of the SignedData. */
static void read_parts(const char *path, struct bytes *file, struct element *parts)
{
	int fd = open(path, O_RDONLY), i;
	ssize_t n = fd < 0 ? -1 : read(fd, file->data, MAX_BYTES);
	struct element content_type;

	if (n <= 0)
		die(path);
	close(fd);
	content_type = element_at(element_at(file->data).value);
	parts[0] = element_at(element_at(after(content_type).value).value);
	for (i = 1; i < PARTS; i++)
		parts[i] = after(parts[i - 1]);
	if (parts[CERTIFICATES].all[0] != 0xa0 || parts[SIGNERS].all[0] != 0x31)
		die("not a signature of the usual form");
}

static void append(struct bytes *to, const void *data, size_t n)
{
	if (to->n + n > MAX_BYTES)
		die("too long");
	memcpy(to->data + to->n, data, n);
	to->n += n;
}

/* Puts a header before what is there. */
static void wrap(struct bytes *what, unsigned char tag)
{
	unsigned char header[4] = { tag, 0x82, what->n >> 8, what->n };

	if (what->n + sizeof(header) > MAX_BYTES)
		die("too long");
	memmove(what->data + sizeof(header), what->data, what->n);
	memcpy(what->data, header, sizeof(header));
	what->n += sizeof(header);
}

/* Appends a set or the like with the members of both. */
static void append_union(struct bytes *to, struct element a, struct element b)
{
	struct bytes both = { .n = 0 };

	append(&both, a.value, a.value_bytes);
	append(&both, b.value, b.value_bytes);
	wrap(&both, a.all[0]);
	append(to, both.data, both.n);
}

int main(int argc, char **argv)
{
	/* pkcs7-signedData: RFC 2315, 14 */
	static const unsigned char oid[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
					     0xf7, 0x0d, 0x01, 0x07, 0x02 };
	static struct bytes files[2], out, whole;
	struct element a[PARTS], b[PARTS];
	int i;

	if (argc != 3)
		die("regdom-cosign A B >BOTH");
	read_parts(argv[1], &files[0], a);
	read_parts(argv[2], &files[1], b);
	for (i = VERSION; i <= CONTENTS; i++)
		append(&out, a[i].all, a[i].all_bytes);
	append_union(&out, a[CERTIFICATES], b[CERTIFICATES]);
	append_union(&out, a[SIGNERS], b[SIGNERS]);
	wrap(&out, 0x30);
	wrap(&out, 0xa0);
	append(&whole, oid, sizeof(oid));
	append(&whole, out.data, out.n);
	wrap(&whole, 0x30);
	return fwrite(whole.data, 1, whole.n, stdout) != whole.n;
}
