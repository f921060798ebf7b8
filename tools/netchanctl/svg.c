// SPDX-License-Identifier: GPL-2.0
/* Three panels over one axis of time: sequence numbers, windows, round trips. */
#include "svg.h"

#include <stddef.h>

#define WIDTH		960
#define LEFT		90	/* of a panel: numbers stand there */
#define RIGHT		20
#define PANEL_HEIGHT	220
#define PANEL_GAP	60
#define TOP		60
#define TICKS		5

/* A line in a panel: which member of a point, and how. */
struct curve {
	const char *name;
	size_t offset;			/* of a double in struct trace_point */
	const char *color;
	bool stepped;			/* it stays until it changes */
	bool zero_is_none;
};

struct panel {
	const char *title;
	double scale;			/* what one unit of the axis is */
	const struct curve *curves;
};

#define CURVE(name, member, color, zero_is_none) \
	{ name, offsetof(struct trace_point, member), color, true, zero_is_none }

static const struct curve sequence[] = {
	CURVE("window's edge", edge, "#bbbbbb", false),
	CURVE("sent", nxt, "#1f6fb4", false),
	CURVE("acknowledged", una, "#2a8f3c", false),
	{ NULL }
};

static const struct curve windows[] = {
	CURVE("cwnd", cwnd, "#c2410c", false),
	CURVE("ssthresh", ssthresh, "#999999", true),
	CURVE("in flight", flight, "#1f6fb4", false),
	{ NULL }
};

static const struct curve times[] = {
	CURVE("time-out", rto_ms, "#bbbbbb", true),
	CURVE("smoothed round trip", srtt_ms, "#7c3aed", true),
	{ NULL }
};

static const struct panel panels[] = {
	{ "Sequence numbers, KB", 1e3, sequence },
	{ "Windows, KB", 1e3, windows },
	{ "Round trip, ms", 1, times },
};
#define PANELS (sizeof(panels) / sizeof(panels[0]))

/* Where the drawing stands. */
struct drawing {
	FILE *out;
	const struct trace_file *trace;
	size_t connection;
	double first_s, last_s;
	double top, most;		/* of the panel: pixels, and what is at its top */
};

static double value_of(const struct trace_point *p, const struct curve *c)
{
	return *(const double *)((const char *)p + c->offset);
}

/* The next point of the connection; NULL after the last. */
static const struct trace_point *next(const struct drawing *d, const struct trace_point *p)
{
	const struct trace_point *end = d->trace->points + d->trace->point_count;

	for (p = p ? p + 1 : d->trace->points; p < end; p++) {
		if (p->connection == d->connection)
			return p;
	}
	return NULL;
}

static double x_of(const struct drawing *d, double s)
{
	double span = d->last_s > d->first_s ? d->last_s - d->first_s : 1;

	return LEFT + (s - d->first_s) / span * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct drawing *d, double value)
{
	return d->top + PANEL_HEIGHT * (1 - value / d->most);
}

/* 1, 2 or 5 times a power of ten, so that the axis has about TICKS of them. */
static double round_step(double most)
{
	double step = 1;

	while (step * TICKS < most)
		step *= 10;
	while (step * TICKS > 10 * most && step > 1e-6)
		step /= 10;
	if (step / 5 * TICKS >= most)
		return step / 5;
	return step / 2 * TICKS >= most ? step / 2 : step;
}

static void draw_axes(struct drawing *d, const struct panel *panel)
{
	double most = d->most / panel->scale, step = round_step(most);

	fprintf(d->out, "<text x=\"%d\" y=\"%.1f\" class=\"title\">%s</text>\n", LEFT, d->top - 10,
		panel->title);
	for (double v = 0; v <= most; v += step) {
		double y = y_of(d, v * panel->scale);

		fprintf(d->out, "<path d=\"M%d %.1fH%d\" class=\"grid\"/><text x=\"%d\" y=\"%.1f\" "
			"class=\"y\">%g</text>\n", LEFT, y, WIDTH - RIGHT, LEFT - 6, y + 4, v);
	}
	step = round_step(d->last_s - d->first_s);
	for (double s = 0; s <= d->last_s - d->first_s; s += step)
		fprintf(d->out, "<text x=\"%.1f\" y=\"%.1f\" class=\"x\">%g s</text>\n",
			x_of(d, d->first_s + s), d->top + PANEL_HEIGHT + 16, s);
}

static void draw_curve(struct drawing *d, const struct curve *c)
{
	const struct trace_point *p = NULL;
	bool pen_down = false;

	fprintf(d->out, "<path class=\"curve\" stroke=\"%s\" d=\"", c->color);
	while ((p = next(d, p))) {
		double value = value_of(p, c), x = x_of(d, p->s), y = y_of(d, value);

		if (c->zero_is_none && !value) {
			pen_down = false;
			continue;
		}
		if (pen_down)
			fprintf(d->out, "H%.1fV%.1f", x, y);
		else
			fprintf(d->out, "M%.1f %.1f", x, y);
		pen_down = true;
	}
	fprintf(d->out, "\"/>\n");
}

static void draw_names(struct drawing *d, const struct curve *c)
{
	for (double x = WIDTH - RIGHT; c->name; c++) {
		fprintf(d->out, "<text x=\"%.1f\" y=\"%.1f\" class=\"name\" fill=\"%s\">%s</text>\n",
			x, d->top - 10, c->color, c->name);
		x -= 150;
	}
}

/* Where the count of retransmissions has grown. */
static void draw_retransmissions(struct drawing *d)
{
	const struct trace_point *p = NULL;
	unsigned long seen = 0;

	while ((p = next(d, p))) {
		if (p->retransmitted > seen)
			fprintf(d->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" class=\"again\"/>\n",
				x_of(d, p->s), y_of(d, p->una));
		seen = p->retransmitted;
	}
}

static double most_of(const struct drawing *d, const struct curve *c)
{
	const struct trace_point *p = NULL;
	double most = 1;

	for (; c->name; c++) {
		/* what stands far above the rest must not flatten it */
		if (!c->zero_is_none && c->offset == offsetof(struct trace_point, edge))
			continue;
		for (p = NULL; (p = next(d, p));)
			most = value_of(p, c) > most ? value_of(p, c) : most;
	}
	return most * 1.05;
}

static void draw_panel(struct drawing *d, size_t i)
{
	const struct panel *panel = &panels[i];

	d->top = TOP + i * (PANEL_HEIGHT + PANEL_GAP);
	d->most = most_of(d, panel->curves);
	draw_axes(d, panel);
	draw_names(d, panel->curves);
	fprintf(d->out, "<svg x=\"0\" y=\"%.1f\" width=\"%d\" height=\"%d\" viewBox=\"0 %.1f %d %d\">\n",
		d->top, WIDTH, PANEL_HEIGHT, d->top, WIDTH, PANEL_HEIGHT);
	for (const struct curve *c = panel->curves; c->name; c++)
		draw_curve(d, c);
	if (!i)
		draw_retransmissions(d);
	fprintf(d->out, "</svg>\n");
}

/* Addresses are text of a file's: what SVG has a use for is not written. */
static void write_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text != '<' && *text != '>' && *text != '&' && *text >= ' ')
			fputc(*text, out);
	}
}

void svg_draw(FILE *out, const struct trace_file *t, size_t connection)
{
	struct drawing d = { .out = out, .trace = t, .connection = connection };
	const struct trace_connection *c = &t->connections[connection];
	const struct trace_point *p = next(&d, NULL);
	int height = TOP + PANELS * (PANEL_HEIGHT + PANEL_GAP);

	d.first_s = p->s;
	for (; p; p = next(&d, p))
		d.last_s = p->s;
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"font-family=\"sans-serif\" font-size=\"12\">\n<style>.grid{stroke:#e5e5e5}"
		".curve{fill:none;stroke-width:1.5}.y,.name{text-anchor:end}.x{text-anchor:middle}"
		".title{font-weight:bold}.again{fill:#dc2626}</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
		"<text x=\"%d\" y=\"24\" font-size=\"15\">", WIDTH, height, LEFT);
	write_text(out, c->local);
	fprintf(out, " to ");
	write_text(out, c->remote);
	fprintf(out, "</text>\n");
	for (size_t i = 0; i < PANELS; i++)
		draw_panel(&d, i);
	fprintf(out, "</svg>\n");
}
