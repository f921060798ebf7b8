// SPDX-License-Identifier: LGPL-2.1-or-later
/* getsockopt() and setsockopt(). */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/time.h>

#include "../stack/backlog.h"
#include "../tcp/congestion.h"
#include "../tcp/recovery.h"
#include "ancillary.h"
#include "socket.h"
#include "tcp_info.h"

#define BUFFER_MIN_BYTES	4096
#define BUFFER_MAX_BYTES	(16u << 20)
/* Linux's */
#define SYN_RETRIES		6
#define DEFER_RETRIES_MAX	7
#define FIN_WAIT_2_MAX_S	120
#define FIN_WAIT_2_NONE_US	1
#define WINDOW_MAX_LEAST_BYTES	1152
#define MSS_LEAST_BYTES		88
#define MSS_MOST_BYTES		32767
#define TOLD_TIMEOUT_MAX_S	(32767 * 60)	/* RFC 5482, 3 */

enum sockets { ANY, STREAMS, DATAGRAMS };

/* An option that is an int. Either function is NULL: it cannot be read, or set. */
struct int_option {
	int level, name;
	enum sockets of;
	int (*get)(struct socket *s);
	int (*set)(struct socket *s, int value);	/* 0 or a negative errno */
};

static struct tcp_config *config_of(struct socket *s)
{
	return &stream_of(s->endpoint)->config;
}

static int configured(struct socket *s)
{
	stream_configured(stream_of(s->endpoint), host_now_us(s->host));
	return 0;
}

static bool is_connection(const struct socket *s)
{
	return stream_of(s->endpoint)->role == STREAM_CONNECTION;
}

static int get_type(struct socket *s)
{
	return s->type;
}

static int get_domain(struct socket *s)
{
	return socket_version(s) == 4 ? AF_INET : AF_INET6;
}

static int get_protocol(struct socket *s)
{
	return s->endpoint->protocol;
}

static int get_error(struct socket *s)
{
	return -endpoint_take_error(s->endpoint);
}

static int get_listening(struct socket *s)
{
	return s->endpoint->listening;
}

static int get_reuse(struct socket *s)
{
	return s->endpoint->reuse_address;
}

static int set_reuse(struct socket *s, int value)
{
	s->endpoint->reuse_address = value;
	return 0;
}

/* Of streams it means nothing, nor does it in Linux. */
static int get_broadcast(struct socket *s)
{
	return s->endpoint->options.broadcast;
}

static int set_broadcast(struct socket *s, int value)
{
	s->endpoint->options.broadcast = value;
	return 0;
}

/* A stack has one link, and all goes there: nothing is left out. */
static int get_dont_route(struct socket *s)
{
	return s->endpoint->options.dont_route;
}

static int set_dont_route(struct socket *s, int value)
{
	s->endpoint->options.dont_route = value;
	return 0;
}

static int get_oob_in_line(struct socket *s)
{
	return stream_of(s->endpoint)->urgent.in_line;
}

static int set_oob_in_line(struct socket *s, int value)
{
	stream_of(s->endpoint)->urgent.in_line = value;
	return 0;
}

static int get_keepalive(struct socket *s)
{
	return config_of(s)->keepalive;
}

static int set_keepalive(struct socket *s, int value)
{
	config_of(s)->keepalive = value;
	return configured(s);
}

/* As Linux: of what the user has set, twice as much is told. */
static int told_bytes(u32 bytes, bool is_set)
{
	return is_set ? 2 * bytes : bytes;
}

static int get_tx_bytes(struct socket *s)
{
	if (!socket_is_stream(s))
		return BUFFER_MAX_BYTES;
	return told_bytes(stream_of(s->endpoint)->tx_bytes, !config_of(s)->tx_max_bytes);
}

static u32 clamp_buffer(int value)
{
	/* a negative one is a large one, as in Linux */
	return min_u32(max_u32((u32)value, BUFFER_MIN_BYTES), BUFFER_MAX_BYTES);
}

/* As in Linux, who says a size has it, and no other one by itself. */
static void set_stream_tx_bytes(struct socket *s, int value)
{
	stream_of(s->endpoint)->tx_bytes = clamp_buffer(value);
	config_of(s)->tx_max_bytes = 0;
}

/* Of a connection that is there, the buffer grows with the next call, or shrinks when it rests. */
static int set_tx_bytes(struct socket *s, int value)
{
	if (socket_is_stream(s))
		set_stream_tx_bytes(s, value);
	return 0;
}

static int get_rx_bytes(struct socket *s)
{
	const struct datagram *d = datagram_of(s->endpoint);

	return socket_is_stream(s) ?
		told_bytes(stream_of(s->endpoint)->rx_bytes, !config_of(s)->rx_max_bytes) :
		told_bytes(d->rx_bytes, d->rx_is_set);
}

static int set_rx_bytes(struct socket *s, int value)
{
	struct datagram *d = datagram_of(s->endpoint);

	if (socket_is_stream(s)) {
		stream_set_rx_bytes(stream_of(s->endpoint), clamp_buffer(value));
	} else {
		d->rx_bytes = clamp_buffer(value);
		d->rx_is_set = true;
	}
	return 0;
}

/* As Linux: it is told, and cannot be set. */
static int get_tx_low(struct socket *s)
{
	return 1;
}

static int get_rx_low(struct socket *s)
{
	return max_u32(1, stream_of(s->endpoint)->rx_low_bytes);
}

static int set_rx_low(struct socket *s, int value)
{
	struct stream *stream = stream_of(s->endpoint);
	u32 most = config_of(s)->rx_max_bytes ? config_of(s)->rx_max_bytes / 2 : stream->rx_bytes;

	/* as in Linux, a negative one is the most */
	stream->rx_low_bytes = min_u32((u32)value, most);
	socket_update(s);
	return 0;
}

static int get_unsent_low(struct socket *s)
{
	return stream_of(s->endpoint)->unsent_low_bytes;
}

static int set_unsent_low(struct socket *s, int value)
{
	stream_of(s->endpoint)->unsent_low_bytes = value;
	socket_update(s);
	return 0;
}

static int get_no_delay(struct socket *s)
{
	return config_of(s)->no_delay;
}

/* As Linux: what is held back goes, even where the socket is corked. */
static int set_no_delay(struct socket *s, int value)
{
	config_of(s)->no_delay = value;
	if (value)
		stream_push(stream_of(s->endpoint));
	return configured(s);
}

static int get_cork(struct socket *s)
{
	return config_of(s)->cork;
}

static int set_cork(struct socket *s, int value)
{
	config_of(s)->cork = value;
	if (!value)
		stream_push(stream_of(s->endpoint));
	return configured(s);
}

static int get_udp_cork(struct socket *s)
{
	return datagram_of(s->endpoint)->cork;
}

static int set_udp_cork(struct socket *s, int value)
{
	datagram_of(s->endpoint)->cork = value;
	if (!value)
		socket_send_held(s);
	return 0;
}

static int get_keep_idle(struct socket *s)
{
	return config_of(s)->keepalive_idle_us / US_PER_S;
}

static int set_keep_idle(struct socket *s, int value)
{
	if (value < 1 || value > 32767)
		return -EINVAL;
	config_of(s)->keepalive_idle_us = value * US_PER_S;
	return configured(s);
}

static int get_keep_interval(struct socket *s)
{
	return config_of(s)->keepalive_interval_us / US_PER_S;
}

static int set_keep_interval(struct socket *s, int value)
{
	if (value < 1 || value > 32767)
		return -EINVAL;
	config_of(s)->keepalive_interval_us = value * US_PER_S;
	return configured(s);
}

static int get_keep_count(struct socket *s)
{
	return config_of(s)->keepalive_probes;
}

static int set_keep_count(struct socket *s, int value)
{
	if (value < 1 || value > 127)
		return -EINVAL;
	config_of(s)->keepalive_probes = value;
	return 0;
}

static int get_user_timeout(struct socket *s)
{
	return config_of(s)->user_timeout_rules ? config_of(s)->user_timeout_us / US_PER_MS : 0;
}

/* As Linux: who has set one has set that of the handshake and of keep-alive, too. */
static int set_user_timeout(struct socket *s, int value)
{
	if (value < 0)
		return -EINVAL;
	config_of(s)->user_timeout_rules = value;
	config_of(s)->user_timeout_us = value ? value * US_PER_MS :
		tcp_config_default().user_timeout_us;
	return configured(s);
}

static int get_tells_unread(struct socket *s)
{
	return s->endpoint->options.tells_unread;
}

static int set_tells_unread(struct socket *s, int value)
{
	if (value < 0 || value > 1)
		return -EINVAL;
	s->endpoint->options.tells_unread = value;
	return 0;
}

static int get_zerocopy(struct socket *s)
{
	return s->endpoint->options.zerocopy;
}

static int set_zerocopy(struct socket *s, int value)
{
	if (value < 0 || value > 1)
		return -EINVAL;
	s->endpoint->options.zerocopy = value;
	return 0;
}

static int get_quick_ack(struct socket *s)
{
	return config_of(s)->quick_ack;
}

static int set_quick_ack(struct socket *s, int value)
{
	struct tcp_connection *c = &stream_of(s->endpoint)->connection;

	config_of(s)->quick_ack = value;
	if (value && is_connection(s))
		c->ack_now |= tcp_timer_is_set(c, TCP_TIMER_DELAYED_ACK);
	return configured(s);
}

static int get_syn_retries(struct socket *s)
{
	return config_of(s)->syn_retries ? config_of(s)->syn_retries : SYN_RETRIES;
}

static int set_syn_retries(struct socket *s, int value)
{
	if (value < 1 || value > 127)
		return -EINVAL;
	config_of(s)->syn_retries = value;
	return 0;
}

/* The SYN-ACK goes again after 1 s, 3, 7 and so on: it is one of these times. */
static int get_defer_accept(struct socket *s)
{
	return (1 << config_of(s)->defer_accept_retries) - 1;
}

static int set_defer_accept(struct socket *s, int value)
{
	u8 retries = 0;

	while (value > 0 && retries < DEFER_RETRIES_MAX && (1 << retries) - 1 < value)
		retries++;
	config_of(s)->defer_accept_retries = retries;
	return 0;
}

/* No time at all is the shortest that there is. */
static int get_fin_wait_2(struct socket *s)
{
	u64 us = config_of(s)->fin_wait_2_us;

	return us == FIN_WAIT_2_NONE_US ? -1 : (int)(us / US_PER_S);
}

static int set_fin_wait_2(struct socket *s, int value)
{
	u64 s_max = FIN_WAIT_2_MAX_S;

	if (value < 0)
		config_of(s)->fin_wait_2_us = FIN_WAIT_2_NONE_US;
	else if (value == 0)
		config_of(s)->fin_wait_2_us = tcp_config_default().fin_wait_2_us;
	else
		config_of(s)->fin_wait_2_us = min_u64(value, s_max) * US_PER_S;
	return 0;
}

static int get_window_max(struct socket *s)
{
	return config_of(s)->window_max_bytes;
}

static int set_window_max(struct socket *s, int value)
{
	/* of a connection there must be one */
	if (!value && is_connection(s))
		return -EINVAL;
	config_of(s)->window_max_bytes = value ? max_u32(value, WINDOW_MAX_LEAST_BYTES) : 0;
	return 0;
}

/* Of the connection to come, what was set; before that, what any peer takes. */
static int get_mss(struct socket *s)
{
	struct stream *stream = stream_of(s->endpoint);

	if (stream->role == STREAM_CONNECTION)
		return tcp_connection_mss(&stream->connection);
	return stream->mss_is_set ? stream->config.mss_bytes : 536;
}

static int set_mss(struct socket *s, int value)
{
	if (value && (value < MSS_LEAST_BYTES || value > MSS_MOST_BYTES))
		return -EINVAL;
	stream_set_mss(stream_of(s->endpoint), value);
	return 0;
}

static int get_ecn(struct socket *s)
{
	return config_of(s)->ecn == TCP_ECN_ACTIVE ? 1 :
		config_of(s)->ecn == TCP_ECN_PASSIVE ? 2 : 0;
}

static int set_ecn(struct socket *s, int value)
{
	static const enum tcp_ecn_mode modes[] = {
		TCP_ECN_OFF, TCP_ECN_ACTIVE, TCP_ECN_PASSIVE,
	};

	if (value < 0 || value > 2 || stream_of(s->endpoint)->role == STREAM_CONNECTION)
		return -EINVAL;
	config_of(s)->ecn = modes[value];
	return 0;
}

static int get_window_validation(struct socket *s)
{
	return config_of(s)->window_validation;
}

/* RFC 7661, 4.4: what a pause has left of the window is not to go as a burst. */
static int set_window_validation(struct socket *s, int value)
{
	if (value < 0 || value > 1)
		return -EINVAL;
	config_of(s)->window_validation = value;
	config_of(s)->pacing |= value;
	return configured(s);
}

static int get_told_timeout(struct socket *s)
{
	return config_of(s)->user_timeout_advertised_s;
}

static int set_told_timeout(struct socket *s, int value)
{
	if (value < 0 || value > TOLD_TIMEOUT_MAX_S ||
	    stream_of(s->endpoint)->role == STREAM_CONNECTION)
		return -EINVAL;
	config_of(s)->user_timeout_advertised_s = value;
	return 0;
}

static int get_fast_open(struct socket *s)
{
	return stream_of(s->endpoint)->fast_open_limit;
}

static int set_fast_open(struct socket *s, int value)
{
	if (value < 0)
		return -EINVAL;
	return stream_set_fast_open_limit(stream_of(s->endpoint),
					  min_u32((u32)value, BACKLOG_MAX));
}

static int get_no_cookie(struct socket *s)
{
	return config_of(s)->fast_open_no_cookie;
}

static int set_no_cookie(struct socket *s, int value)
{
	if (value < 0 || value > 1 || is_connection(s))
		return -EINVAL;
	config_of(s)->fast_open_no_cookie = value;
	return 0;
}

static int get_fast_open_connect(struct socket *s)
{
	return stream_of(s->endpoint)->fast_open;
}

static int set_fast_open_connect(struct socket *s, int value)
{
	struct stream *stream = stream_of(s->endpoint);

	if (value < 0 || value > 1 || stream->role != STREAM_NEW)
		return -EINVAL;
	stream->fast_open = value;
	return 0;
}

static int get_tos(struct socket *s)
{
	return s->endpoint->tos;
}

/* The ECN field of a stream is TCP's; of a number that is too large, Linux takes the end. */
static int set_tos(struct socket *s, int value)
{
	s->endpoint->tos = socket_is_stream(s) ? value & ~3 : value;
	return 0;
}

static int set_class(struct socket *s, int value)
{
	if (value < -1 || value > 255)
		return -EINVAL;
	return set_tos(s, value == -1 ? 0 : value);
}

static int get_no_port(struct socket *s)
{
	return s->endpoint->options.no_port;
}

static int set_no_port(struct socket *s, int value)
{
	s->endpoint->options.no_port = value;
	return 0;
}

static int get_ttl(struct socket *s)
{
	return s->endpoint->ttl;
}

static int set_ttl(struct socket *s, int value)
{
	if (value != -1 && (value < 1 || value > 255))
		return -EINVAL;
	s->endpoint->ttl = value == -1 ? 64 : value;
	return 0;
}

static int get_discovery(struct socket *s)
{
	return s->endpoint->mtu_discovery;
}

/* A connection has DF in all that it sends, or in nothing. */
static int set_discovery(struct socket *s, int value)
{
	if (value < MTU_DISCOVERY_DONT || value > MTU_DISCOVERY_OMIT)
		return -EINVAL;
	s->endpoint->mtu_discovery = value;
	if (socket_is_stream(s))
		config_of(s)->path_mtu_discovery = value != MTU_DISCOVERY_DONT &&
			value < MTU_DISCOVERY_INTERFACE;
	return 0;
}

static int get_dont_cut(struct socket *s)
{
	return datagram_of(s->endpoint)->dont_cut;
}

static int set_dont_cut(struct socket *s, int value)
{
	datagram_of(s->endpoint)->dont_cut = value;
	return 0;
}

static int get_v6only(struct socket *s)
{
	return 1;
}

static int set_v6only(struct socket *s, int value)
{
	return value ? 0 : -EINVAL;
}

static int get_segment(struct socket *s)
{
	return datagram_of(s->endpoint)->segment_bytes;
}

static int set_segment(struct socket *s, int value)
{
	if (value < 0 || value > UINT16_MAX)
		return -EINVAL;
	datagram_of(s->endpoint)->segment_bytes = value;
	return 0;
}

static const struct int_option int_options[] = {
	{ SOL_SOCKET, SO_TYPE, ANY, get_type, NULL },
	{ SOL_SOCKET, SO_DOMAIN, ANY, get_domain, NULL },
	{ SOL_SOCKET, SO_PROTOCOL, ANY, get_protocol, NULL },
	{ SOL_SOCKET, SO_ERROR, ANY, get_error, NULL },
	{ SOL_SOCKET, SO_ACCEPTCONN, ANY, get_listening, NULL },
	{ SOL_SOCKET, SO_REUSEADDR, ANY, get_reuse, set_reuse },
	{ SOL_SOCKET, SO_BROADCAST, STREAMS, get_broadcast, set_broadcast },
	{ SOL_SOCKET, SO_DONTROUTE, ANY, get_dont_route, set_dont_route },
	{ SOL_SOCKET, SO_KEEPALIVE, STREAMS, get_keepalive, set_keepalive },
	{ SOL_SOCKET, SO_OOBINLINE, STREAMS, get_oob_in_line, set_oob_in_line },
	{ SOL_SOCKET, SO_SNDBUF, ANY, get_tx_bytes, set_tx_bytes },
	{ SOL_SOCKET, SO_SNDLOWAT, ANY, get_tx_low, NULL },
	{ SOL_SOCKET, SO_RCVLOWAT, STREAMS, get_rx_low, set_rx_low },
	{ SOL_SOCKET, SO_RCVBUF, ANY, get_rx_bytes, set_rx_bytes },
	{ SOL_SOCKET, SO_ZEROCOPY, STREAMS, get_zerocopy, set_zerocopy },
	{ IPPROTO_TCP, TCP_NODELAY, STREAMS, get_no_delay, set_no_delay },
	{ IPPROTO_TCP, TCP_CORK, STREAMS, get_cork, set_cork },
	{ IPPROTO_TCP, TCP_KEEPIDLE, STREAMS, get_keep_idle, set_keep_idle },
	{ IPPROTO_TCP, TCP_KEEPINTVL, STREAMS, get_keep_interval, set_keep_interval },
	{ IPPROTO_TCP, TCP_KEEPCNT, STREAMS, get_keep_count, set_keep_count },
	{ IPPROTO_TCP, TCP_USER_TIMEOUT, STREAMS, get_user_timeout, set_user_timeout },
	{ IPPROTO_TCP, TCP_MAXSEG, STREAMS, get_mss, set_mss },
	{ IPPROTO_TCP, TCP_QUICKACK, STREAMS, get_quick_ack, set_quick_ack },
	{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, STREAMS, get_unsent_low, set_unsent_low },
	{ IPPROTO_TCP, TCP_INQ, STREAMS, get_tells_unread, set_tells_unread },
	{ IPPROTO_TCP, TCP_SYNCNT, STREAMS, get_syn_retries, set_syn_retries },
	{ IPPROTO_TCP, TCP_DEFER_ACCEPT, STREAMS, get_defer_accept, set_defer_accept },
	{ IPPROTO_TCP, TCP_LINGER2, STREAMS, get_fin_wait_2, set_fin_wait_2 },
	{ IPPROTO_TCP, TCP_WINDOW_CLAMP, STREAMS, get_window_max, set_window_max },
	{ IPPROTO_TCP, TCP_FASTOPEN, STREAMS, get_fast_open, set_fast_open },
	{ IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, STREAMS, get_no_cookie, set_no_cookie },
	{ IPPROTO_TCP, TCP_FASTOPEN_CONNECT, STREAMS, get_fast_open_connect,
	  set_fast_open_connect },
	{ NC_SOL_TCP, NC_TCP_ECN, STREAMS, get_ecn, set_ecn },
	{ NC_SOL_TCP, NC_TCP_USER_TIMEOUT, STREAMS, get_told_timeout, set_told_timeout },
	{ NC_SOL_TCP, NC_TCP_WINDOW_VALIDATION, STREAMS, get_window_validation,
	  set_window_validation },
	{ IPPROTO_UDP, UDP_CORK, DATAGRAMS, get_udp_cork, set_udp_cork },
	{ IPPROTO_UDP, UDP_SEGMENT, DATAGRAMS, get_segment, set_segment },
	{ IPPROTO_IP, IP_TOS, ANY, get_tos, set_tos },
	{ IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, STREAMS, get_no_port, set_no_port },
	{ IPPROTO_IP, IP_TTL, ANY, get_ttl, set_ttl },
	{ IPPROTO_IP, IP_MTU_DISCOVER, ANY, get_discovery, set_discovery },
	{ IPPROTO_IPV6, IPV6_MTU_DISCOVER, ANY, get_discovery, set_discovery },
	{ IPPROTO_IPV6, IPV6_DONTFRAG, DATAGRAMS, get_dont_cut, set_dont_cut },
	{ IPPROTO_IPV6, IPV6_TCLASS, ANY, get_tos, set_class },
	{ IPPROTO_IPV6, IPV6_UNICAST_HOPS, ANY, get_ttl, set_ttl },
	{ IPPROTO_IPV6, IPV6_V6ONLY, ANY, get_v6only, set_v6only },
};

/* Is there such an option for a socket of this kind? */
static bool is_for(enum sockets of, int level, const struct socket *s)
{
	if (of == (socket_is_stream(s) ? DATAGRAMS : STREAMS))
		return false;
	return level != IPPROTO_IPV6 || socket_version(s) == 6;
}

static const struct int_option *find_int(const struct socket *s, int level, int name)
{
	for (size_t i = 0; i < sizeof(int_options) / sizeof(int_options[0]); i++) {
		const struct int_option *o = &int_options[i];

		if (o->level == level && o->name == name)
			return is_for(o->of, level, s) ? o : NULL;
	}
	return NULL;
}

/* The bit of a control message that may be wanted; 0: it is no such option. */
static u32 find_ancillary(const struct socket *s, int level, int name)
{
	return is_for(DATAGRAMS, level, s) ? ancillary_option(level, name) : 0;
}

static int get_ancillary(struct socket *s, u32 bit)
{
	return !!(datagram_of(s->endpoint)->receives & bit);
}

static void set_ancillary(struct socket *s, u32 bit, bool on)
{
	struct datagram *d = datagram_of(s->endpoint);

	d->receives = on ? d->receives | bit : d->receives & ~bit;
	d->joins = d->receives & ancillary_option(SOL_UDP, UDP_GRO);
	datagram_want_reports(d, ancillary_wants_reports(d->receives, socket_version(s)));
}

/* As much as there is room for; *size becomes what was written. */
static int put(void *value, socklen_t *size, const void *bytes, socklen_t bytes_size)
{
	if ((int)*size < 0)
		return -EINVAL;
	if (*size > bytes_size)
		*size = bytes_size;
	memcpy(value, bytes, *size);
	return 0;
}

/* As Linux: of IPPROTO_IP, who has no room for an int may have a byte. */
static int put_number(int level, void *value, socklen_t *size, int number)
{
	u8 byte = number;

	if (level == IPPROTO_IP && *size && *size < sizeof(number) && byte == number)
		return put(value, size, &byte, sizeof(byte));
	return put(value, size, &number, sizeof(number));
}

/* Likewise, he may give a byte, or nothing, which is 0. */
static int read_number(int *number, int level, const void *value, socklen_t size)
{
	if ((int)size < 0 || (size < sizeof(*number) && level != IPPROTO_IP))
		return -EINVAL;
	*number = 0;
	if (size >= sizeof(*number))
		memcpy(number, value, sizeof(*number));
	else if (size)
		*number = *(const u8 *)value;
	return 0;
}

static struct timeval timeval_of(u64 us)
{
	return (struct timeval){ .tv_sec = us / US_PER_S, .tv_usec = us % US_PER_S };
}

static int set_timeout(u64 *timeout_us, const void *value, socklen_t size)
{
	struct timeval tv;

	if (size < sizeof(tv))
		return -EINVAL;
	memcpy(&tv, value, sizeof(tv));
	if (tv.tv_usec < 0 || tv.tv_usec >= (long)US_PER_S)
		return -EDOM;
	/* a negative one is the shortest, as in Linux; 0 is none */
	*timeout_us = tv.tv_sec < 0 ? 1 : min_u64(tv.tv_sec, UINT32_MAX) * US_PER_S + tv.tv_usec;
	return 0;
}

static int set_linger(struct socket *s, const void *value, socklen_t size)
{
	struct linger linger;

	if (size < sizeof(linger))
		return -EINVAL;
	memcpy(&linger, value, sizeof(linger));
	s->endpoint->options.linger = linger.l_onoff;
	s->endpoint->options.linger_s = linger.l_linger;
	return 0;
}

static bool is_path_mtu(const struct socket *s, int level, int name)
{
	return level == IPPROTO_IPV6 ? name == IPV6_MTU && socket_version(s) == 6 :
		level == IPPROTO_IP && name == IP_MTU;
}

/* Of who is connected. */
static int put_path_mtu(struct socket *s, int level, void *value, socklen_t *size)
{
	int mtu;

	if (socket_is_stream(s) ? !is_connection(s) : !s->endpoint->flow.remote.port)
		return -ENOTCONN;
	mtu = socket_is_stream(s) ? stream_path_mtu(stream_of(s->endpoint)) :
		datagram_path_mtu(datagram_of(s->endpoint));
	return (int)*size < 0 ? -EINVAL : put_number(level, value, size, mtu);
}

/* SO_MAX_PACING_RATE, as Linux: 32 bits or 64; all ones are no limit. */
static int put_rate_max(struct socket *s, void *value, socklen_t *size)
{
	u64 rate = config_of(s)->rate_max ? config_of(s)->rate_max : UINT64_MAX;
	u32 narrow = min_u64(rate, UINT32_MAX);

	if (*size >= sizeof(rate))
		return put(value, size, &rate, sizeof(rate));
	return put(value, size, &narrow, sizeof(narrow));
}

/* Who has set a limit goes at the window's pace as well. */
static int set_rate_max(struct socket *s, const void *value, socklen_t size)
{
	u32 narrow;
	u64 rate;

	if (size < sizeof(narrow))
		return -EINVAL;
	memcpy(&narrow, value, sizeof(narrow));
	rate = narrow == UINT32_MAX ? UINT64_MAX : narrow;
	if (size >= sizeof(rate))
		memcpy(&rate, value, sizeof(rate));
	config_of(s)->rate_max = rate == UINT64_MAX ? 0 : rate;
	config_of(s)->pacing |= rate != UINT64_MAX;
	return configured(s);
}

static int set_congestion(struct socket *s, const void *value, socklen_t size)
{
	const struct tcp_congestion_algorithm *algorithm =
		tcp_congestion_find(value, strnlen(value, size));

	if (!algorithm)
		return -ENOENT;
	config_of(s)->congestion = algorithm;
	if (is_connection(s))
		tcp_recovery_change_congestion(&stream_of(s->endpoint)->connection, algorithm);
	return 0;
}

/* As Linux has it: IPv4 knows no other level, and the sockets' and the protocol's do. */
static int no_option(const struct socket *s, int level)
{
	return socket_version(s) == 6 || level == SOL_SOCKET || level == IPPROTO_IP ||
		level == NC_SOL_TCP || level == s->endpoint->protocol ? -ENOPROTOOPT : -EOPNOTSUPP;
}

static int get_option(struct socket *s, int level, int name, void *value, socklen_t *size)
{
	const struct int_option *o = find_int(s, level, name);
	const struct endpoint_options *kept = &s->endpoint->options;
	struct linger linger = { .l_onoff = kept->linger, .l_linger = kept->linger_s };
	char algorithm[16] = { 0 };
	u8 info[TCP_INFO_BYTES];
	u32 ancillary = find_ancillary(s, level, name);
	struct timeval tv;
	int number;

	if (o || ancillary) {
		if ((int)*size < 0)
			return -EINVAL;
		number = o ? o->get(s) : get_ancillary(s, ancillary);
		return put_number(level, value, size, number);
	}
	if (is_path_mtu(s, level, name))
		return put_path_mtu(s, level, value, size);
	if (level == SOL_SOCKET && name == SO_LINGER)
		return put(value, size, &linger, sizeof(linger));
	if (level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO)) {
		tv = timeval_of(name == SO_RCVTIMEO ? kept->rx_timeout_us : kept->tx_timeout_us);
		return put(value, size, &tv, sizeof(tv));
	}
	if (level == SOL_SOCKET && name == SO_MAX_PACING_RATE && socket_is_stream(s))
		return put_rate_max(s, value, size);
	if (level == IPPROTO_TCP && name == TCP_CONGESTION && socket_is_stream(s)) {
		strncpy(algorithm, config_of(s)->congestion->name, sizeof(algorithm) - 1);
		return put(value, size, algorithm, sizeof(algorithm));
	}
	if (level == IPPROTO_TCP && name == TCP_INFO && socket_is_stream(s))
		return put(value, size, info, tcp_info_fill(info, stream_of(s->endpoint),
							    host_now_us(s->host)));
	return no_option(s, level);
}

static int set_option(struct socket *s, int level, int name, const void *value, socklen_t size)
{
	const struct int_option *o = find_int(s, level, name);
	u32 ancillary = find_ancillary(s, level, name);
	int number, ret;

	if ((o && o->set) || ancillary) {
		ret = read_number(&number, level, value, size);
		if (ret)
			return ret;
		if (o)
			return o->set(s, number);
		set_ancillary(s, ancillary, number);
		return 0;
	}
	if (level == SOL_SOCKET && name == SO_LINGER)
		return set_linger(s, value, size);
	if (level == SOL_SOCKET && name == SO_RCVTIMEO)
		return set_timeout(&s->endpoint->options.rx_timeout_us, value, size);
	if (level == SOL_SOCKET && name == SO_SNDTIMEO)
		return set_timeout(&s->endpoint->options.tx_timeout_us, value, size);
	if (level == SOL_SOCKET && name == SO_MAX_PACING_RATE && socket_is_stream(s))
		return set_rate_max(s, value, size);
	if (level == IPPROTO_TCP && name == TCP_CONGESTION && socket_is_stream(s))
		return set_congestion(s, value, size);
	return -ENOPROTOOPT;
}

int nc_getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
	int error;
	struct socket *s = socket_lock(fd, &error);

	return s ? socket_unlock(s, get_option(s, level, name, value, size)) : error;
}

int nc_setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
	int error;
	struct socket *s = socket_lock(fd, &error);

	return s ? socket_unlock(s, set_option(s, level, name, value, size)) : error;
}
