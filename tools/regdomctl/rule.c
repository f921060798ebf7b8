// SPDX-License-Identifier: GPL-2.0
#include "rule.h"

#include "../common/output.h"
#include "dbtext.h"
#include "regdom.h"
#include "wmm.h"

static void output_words(const char *name, const struct dbtext_word *words,
			 u32 value)
{
	out_open_array(name);
	for (; words->word; words++)
		if (value & words->value)
			out_string(NULL, NULL, words->word);
	out_close_array();
}

static void output_unless(const char *name, s64 value, s64 usual)
{
	if (value != usual)
		out_s64(name, NULL, value);
}

static void output_limits(const struct regdom_limits *limits)
{
	output_unless("max_eirp_ptp_mbm", limits->max_eirp_ptp_mbm, REGDOM_UNLIMITED);
	output_unless("max_conducted_mbm", limits->max_conducted_mbm, REGDOM_UNLIMITED);
	output_unless("max_gain_mbi", limits->max_gain_mbi, REGDOM_UNLIMITED);
	output_unless("max_psd_mbm", limits->max_psd_mbm, REGDOM_UNLIMITED);
	output_unless("nop_ms", limits->nop_ms, 0);
	output_unless("max_duty_permyriad", limits->max_duty_permyriad,
		      REGDOM_DUTY_ALWAYS);
	if (limits->classes)
		output_words("classes", dbtext_classes, limits->classes);
	if (limits->law)
		out_string("law", NULL, limits->law);
}

void rule_output_fields(const struct regdom_rule *rule)
{
	out_u32("start_khz", NULL, rule->start_khz);
	out_u32("end_khz", NULL, rule->end_khz);
	out_u32("max_width_khz", NULL, rule->max_bw_khz);
	out_s64("max_eirp_mbm", NULL, rule->max_eirp_mbm);
	out_u32("cac_ms", NULL, rule->cac_ms);
	out_bool("wmm", NULL, rule->wmm);
	if (rule->wmm && wmm_is_told(rule->wmm))
		wmm_output("wmm_limits", rule->wmm);
	output_words("flags", dbtext_flags, rule->flags);
	output_limits(rule->limits);
}

void rule_output(const char *name, const struct regdom_rule *rule)
{
	if (!out_is_json())
		return;
	out_open_object(name);
	rule_output_fields(rule);
	out_close_object();
}

void rule_describe(FILE *out, const struct regdom_rule *rule)
{
	fprintf(out, "%.10g dBm in up to %.10g MHz", rule->max_eirp_mbm / 100.,
		rule->max_bw_khz / 1000.);
	dbtext_print_options(out, rule);
}

bool rule_equal(const struct regdom_rule *a, const struct regdom_rule *b)
{
	struct regdom_domain x, y;
	struct regdom_span spans_x[2] = { { a->start_khz, a->end_khz, a } };
	struct regdom_span spans_y[2] = { { b->start_khz, b->end_khz, b } };

	regdom_domain_index(&x, spans_x, 1);
	regdom_domain_index(&y, spans_y, 1);
	x.dfs_region = 0;
	y.dfs_region = 0;
	return regdom_domain_equal(&x, &y);
}

/* Writes differences one after the other. */
struct change {
	FILE *out;
	const char *gap;	/* before the next */
	const char *next_gap;
};

static void begin(struct change *c, const char *what)
{
	fprintf(c->out, "%s%s", c->gap, what);
	c->gap = c->next_gap;
}

static void print_value(struct change *c, s64 value, s64 none, double unit,
			const char *name)
{
	if (value == none)
		fputs("not limited", c->out);
	else
		fprintf(c->out, "%.10g %s", value / unit, name);
}

static void compare_number(struct change *c, const char *what, s64 a, s64 b,
			   s64 none, double unit, const char *name)
{
	if (a == b)
		return;
	begin(c, what);
	putc(' ', c->out);
	print_value(c, b, none, unit, name);
	fputs(", was ", c->out);
	print_value(c, a, none, unit, name);
}

static void compare_range(struct change *c, const struct regdom_rule *a,
			  const struct regdom_rule *b)
{
	if (a->start_khz == b->start_khz && a->end_khz == b->end_khz)
		return;
	begin(c, "range ");
	fprintf(c->out, "%.10g - %.10g MHz, was %.10g - %.10g MHz",
		b->start_khz / 1e3, b->end_khz / 1e3, a->start_khz / 1e3,
		a->end_khz / 1e3);
}

static void compare_words(struct change *c, const char *what,
			  const struct dbtext_word *words, u32 a, u32 b)
{
	for (; words->word; words++) {
		if (!((a ^ b) & words->value))
			continue;
		begin(c, what);
		fprintf(c->out, "%s %s", words->word,
			b & words->value ? "now" : "no more");
	}
}

static void compare_law(struct change *c, const char *a, const char *b)
{
	if (a == b || (a && b && strcmp(a, b) == 0))
		return;
	begin(c, "cited law ");
	fprintf(c->out, "%s%s%s", b ? "\"" : "", b ?: "none", b ? "\"" : "");
}

static void compare_wmm(struct change *c, const struct regdom_wmm *a,
			const struct regdom_wmm *b)
{
	if (a == b || (a && b && memcmp(a, b, sizeof(*a)) == 0))
		return;
	begin(c, !a ? "medium access limits now" :
	      !b ? "medium access limits no more" : "medium access limits differ");
}

void rule_describe_change(FILE *out, const struct regdom_rule *a,
			  const struct regdom_rule *b, const char *gap)
{
	struct change c = { out, "", gap };
	const struct regdom_limits *x = a->limits, *y = b->limits;

	compare_range(&c, a, b);
	compare_number(&c, "power", a->max_eirp_mbm, b->max_eirp_mbm,
		       REGDOM_UNLIMITED, 100, "dBm");
	compare_number(&c, "width", a->max_bw_khz, b->max_bw_khz, 0, 1000, "MHz");
	compare_words(&c, "", dbtext_flags, a->flags, b->flags);
	compare_number(&c, "availability check", a->cac_ms ?: 60000,
		       b->cac_ms ?: 60000, 0, 1000, "s");
	compare_number(&c, "non-occupancy", x->nop_ms ?: 1800000,
		       y->nop_ms ?: 1800000, 0, 1000, "s");
	compare_number(&c, "point-to-point power", x->max_eirp_ptp_mbm,
		       y->max_eirp_ptp_mbm, REGDOM_UNLIMITED, 100, "dBm");
	compare_number(&c, "conducted power", x->max_conducted_mbm,
		       y->max_conducted_mbm, REGDOM_UNLIMITED, 100, "dBm");
	compare_number(&c, "antenna gain", x->max_gain_mbi, y->max_gain_mbi,
		       REGDOM_UNLIMITED, 100, "dBi");
	compare_number(&c, "density", x->max_psd_mbm, y->max_psd_mbm,
		       REGDOM_UNLIMITED, 100, "dBm/MHz");
	compare_number(&c, "duty cycle", x->max_duty_permyriad,
		       y->max_duty_permyriad, REGDOM_DUTY_ALWAYS, 100, "%");
	compare_words(&c, "class ", dbtext_classes, x->classes, y->classes);
	compare_wmm(&c, a->wmm, b->wmm);
	compare_law(&c, x->law, y->law);
}
