// SPDX-License-Identifier: GPL-2.0
/* unit: tools/netchanctl/svg.c tools/netchanctl/trace_file.c */
/* A connection over sockets is traced, read and drawn; what is no trace is refused. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netchannel/socket.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tools/netchanctl/svg.h"

#define HEAD	"# netchannel trace 1\n"
#define LINE_A	" 192.0.2.1:1000 192.0.2.2:80 ESTABLISHED open 1 1461 65535 14600 1073741824" \
		" 1460 1 65535 20000 200000 "

static const char *read_text(struct trace_file *t, const char *text)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	const char *why = trace_file_read(t, file);

	fclose(file);
	return why;
}

START_TEST(fields)
{
	struct trace_file t;

	ck_assert_ptr_null(read_text(&t, HEAD "# a comment\n\n0" LINE_A "0\n5000" LINE_A "2\n"
				     "6000 [fd00::1]:1 [fd00::2]:80 SYN-SENT open 0 1 0 14600 50000"
				     " 0 0 0 0 1000000 0\n"));
	ck_assert_uint_eq(t.point_count, 3);
	ck_assert_uint_eq(t.connection_count, 2);
	ck_assert_uint_eq(t.connections[0].points, 2);
	ck_assert_str_eq(t.connections[1].remote, "[fd00::2]:80");
	ck_assert_double_eq(t.points[1].s, 0.005);
	ck_assert_double_eq(t.points[1].nxt, 1461);
	ck_assert_double_eq(t.points[1].edge, 65536);
	ck_assert_double_eq(t.points[1].ssthresh, 0);
	ck_assert_double_eq(t.points[1].srtt_ms, 20);
	ck_assert_double_eq(t.points[2].ssthresh, 50000);
	ck_assert_uint_eq(t.points[1].retransmitted, 2);
	trace_file_free(&t);
}
END_TEST

static const char *const refused[] = {
	"", "\n", "# netchannel trace 2\n", "0" LINE_A "0\n", HEAD, HEAD "nonsense\n",
	HEAD "0" LINE_A "\n", HEAD "0" LINE_A "0 0\n", HEAD "5" LINE_A "0\n4" LINE_A "0\n",
	HEAD "-1" LINE_A "0\n",
};

START_TEST(no_trace)
{
	struct trace_file t;

	ck_assert_ptr_nonnull(read_text(&t, refused[_i]));
	ck_assert_ptr_null(t.points);
}
END_TEST

static size_t count_of_text(const char *in, const char *what)
{
	size_t n = 0;

	for (; (in = strstr(in, what)); in++)
		n++;
	return n;
}

static char *drawn(const struct trace_file *t)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	svg_draw(out, t, 0);
	fclose(out);
	return text;
}

START_TEST(drawing)
{
	struct trace_file t;
	char *svg;

	ck_assert_ptr_null(read_text(&t, HEAD "0" LINE_A "0\n5000" LINE_A "2\n9000" LINE_A "2\n"));
	strcpy(t.connections[0].remote, "<script>&");
	svg = drawn(&t);
	ck_assert_uint_eq(count_of_text(svg, "class=\"curve\""), 8);
	ck_assert_uint_eq(count_of_text(svg, "class=\"again\""), 1);
	ck_assert_uint_eq(count_of_text(svg, "<script>"), 0);
	ck_assert_uint_eq(count_of_text(svg, "<svg"), count_of_text(svg, "</svg>"));
	free(svg);
	trace_file_free(&t);
}
END_TEST

static struct sockaddr_in address_of(int host, int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(0xc0000201 + host) };
}

static void transfer(struct nc_stack *const hosts[2], size_t bytes)
{
	struct sockaddr_in to = address_of(1, 80);
	int listener = nc_socket(hosts[1], AF_INET, SOCK_STREAM, 0), ends[2];
	int unacknowledged = 0;
	static char block[10000];

	ck_assert_int_eq(nc_bind(listener, (struct sockaddr *)&to, sizeof(to)), 0);
	ck_assert_int_eq(nc_listen(listener, 1), 0);
	ends[0] = nc_socket(hosts[0], AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(nc_connect(ends[0], (struct sockaddr *)&to, sizeof(to)), 0);
	ends[1] = nc_accept4(listener, NULL, NULL, 0);
	for (size_t sent = 0; sent < bytes; sent += sizeof(block)) {
		ck_assert_int_eq(nc_send(ends[0], block, sizeof(block), 0), sizeof(block));
		ck_assert_int_eq(nc_recv(ends[1], block, sizeof(block), MSG_WAITALL),
				 sizeof(block));
	}
	for (int i = 0; i < 5000 && !nc_ioctl(ends[0], SIOCOUTQ, &unacknowledged) &&
	     unacknowledged; i++)
		usleep(1000);
	ck_assert_int_eq(unacknowledged, 0);
	nc_close(ends[0]);
	nc_close(ends[1]);
	nc_close(listener);
}

/* What sockets did is in the trace: every byte, from SYN-SENT on. */
START_TEST(traced)
{
	char path[] = "/tmp/trivet-trace-XXXXXX";
	int file = mkstemp(path);
	struct nc_stack *hosts[2];
	struct nc_link *ends[2];
	struct trace_file t;
	FILE *f;
	char *svg;

	close(file);
	ck_assert_int_eq(nc_link_pipe(ends, 1500), 0);
	for (int i = 0; i < 2; i++) {
		struct nc_stack_config config = NC_STACK_CONFIG_INIT;
		struct sockaddr_in own = address_of(i, 0);

		config.link = ends[i];
		config.ipv4 = (struct sockaddr *)&own;
		ck_assert_int_eq(nc_stack_create(&hosts[i], &config), 0);
	}
	ck_assert_int_eq(nc_stack_trace(hosts[0], "/nonexistent/file"), -EIO);
	ck_assert_int_eq(nc_stack_trace(hosts[0], path), 0);
	transfer(hosts, 200000);
	ck_assert_int_eq(nc_stack_trace(hosts[0], NULL), 0);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(nc_stack_destroy(hosts[i]), 0);
	f = fopen(path, "r");
	ck_assert_ptr_null(trace_file_read(&t, f));
	fclose(f);
	unlink(path);
	ck_assert_uint_eq(t.connection_count, 1);
	ck_assert_str_eq(t.connections[0].remote, "192.0.2.2:80");
	ck_assert_str_eq(t.points[0].state, "SYN-SENT");
	ck_assert_double_ge(t.connections[0].moved_bytes, 200001);
	svg = drawn(&t);
	ck_assert_ptr_nonnull(strstr(svg, "192.0.2.2:80"));
	free(svg);
	trace_file_free(&t);
}
END_TEST

Suite *plot_suite(void);
Suite *plot_suite(void)
{
	Suite *s = suite_create("plot");
	TCase *c = tcase_create("plot");

	tcase_add_test(c, fields);
	tcase_add_loop_test(c, no_trace, 0, sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(c, drawing);
	tcase_add_test(c, traced);
	suite_add_tcase(s, c);
	return s;
}
