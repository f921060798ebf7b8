/* SPDX-License-Identifier: GPL-2.0 */
/* A segment as a line of a script has it: see script.h. */
#ifndef TESTS_TCP_WANTED_H
#define TESTS_TCP_WANTED_H

#include "libnetchannel/tcp/ecn.h"
#include "libnetchannel/tcp/segment.h"

/* Numbers are still relative. */
struct wanted {
	u8 flags;
	u8 ecn;
	bool fragment;
	u32 gso_bytes;
	u32 seq, end, length;
	bool has_ack, has_window, has_options, any_timestamps, own_cookie;
	u32 ack, window, urgent;
	struct tcp_options options;
};

/* False: the text is none. It is changed. */
bool wanted_parse(struct wanted *w, char *text);

/* In hexadecimal. */
void wanted_parse_cookie(struct tcp_fast_open_cookie *cookie, const char *text);

/* The letters of flags, until the next call. */
const char *wanted_flags_text(u8 flags);

/* As they stand there, by enum tcp_codepoint. */
extern const char *const wanted_codepoints[];

#endif
