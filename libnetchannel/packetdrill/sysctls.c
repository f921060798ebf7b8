// SPDX-License-Identifier: LGPL-2.1-or-later
#define _GNU_SOURCE
#include "sysctls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../tcp/congestion.h"

#define MEMORY_MIN_BYTES	2048
#define MEMORY_MAX_BYTES	(64l << 20)

static long number(const char *value, bool *ok)
{
	char *end;
	long n = strtol(value, &end, 0);	/* 0x, as tcp_fastopen's bits */

	while (*end == ' ' || *end == '\t')
		end++;
	*ok = end != value && !*end;
	return n;
}

/* "least first most": the last two. */
static bool memory(const char *value, u32 *first_bytes, u32 *most_bytes)
{
	long least, first, most;

	if (sscanf(value, "%ld %ld %ld", &least, &first, &most) != 3 ||
	    first < MEMORY_MIN_BYTES || first > MEMORY_MAX_BYTES || most > MEMORY_MAX_BYTES)
		return false;
	*first_bytes = first;
	*most_bytes = most > first ? most : 0;
	return true;
}

static bool congestion(struct tcp_config *c, const char *value)
{
	const struct tcp_congestion_algorithm *algorithm =
		tcp_congestion_find(value, strlen(value));

	if (algorithm)
		c->congestion = algorithm;
	return algorithm;
}

/* Bits of Linux's: servers have it (2), all listeners (0x400), and want no cookie. */
static void set_fast_open(struct tcp_config *c, long bits)
{
	c->fast_open = (bits & 0x402) == 0x402;
	c->fast_open_no_cookie = bits & 0x200;
}

/* What is a number. False: no such name. */
static bool set_number(struct tcp_config *c, const char *name, long n)
{
	if (!strcmp(name, "tcp_timestamps"))
		c->timestamps = n;
	else if (!strcmp(name, "tcp_sack"))
		c->sack = n;
	else if (!strcmp(name, "tcp_window_scaling"))
		c->window_scaling = n;
	else if (!strcmp(name, "tcp_ecn"))	/* 1 asks, 2 answers, as Linux counts */
		c->ecn = n == 1 ? TCP_ECN_ACTIVE : n ? TCP_ECN_PASSIVE : TCP_ECN_OFF;
	else if (!strcmp(name, "tcp_fastopen"))
		set_fast_open(c, n);
	else if (!strcmp(name, "ip_no_pmtu_disc"))
		c->path_mtu_discovery = !n;
	else if (!strcmp(name, "tcp_keepalive_time"))
		c->keepalive_idle_us = n * US_PER_S;
	else if (!strcmp(name, "tcp_keepalive_intvl"))
		c->keepalive_interval_us = n * US_PER_S;
	else if (!strcmp(name, "tcp_keepalive_probes"))
		c->keepalive_probes = n;
	else if (!strcmp(name, "tcp_slow_start_after_idle"))	/* 0: the window stays */
		c->window_validation = !n;
	else if (!strcmp(name, "tcp_fin_timeout"))
		c->fin_wait_2_us = n * US_PER_S;
	else if (!strcmp(name, "tcp_syn_retries"))
		c->syn_retries = n < INT8_MAX ? n : INT8_MAX;	/* Linux's bound */
	else
		return false;
	return true;
}

bool sysctls_set(struct stream_defaults *d, const char *name, const char *value)
{
	static const char prefix[] = "net.ipv4.";
	bool ok;
	long n;

	if (strncmp(name, prefix, strlen(prefix)))
		return false;
	name += strlen(prefix);
	if (!strcmp(name, "tcp_congestion_control"))
		return congestion(&d->config, value);
	if (!strcmp(name, "tcp_rmem"))
		return memory(value, &d->rx_bytes, &d->config.rx_max_bytes);
	if (!strcmp(name, "tcp_wmem"))
		return memory(value, &d->tx_bytes, &d->config.tx_max_bytes);
	n = number(value, &ok);
	return ok && n >= 0 && n <= INT32_MAX && set_number(&d->config, name, n);
}

static char *strip(char *s)
{
	size_t size;

	s += strspn(s, " \t");
	size = strlen(s);
	while (size && strchr(" \t\r\n", s[size - 1]))
		s[--size] = 0;
	return s;
}

static void read_lines(FILE *f, struct stream_defaults *d)
{
	char *line = NULL, *value;
	size_t room = 0;

	while (getline(&line, &room, f) >= 0) {
		value = strchr(line, '=');
		if (!value)
			continue;
		*value++ = 0;
		sysctls_set(d, strip(line), strip(value));
	}
	free(line);
}

int sysctls_apply(struct sysctls *s, struct stream_defaults *defaults)
{
	struct stat st;
	FILE *f;

	if (!s->path || stat(s->path, &st))
		return 0;	/* nothing has been set yet */
	if (s->changed.tv_sec == st.st_mtim.tv_sec && s->changed.tv_nsec == st.st_mtim.tv_nsec &&
	    s->size == st.st_size)
		return 0;
	f = fopen(s->path, "re");
	if (!f)
		return -1;
	read_lines(f, defaults);
	fclose(f);
	s->changed = st.st_mtim;
	s->size = st.st_size;
	return 0;
}
