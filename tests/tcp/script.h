/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Conformance scripts: one peer against the engine, in virtual time. A line is
 * a time after the line before it, and what happens then:
 *
 *	set NAME VALUE			before the start: see setters in script.c
 *	connect | listen		the start
 *	connect fast [N COOKIE MSS]	RFC 7413: asks for a cookie, or uses one for N bytes
 *	learned COOKIE			that the server gave
 *	flood				strangers fill the listener's queue
 *	< FLAGS SEQ:END(LEN) [ack N] [win N] [urg N] [<OPTIONS>]  the peer sends this
 *	> FLAGS SEQ:END(LEN) [ack N] [win N] [urg N] [<OPTIONS>]  the engine sends this
 *	send N [= ERROR]		the user's calls, and what they return
 *	more N [= ERROR]		the same, with more to come: until the next call
 *	urge N [= ERROR]		the same with urgent data
 *	ahead N				bytes to read to the end of the peer's urgent data
 *	recv N | recv eof | recv = ERROR
 *	grow N				the receive buffer grows to what is wanted: N
 *	shutdown | close | abort
 *	state NAME			the connection's state, as RFC 9293 names it
 *	error NAME			the reason of its end; `none` for an orderly one
 *	cwnd N | ssthresh N		in segments
 *	mss N				the effective one, options included
 *	icmp TYPE/CODE SEQ:END [mtu N]	a router's word about that segment
 *	soft NAME			what ICMP said last, as an error
 *	port N				the peer's, of what begins from here on
 *	isn N | isn unrelated		how far the last SYN's number is from that of the one
 *					before it; or that the clock does not tell it
 *
 * Times: +0, +20ms, +1.5s, +2h; `~5ms` after one allows that much more or less
 * (1 ms without it). FLAGS are S, F, R, P, U, E (ECE), W (CWR) and a dot for ACK, or
 * `-` for none; [ect0], [ect1] or [ce] before them is the IP header's ECN field, and
 * [nodf] before that an IPv4 header without DF, [gso N] after that a packet that
 * is to be cut after each N bytes.
 * Numbers are relative to the sender's SYN. OPTIONS: mss N, wscale N, sackOK,
 * uto N, FO [COOKIE in hex, or `own`], sack A:B C:D, TS val N ecr N, with commas
 * between them; where the engine's are given, they must be all that it sends,
 * `TS` alone taking any values; its TSval counts from that of its SYN. A segment
 * that no line expects ends the script, as does one that does not come. A comment
 * follows a #.
 */
#ifndef TESTS_TCP_SCRIPT_H
#define TESTS_TCP_SCRIPT_H

#include "libnetchannel/tcp/types.h"

/* Where the numbers of both sides begin, and what is below. */
struct script_bases {
	u8 ip_version;			/* 0: 4; `set ip` goes over it */
	u32 our_isn;
	u32 peer_isn;
	u32 peer_ts;
};

/*
 * Runs a script. Returns NULL if all of it came true, else a text that says
 * what did not, for the caller to free.
 */
char *script_run(const char *path, const struct script_bases *bases);

#endif
