// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * All packets also go to a file, with their direction: pcapng, draft-ietf-opsawg-pcapng.
 * libpcap reads such files and writes none.
 */
#include "link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECTION_HEADER	0x0a0d0d0au
#define INTERFACE	1u
#define ENHANCED_PACKET	6u
#define BYTE_ORDER_MAGIC	0x1a2b3c4du
#define LINKTYPE_RAW	101
#define SNAPSHOT_BYTES	65575u
#define OPTION_FLAGS	2
#define INBOUND		1u
#define OUTBOUND	2u

struct pcapng_link {
	struct nc_link link;
	struct nc_link *below;
	FILE *file;
	int error;		/* of the first packet that it could not take, an errno */
};

struct section_header {
	uint32_t type, length, byte_order;
	uint16_t major, minor;
	uint32_t section_length[2];	/* all ones: not said */
	uint32_t length_again;
};

struct interface_description {
	uint32_t type, length;
	uint16_t link_type, reserved;
	uint32_t snapshot_bytes;
	uint32_t length_again;
};

/* The packet follows it, padded to four bytes, and the trailer. */
struct enhanced_packet {
	uint32_t type, length, interface;
	uint32_t us_high, us_low;
	uint32_t captured_bytes, packet_bytes;
};

struct packet_trailer {
	uint16_t flags_code, flags_length;
	uint32_t flags;
	uint16_t end_code, end_length;
	uint32_t length_again;
};

static struct pcapng_link *pcapng_of(struct nc_link *link)
{
	return (struct pcapng_link *)link;	/* its first member */
}

/* Right after something was written. */
static void look_for_error(struct pcapng_link *p)
{
	if (!p->error && ferror(p->file))
		p->error = errno;
}

static void record(struct pcapng_link *p, const uint8_t *bytes, size_t size, uint32_t direction)
{
	static const uint8_t padding[4];
	size_t padding_bytes = -size & 3;
	struct enhanced_packet head = { .type = ENHANCED_PACKET };
	struct packet_trailer trailer = {
		.flags_code = OPTION_FLAGS, .flags_length = sizeof(trailer.flags),
		.flags = direction,
	};
	struct timespec now;
	uint64_t us;

	clock_gettime(CLOCK_REALTIME, &now);
	us = now.tv_sec * 1000000ull + now.tv_nsec / 1000;
	head.us_high = us >> 32;
	head.us_low = us;
	head.captured_bytes = head.packet_bytes = size;
	head.length = sizeof(head) + size + padding_bytes + sizeof(trailer);
	trailer.length_again = head.length;
	fwrite(&head, sizeof(head), 1, p->file);
	fwrite(bytes, size, 1, p->file);
	fwrite(padding, padding_bytes, 1, p->file);
	fwrite(&trailer, sizeof(trailer), 1, p->file);
	look_for_error(p);
}

static int record_ended(struct nc_link *link)
{
	struct pcapng_link *p = pcapng_of(link);

	fflush(p->file);
	look_for_error(p);
	return -p->error;
}

static int record_send(struct nc_link *link, const uint8_t *bytes, size_t size)
{
	int ret = link_send(pcapng_of(link)->below, bytes, size);

	if (ret != -EAGAIN)	/* it comes again */
		record(pcapng_of(link), bytes, size, OUTBOUND);
	return ret;
}

static ssize_t record_recv(struct nc_link *link, uint8_t *bytes, size_t room)
{
	struct pcapng_link *p = pcapng_of(link);
	ssize_t size = link_recv(p->below, bytes, room);

	if (size > 0)
		record(p, bytes, size, INBOUND);
	else	/* a pause: whoever reads along has all of it */
		record_ended(link);
	return size;
}

static void record_close(struct nc_link *link)
{
	struct pcapng_link *p = pcapng_of(link);

	fclose(p->file);
	nc_link_close(p->below);
	free(p);
}

static int begin(FILE *file)
{
	struct section_header section = {
		.type = SECTION_HEADER, .length = sizeof(section), .byte_order = BYTE_ORDER_MAGIC,
		.major = 1, .section_length = { UINT32_MAX, UINT32_MAX },
		.length_again = sizeof(section),
	};
	struct interface_description interface = {
		.type = INTERFACE, .length = sizeof(interface), .link_type = LINKTYPE_RAW,
		.snapshot_bytes = SNAPSHOT_BYTES, .length_again = sizeof(interface),
	};

	fwrite(&section, sizeof(section), 1, file);
	fwrite(&interface, sizeof(interface), 1, file);
	return fflush(file) ? -EIO : 0;
}

int nc_link_pcapng(struct nc_link **link, struct nc_link *below, const char *path)
{
	static const struct link_ops ops = {
		.send = record_send, .recv = record_recv, .close = record_close,
		.recorded = record_ended,
	};
	struct pcapng_link *p = malloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->link = link_above(below, &ops);
	p->below = below;
	p->error = 0;
	p->file = fopen(path, "we");
	if (p->file && !begin(p->file)) {
		*link = &p->link;
		return 0;
	}
	if (p->file)
		fclose(p->file);
	free(p);
	return -EIO;
}
