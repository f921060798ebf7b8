// SPDX-License-Identifier: LGPL-2.1-or-later
/* All packets also go to a file: pcap(3PCAP). */
#include "link.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <sys/time.h>

#define SNAPSHOT_BYTES	65575

struct pcap_link {
	struct nc_link link;
	struct nc_link *below;
	pcap_t *pcap;
	pcap_dumper_t *file;
	int error;		/* of the first packet that it could not take, an errno */
};

static struct pcap_link *pcap_of(struct nc_link *link)
{
	return (struct pcap_link *)link;	/* its first member */
}

/* Right after something was written; libpcap tells only of what it flushes. */
static void look_for_error(struct pcap_link *p)
{
	if (!p->error && ferror(pcap_dump_file(p->file)))
		p->error = errno;
}

static void record(struct pcap_link *p, const uint8_t *bytes, size_t size)
{
	struct pcap_pkthdr header = { .caplen = size, .len = size };

	gettimeofday(&header.ts, NULL);
	pcap_dump((u_char *)p->file, &header, bytes);
	look_for_error(p);
}

static int record_ended(struct nc_link *link)
{
	struct pcap_link *p = pcap_of(link);

	pcap_dump_flush(p->file);
	look_for_error(p);
	return -p->error;
}

static int record_send(struct nc_link *link, const uint8_t *bytes, size_t size)
{
	int ret = link_send(pcap_of(link)->below, bytes, size);

	if (ret != -EAGAIN)	/* it comes again */
		record(pcap_of(link), bytes, size);
	return ret;
}

static ssize_t record_recv(struct nc_link *link, uint8_t *bytes, size_t room)
{
	struct pcap_link *p = pcap_of(link);
	ssize_t size = link_recv(p->below, bytes, room);

	if (size > 0)
		record(p, bytes, size);
	else	/* a pause: whoever reads along has all of it */
		record_ended(link);
	return size;
}

static void record_close(struct nc_link *link)
{
	struct pcap_link *p = pcap_of(link);

	pcap_dump_close(p->file);
	pcap_close(p->pcap);
	nc_link_close(p->below);
	free(p);
}

int nc_link_pcap(struct nc_link **link, struct nc_link *below, const char *path)
{
	static const struct link_ops ops = {
		.send = record_send, .recv = record_recv, .close = record_close,
		.recorded = record_ended,
	};
	struct pcap_link *p = malloc(sizeof(*p));
	int ret = -ENOMEM;

	if (!p)
		return ret;
	p->link = link_above(below, &ops);
	p->below = below;
	p->error = 0;
	p->pcap = pcap_open_dead(DLT_RAW, SNAPSHOT_BYTES);
	if (!p->pcap)
		goto free_link;
	ret = -EIO;
	p->file = pcap_dump_open(p->pcap, path);
	if (!p->file)
		goto close_pcap;
	*link = &p->link;
	return 0;

close_pcap:
	pcap_close(p->pcap);
free_link:
	free(p);
	return ret;
}
