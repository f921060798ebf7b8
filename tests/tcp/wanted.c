// SPDX-License-Identifier: GPL-2.0
#include "tests/tcp/wanted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	char letter;
	u8 flag;
} flag_letters[] = {
	{ 'S', TCP_SYN }, { 'F', TCP_FIN }, { 'R', TCP_RST }, { 'P', TCP_PSH }, { '.', TCP_ACK },
	{ 'U', TCP_URG }, { 'E', TCP_ECE }, { 'W', TCP_CWR }, { '-', 0 },
};

#define FLAG_LETTERS	(sizeof(flag_letters) / sizeof(flag_letters[0]))

const char *const wanted_codepoints[] = { "", "[ect1]", "[ect0]", "[ce]" };

static bool parse_flags(const char *text, u8 *flags)
{
	*flags = 0;
	for (; *text; text++) {
		size_t i = 0;

		while (i < FLAG_LETTERS && flag_letters[i].letter != *text)
			i++;
		if (i == FLAG_LETTERS)
			return false;
		*flags |= flag_letters[i].flag;
	}
	return true;
}

const char *wanted_flags_text(u8 flags)
{
	static char text[FLAG_LETTERS + 1];
	char *p = text;

	for (size_t i = 0; i < FLAG_LETTERS; i++) {
		if (flags & flag_letters[i].flag)
			*p++ = flag_letters[i].letter;
	}
	*p = '\0';
	return text;
}

static bool parse_sack(char *text, struct tcp_options *o)
{
	char *rest = NULL;

	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		struct tcp_range *r = &o->sack[o->sack_count];

		if (o->sack_count == TCP_SACK_MAX ||
		    sscanf(word, "%u:%u", &r->start, &r->end) != 2)
			return false;
		o->sack_count++;
	}
	return true;
}

/* In hexadecimal. */
void wanted_parse_cookie(struct tcp_fast_open_cookie *cookie, const char *text)
{
	cookie->size = 0;
	while (cookie->size < TCP_FAST_OPEN_MAX_BYTES &&
	       sscanf(text + 2 * cookie->size, "%2hhx", &cookie->bytes[cookie->size]) == 1)
		cookie->size++;
}

static bool parse_option(struct wanted *w, char *text)
{
	struct tcp_options *o = &w->options;
	unsigned int a, b;

	while (*text == ' ')
		text++;
	if (sscanf(text, "mss %u", &a) == 1) {
		o->has_mss = true;
		o->mss_bytes = a;
	} else if (sscanf(text, "wscale %u", &a) == 1) {
		o->has_window_scale = true;
		o->window_scale = a;
	} else if (sscanf(text, "uto %u", &a) == 1) {
		o->has_user_timeout = true;
		o->user_timeout_s = a;
	} else if (!strcmp(text, "sackOK")) {
		o->sack_permitted = true;
	} else if (sscanf(text, "TS val %u ecr %u", &a, &b) == 2) {
		o->has_timestamps = true;
		o->ts_value = a;
		o->ts_echo = b;
	} else if (!strcmp(text, "TS")) {
		o->has_timestamps = w->any_timestamps = true;
	} else if (!strcmp(text, "FO own")) {
		o->has_fast_open = w->own_cookie = true;
	} else if (!strncmp(text, "FO", 2)) {
		o->has_fast_open = true;
		wanted_parse_cookie(&o->fast_open, text + 2 + (text[2] == ' '));
	} else if (!strncmp(text, "sack ", 5)) {
		return parse_sack(text + 5, o);
	} else {
		return false;
	}
	return true;
}

static bool parse_options(struct wanted *w, char *text)
{
	char *rest = NULL, *end = strchr(text, '>');

	if (!end)
		return false;
	*end = '\0';
	w->has_options = true;
	for (char *word = strtok_r(text + 1, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		if (!parse_option(w, word))
			return false;
	}
	return true;
}

/* What the IP header says, and how the packet is to be cut. */
static char *parse_ip(struct wanted *w, char *text)
{
	int used = 0;

	text += strspn(text, " \t");
	if (!strncmp(text, "[nodf]", 6)) {
		w->fragment = true;
		text += 6;
	}
	text += strspn(text, " \t");
	if (sscanf(text, "[gso %u]%n", &w->gso_bytes, &used) == 1)
		text += used;
	text += strspn(text, " \t");
	for (u8 i = TCP_CODEPOINT_CE; i; i--) {
		if (strncmp(text, wanted_codepoints[i], strlen(wanted_codepoints[i])))
			continue;
		w->ecn = i;
		return text + strlen(wanted_codepoints[i]);
	}
	return text;
}

bool wanted_parse(struct wanted *w, char *text)
{
	char flags[8], *options = strchr(text, '<');
	const char *p;
	int used = 0;

	memset(w, 0, sizeof(*w));
	w->window = 65535;
	text = parse_ip(w, text);
	if (options && !parse_options(w, options))
		return false;
	if (options)
		*options = '\0';
	if (sscanf(text, "%7s %u:%u(%u)%n", flags, &w->seq, &w->end, &w->length, &used) != 4 ||
	    !parse_flags(flags, &w->flags) || w->end - w->seq != w->length)
		return false;
	p = text + used;
	w->has_ack = sscanf(p, " ack %u%n", &w->ack, &used) == 1;
	if (w->has_ack)
		p += used;
	w->has_window = sscanf(p, " win %u%n", &w->window, &used) == 1;
	if (w->has_window)
		p += used;
	if (sscanf(p, " urg %u%n", &w->urgent, &used) == 1)
		p += used;
	return p[strspn(p, " \t")] == '\0' && w->has_ack == !!(w->flags & TCP_ACK);
}
