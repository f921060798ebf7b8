// SPDX-License-Identifier: GPL-2.0
#include "offline.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "buffer.h"
#include "country.h"
#include "dbfile.h"
#include "regdom.h"
#include "transmission.h"

/*
 * A picture (SVG 1.1) of one or two countries, one above the other on the same
 * scales: power against frequency, a panel for each band. All sizes are in
 * pixels. What a rule demands is shown by a pattern as well as by a colour
 * (of Okabe and Ito's, which the colour-blind can tell apart), so that it is
 * still there in print.
 */

#define PLOTS_MAX	2
#define MARGIN_LEFT	64.
#define MARGIN_RIGHT	24.
#define PANELS_WIDTH	1180.
#define PANEL_GAP	14.
#define PANEL_HEIGHT	230.
#define HEADING_HEIGHT	66.	/* of a country, above its panels */
#define AXIS_HEIGHT	40.	/* below them */
#define LEGEND_HEIGHT	64.
#define NARROW		62.	/* a rule without room for a line of text */
#define TINY		9.	/* without room for any */

/* The bands cut the whole spectrum: no rule is left out. */
static const struct band {
	const char *name;
	u32 start_khz;
	u32 end_khz;
	double weight;		/* of the width of its panel */
} bands[] = {
	{ "below 1 GHz", 0, 1000000, 1.0 },
	{ "2.4 GHz", 1000000, 3500000, 1.3 },
	{ "5 GHz", 3500000, 5925000, 3.2 },
	{ "6 GHz", 5925000, 10000000, 2.6 },
	{ "60 GHz", 10000000, REGDOM_MAX_KHZ, 1.2 },
};

#define N_BANDS (sizeof(bands) / sizeof(bands[0]))

/* Where a band is drawn; width 0: no country has a rule in it. */
struct panel {
	double left, width;
	u32 start_khz, end_khz;
};

struct plot {
	FILE *out;
	const struct regdom_domain *domain[PLOTS_MAX];
	char alpha2[PLOTS_MAX][3];
	unsigned int n;
	u8 device_class;	/* 0: of no class in particular */
	struct panel panels[N_BANDS];
	int bottom_dbm, top_dbm;
};

/* Demands, by the pattern over the rule. */
static const struct mark {
	u32 flag;
	const char *pattern;
	const char *meaning;
} marks[] = {
	{ REGDOM_RULE_DFS, "dfs", "DFS: radar detection" },
	{ REGDOM_RULE_NO_IR, "noir", "NO-IR: listen first" },
	{ REGDOM_RULE_INDOOR, "indoor", "indoors only" },
	{ REGDOM_RULE_OUTDOOR, "outdoor", "outdoors only" },
};

#define N_MARKS (sizeof(marks) / sizeof(marks[0]))

static u32 max_32(u32 a, u32 b)
{
	return a > b ? a : b;
}

static u32 min_32(u32 a, u32 b)
{
	return a < b ? a : b;
}

/* Makes the panel of a band reach over what a rule has of it. */
static void include_rule(struct panel *panel, const struct band *band,
			 const struct regdom_rule *rule)
{
	u32 start = max_32(rule->start_khz, band->start_khz);
	u32 end = min_32(rule->end_khz, band->end_khz);

	if (start >= end)
		return;
	panel->start_khz = panel->end_khz ? min_32(panel->start_khz, start) : start;
	panel->end_khz = max_32(panel->end_khz, end);
}

static void measure_rules(struct plot *plot)
{
	unsigned int i, j, band;

	plot->top_dbm = 30;
	for (i = 0; i < plot->n; i++) {
		for (j = 0; j < plot->domain[i]->n_rules; j++) {
			const struct regdom_rule *rule =
				plot->domain[i]->spans[j].rule;
			int dbm = rule->max_eirp_mbm / 100;

			for (band = 0; band < N_BANDS; band++)
				include_rule(&plot->panels[band], &bands[band], rule);
			while (dbm >= plot->top_dbm)
				plot->top_dbm += 10;
			while (dbm <= plot->bottom_dbm)
				plot->bottom_dbm -= 10;
		}
	}
}

static void place_panels(struct plot *plot)
{
	double left = MARGIN_LEFT, weights = 0, room = PANELS_WIDTH + PANEL_GAP;
	unsigned int band;

	for (band = 0; band < N_BANDS; band++) {
		if (!plot->panels[band].end_khz)
			continue;
		weights += bands[band].weight;
		room -= PANEL_GAP;
	}
	for (band = 0; band < N_BANDS; band++) {
		struct panel *panel = &plot->panels[band];
		u32 edge = (panel->end_khz - panel->start_khz) / 40;

		if (!panel->end_khz)
			continue;
		panel->start_khz -= min_32(edge, panel->start_khz);
		panel->end_khz += edge;
		panel->left = left;
		panel->width = room * bands[band].weight / weights;
		left += panel->width + PANEL_GAP;
	}
}

static double x_of(const struct panel *panel, double khz)
{
	return panel->left + (khz - panel->start_khz) * panel->width /
	       (panel->end_khz - panel->start_khz);
}

/* Below the top of the panel. */
static double y_of(const struct plot *plot, double dbm)
{
	return PANEL_HEIGHT * (plot->top_dbm - dbm) /
	       (plot->top_dbm - plot->bottom_dbm);
}

static void draw_definitions(FILE *out)
{
	fputs("<defs>\n"
	      "<pattern id=\"dfs\" width=\"9\" height=\"9\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
	      "<rect width=\"2\" height=\"9\" fill=\"#d55e00\"/></pattern>\n"
	      "<pattern id=\"noir\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
	      "<circle cx=\"4\" cy=\"4\" r=\"1.5\" fill=\"#000\"/></pattern>\n"
	      "<pattern id=\"indoor\" width=\"10\" height=\"10\" patternUnits=\"userSpaceOnUse\">"
	      "<rect width=\"10\" height=\"1.6\" fill=\"#007a56\"/></pattern>\n"
	      "<pattern id=\"outdoor\" width=\"10\" height=\"10\" patternUnits=\"userSpaceOnUse\">"
	      "<rect width=\"1.6\" height=\"10\" fill=\"#7a3f66\"/></pattern>\n"
	      "</defs>\n"
	      "<style>text { font-family: 'DejaVu Sans', Arial, sans-serif; font-size: 11px; fill: #222 }\n"
	      ".label { stroke: #fff; stroke-width: 3px; paint-order: stroke; stroke-linejoin: round }\n"
	      ".country { font-size: 17px; font-weight: bold } .band { font-size: 12px; font-weight: bold }\n"
	      ".grid { stroke: #bbb; stroke-width: 0.7 } .frame { fill: none; stroke: #444 }\n"
	      ".rule { fill: #cfe8f7; stroke: #0072b2; stroke-width: 1.2 }</style>\n", out);
}

static void draw_box(FILE *out, double x, double y, double width, double height,
		     u32 flags)
{
	unsigned int i;

	fprintf(out, "<rect class=\"rule\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
		x, y, width, height);
	for (i = 0; i < N_MARKS; i++)
		if (flags & marks[i].flag)
			fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"url(#%s)\"/>\n",
				x, y, width, height, marks[i].pattern);
}

/* Power and width, along the rule or upright in it. */
static void draw_label(FILE *out, const struct regdom_rule *rule, double x,
		       double y, double width, double height)
{
	double middle = x + width / 2, dbm = rule->max_eirp_mbm / 100.;
	double mhz = rule->max_bw_khz / 1000.;

	if (width < TINY)
		return;
	if (width >= NARROW && height >= 32) {
		fprintf(out, "<text class=\"label\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.4g dBm</text>\n",
			middle, y + 15, dbm);
		fprintf(out, "<text class=\"label\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.6g MHz</text>\n",
			middle, y + 29, mhz);
	} else if (height >= 32) {
		fprintf(out, "<text class=\"label\" transform=\"translate(%.1f %.1f) rotate(-90)\">%.4g dBm, %.6g MHz</text>\n",
			middle + 4, y + height - 6, dbm, mhz);
	} else {
		fprintf(out, "<text class=\"label\" transform=\"translate(%.1f %.1f) rotate(-90)\">%.4g dBm, %.6g MHz</text>\n",
			middle + 4, y - 4, dbm, mhz);
	}
}

static void draw_rule(const struct plot *plot, const struct panel *panel,
		      const struct band *band, const struct regdom_rule *rule,
		      double top, bool labels)
{
	u32 start = max_32(rule->start_khz, band->start_khz);
	u32 end = min_32(rule->end_khz, band->end_khz);
	double x, y, width, height;

	if (start >= end)
		return;
	x = x_of(panel, start);
	y = y_of(plot, rule->max_eirp_mbm / 100.);
	width = fmax(x_of(panel, end) - x, 1.5);
	height = PANEL_HEIGHT - y;
	if (labels)
		draw_label(plot->out, rule, x, top + y, width, height);
	else
		draw_box(plot->out, x, top + y, width, height, rule->flags);
}

static void draw_power_axis(const struct plot *plot, const struct panel *panel,
			    double top, bool first)
{
	int dbm;

	for (dbm = plot->bottom_dbm; dbm <= plot->top_dbm; dbm += 10) {
		double y = top + y_of(plot, dbm);

		fprintf(plot->out, "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
			panel->left, y, panel->left + panel->width, y);
		if (first)
			fprintf(plot->out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%d</text>\n",
				panel->left - 6, y + 4, dbm);
	}
}

/* A step of 1, 2 or 5 times a power of ten, for about so many ticks. */
static double tick_step(double range, double ticks)
{
	double step = pow(10, floor(log10(range / ticks)));

	return range / step > ticks * 5 ? step * 10 :
	       range / step > ticks * 2 ? step * 5 :
	       range / step > ticks ? step * 2 : step;
}

static void draw_frequency_axis(const struct plot *plot,
				const struct panel *panel, double top)
{
	double bottom = top + PANEL_HEIGHT;
	double step = tick_step(panel->end_khz - panel->start_khz,
				panel->width / 40);
	double khz = ceil(panel->start_khz / step) * step;

	for (; khz <= panel->end_khz; khz += step) {
		double x = x_of(panel, khz);

		fprintf(plot->out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#444\"/>\n",
			x, bottom, x, bottom + 4);
		fprintf(plot->out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.6g</text>\n",
			x, bottom + 16, khz / 1000);
	}
}

/* A class's domain also has rules of others, which refuse it. */
static bool is_for_class(const struct plot *plot, const struct regdom_rule *rule)
{
	u8 classes = rule->limits->classes;

	return !plot->device_class || !classes || classes & plot->device_class;
}

static void draw_panel(const struct plot *plot, unsigned int index,
		       unsigned int band, double top, bool first)
{
	const struct panel *panel = &plot->panels[band];
	const struct regdom_domain *domain = plot->domain[index];
	unsigned int i;

	fprintf(plot->out, "<text class=\"band\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
		panel->left, top - 7, bands[band].name);
	draw_power_axis(plot, panel, top, first);
	/* where two rules overlap, the first holds */
	for (i = domain->n_rules; i-- > 0;)
		if (is_for_class(plot, domain->spans[i].rule))
			draw_rule(plot, panel, &bands[band], domain->spans[i].rule, top, false);
	for (i = 0; i < domain->n_rules; i++)
		if (is_for_class(plot, domain->spans[i].rule))
			draw_rule(plot, panel, &bands[band], domain->spans[i].rule, top, true);
	draw_frequency_axis(plot, panel, top);
	fprintf(plot->out, "<rect class=\"frame\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
		panel->left, top, panel->width, PANEL_HEIGHT);
}

static void draw_country(const struct plot *plot, unsigned int index)
{
	static const char *const regions[] = {
		[REGDOM_DFS_NONE] = "no DFS region", [REGDOM_DFS_FCC] = "DFS region FCC",
		[REGDOM_DFS_ETSI] = "DFS region ETSI", [REGDOM_DFS_JP] = "DFS region JP",
	};
	double top = index * (HEADING_HEIGHT + PANEL_HEIGHT + AXIS_HEIGHT);
	const char *name = country_name(plot->alpha2[index]);
	bool first = true;
	unsigned int band;

	/* no name of ISO 3166-1 has a character that XML would take as markup */
	fprintf(plot->out, "<text class=\"country\" x=\"%.1f\" y=\"%.1f\">%s%s%s, %s</text>\n",
		MARGIN_LEFT, top + 28, plot->alpha2[index], name ? ", " : "",
		name ?: "", regions[plot->domain[index]->dfs_region]);
	top += HEADING_HEIGHT;
	fprintf(plot->out, "<text transform=\"translate(16 %.1f) rotate(-90)\" text-anchor=\"middle\">EIRP in dBm</text>\n",
		top + PANEL_HEIGHT / 2);
	for (band = 0; band < N_BANDS; band++) {
		if (!plot->panels[band].end_khz)
			continue;
		draw_panel(plot, index, band, top, first);
		first = false;
	}
	fprintf(plot->out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">MHz</text>\n",
		MARGIN_LEFT + PANELS_WIDTH, top + PANEL_HEIGHT + 31);
}

static void draw_legend(const struct plot *plot, double top)
{
	double x = MARGIN_LEFT;
	unsigned int i;

	draw_box(plot->out, x, top, 34, 20, 0);
	fprintf(plot->out, "<text x=\"%.1f\" y=\"%.1f\">permitted (power, widest channel)</text>\n",
		x + 42, top + 14);
	x += 270;
	for (i = 0; i < N_MARKS; i++, x += 205) {
		draw_box(plot->out, x, top, 34, 20, marks[i].flag);
		fprintf(plot->out, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", x + 42,
			top + 14, marks[i].meaning);
	}
}

static void draw(struct plot *plot)
{
	double width = MARGIN_LEFT + PANELS_WIDTH + MARGIN_RIGHT;
	double rows = plot->n * (HEADING_HEIGHT + PANEL_HEIGHT + AXIS_HEIGHT);
	unsigned int i;

	measure_rules(plot);
	place_panels(plot);
	fprintf(plot->out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n",
		width, rows + LEGEND_HEIGHT, width, rows + LEGEND_HEIGHT);
	fprintf(plot->out, "<title>Where and how strongly 802.11 may transmit: %s%s%s</title>\n",
		plot->alpha2[0], plot->n > 1 ? " and " : "",
		plot->n > 1 ? plot->alpha2[1] : "");
	draw_definitions(plot->out);
	fprintf(plot->out, "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n");
	for (i = 0; i < plot->n; i++)
		draw_country(plot, i);
	draw_legend(plot, rows + 20);
	fputs("</svg>\n", plot->out);
}

struct request {
	const char *db;
	const char *output;
	struct regdom_transmission asked;	/* of it the class */
};

static int parse_countries(int argc, char **argv, struct plot *plot)
{
	if (argc < 1 || argc > PLOTS_MAX)
		return tool_usage("plot", "one country or two");
	for (; plot->n < (unsigned int)argc; plot->n++)
		if (country_resolve(argv[plot->n], plot->alpha2[plot->n]))
			return TOOL_USAGE;
	return TOOL_DONE;
}

static int parse_arguments(int argc, char **argv, struct request *r,
			   struct plot *plot)
{
	static const struct option options[] = {
		{ "db", required_argument, NULL, 'd' },
		{ "output", required_argument, NULL, 'o' },
		{ "class", required_argument, NULL, 'c' },
		{ }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "d:o:c:", options, NULL)) != -1) {
		if (opt == 'd')
			r->db = optarg;
		else if (opt == 'o')
			r->output = optarg;
		else if (opt != 'c')
			return tool_usage("plot", "bad option");
		else if (transmission_option(opt, optarg, &r->asked))
			return TOOL_USAGE;
	}
	if (!r->output)
		return tool_usage("plot", "name the picture with -o FILE.svg");
	return parse_countries(argc - optind, argv + optind, plot);
}

static int find_domains(struct plot *plot, const struct regdom_db *db, u8 device_class)
{
	unsigned int i;

	plot->device_class = device_class;
	for (i = 0; i < plot->n; i++) {
		plot->domain[i] = regdom_db_find(db, plot->alpha2[i], device_class);
		if (!plot->domain[i])
			return tool_refused(plot->alpha2[i], "the database has no such country: see the countries of 'regdomctl decompile'");
	}
	return TOOL_DONE;
}

static int write_picture(struct plot *plot, const char *path)
{
	struct buffer file = { 0 };
	char *text;
	int ret;

	plot->out = open_memstream(&text, &file.size);
	if (!plot->out)
		abort();
	draw(plot);
	fclose(plot->out);
	file.bytes = (u8 *)text;
	ret = buffer_write(&file, path);
	free(text);
	return ret ? tool_refused_errno(path, ret) : TOOL_DONE;
}

int offline_plot(int argc, char **argv)
{
	struct request r = { .db = DBFILE_DEFAULT };
	struct plot plot = { 0 };
	struct dbfile file;
	int ret;

	ret = parse_arguments(argc, argv, &r, &plot);
	if (!ret)
		ret = dbfile_load(&file, r.db);
	if (ret)
		return ret;
	ret = find_domains(&plot, &file.db, r.asked.device_class);
	if (!ret)
		ret = write_picture(&plot, r.output);
	dbfile_free(&file);
	if (ret || strcmp(r.output, "-") == 0)
		return ret;
	out_open();
	out_string("picture", "%s: ", r.output);
	out_string("country", "%s", plot.alpha2[0]);
	if (plot.n > 1)
		out_string("second_country", " and %s", plot.alpha2[1]);
	out_text("\n");
	out_close();
	return TOOL_DONE;
}
