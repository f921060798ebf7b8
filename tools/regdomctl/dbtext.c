// SPDX-License-Identifier: GPL-2.0
#include "dbtext.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <time.h>

#include "classes.h"
#include "regdom.h"
#include "regdom/db_ext.h"
#include "regdom/power.h"

#define WORD_BYTES 32
#define AIFSN_MAX 15		/* 802.11-2020, 9.4.2.28: four bits */
#define CW_MAX 32767		/* the same: 2^15 - 1 */
#define WMM_ALL 0xff		/* clients' and access points' four each */

/* Limits of medium access that rules refer to by name. */
struct wmm_section {
	struct wmm_section *next;
	char name[WORD_BYTES];
	struct regdom_wmm wmm;
	unsigned int given;	/* bits: the categories that were given */
	unsigned int line;
};

struct parser {
	const char *at;		/* in the line */
	const char *end;	/* of the line, without its comment */
	const char *line_start;
	unsigned int line;
	struct draft *draft;
	struct dbtext_fault *fault;

	/* the section that the line is in */
	unsigned int first_country;	/* of draft; up to its last */
	bool in_country;
	struct wmm_section *wmm;	/* NULL: none */
	struct wmm_section *wmms;	/* all */
};

static int __attribute__((format(printf, 3, 4)))
fail_at(struct parser *p, const char *at, const char *format, ...)
{
	va_list args;

	p->fault->line = p->line;
	p->fault->column = at - p->line_start + 1;
	va_start(args, format);
	vsnprintf(p->fault->why, sizeof(p->fault->why), format, args);
	va_end(args);
	return -EINVAL;
}

static void skip_blanks(struct parser *p)
{
	while (p->at < p->end && (*p->at == ' ' || *p->at == '\t'))
		p->at++;
}

static bool take(struct parser *p, char c)
{
	skip_blanks(p);
	if (p->at == p->end || *p->at != c)
		return false;
	p->at++;
	return true;
}

static int expect(struct parser *p, char c, const char *form)
{
	if (take(p, c))
		return 0;
	return fail_at(p, p->at, "'%c' is missing here: write %s", c, form);
}

static bool is_word_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* A word of at most WORD_BYTES - 1 characters; "" if there is none. */
static const char *take_word(struct parser *p, char word[WORD_BYTES])
{
	const char *start;
	size_t n = 0;

	skip_blanks(p);
	start = p->at;
	while (p->at < p->end && is_word_char(*p->at) && n < WORD_BYTES - 1)
		word[n++] = *p->at++;
	word[n] = 0;
	return start;
}

/*
 * A decimal number in units of 10^-digits, exactly: "2483.5" is 2483500 with 3
 * digits.
 */
static int take_decimal(struct parser *p, unsigned int digits, const char *what,
			s64 min, s64 max, s64 *value)
{
	const char *start;
	bool negative, point = false, any = false;
	s64 number = 0;
	unsigned int left = digits;

	skip_blanks(p);
	start = p->at;
	negative = take(p, '-');
	for (; p->at < p->end; p->at++) {
		if (*p->at == '.' && !point) {
			point = true;
			continue;
		}
		if (*p->at < '0' || *p->at > '9')
			break;
		if (point && left-- == 0)
			return fail_at(p, start, "%s has more than %u decimals: round it towards the stricter side",
				       what, digits);
		number = number * 10 + (*p->at - '0');
		any = true;
		if (number > max && number > -min)
			break;		/* out of range, whatever follows */
	}
	if (!any)
		return fail_at(p, start, "%s is missing here: write a number", what);
	while (left--)
		number *= 10;
	if (negative)
		number = -number;
	if (number < min || number > max)
		return fail_at(p, start, "%s is out of range: write %.*f to %.*f",
			       what, (int)digits, min / pow(10, digits),
			       (int)digits, max / pow(10, digits));
	*value = number;
	return 0;
}

static int take_u32(struct parser *p, unsigned int digits, const char *what,
		    u32 min, u32 max, u32 *value)
{
	s64 number;
	int ret = take_decimal(p, digits, what, min, max, &number);

	if (ret == 0)
		*value = number;
	return ret;
}

/* In dB of some sort, to 1/100. */
static int take_power(struct parser *p, const char *what, s32 *value)
{
	s64 number;
	int ret = take_decimal(p, 2, what, -REGDOM_MAX_EIRP_MBM,
			       REGDOM_MAX_EIRP_MBM, &number);

	if (ret == 0)
		*value = number;
	return ret;
}

/* A text in quotes, kept in the draft. */
static int take_text(struct parser *p, const char *what, const char **text)
{
	const char *start, *c;

	if (expect(p, '"', "a text in double quotes"))
		return -EINVAL;
	start = p->at;
	c = memchr(start, '"', p->end - start);
	if (!c)
		return fail_at(p, start, "%s does not end: add a double quote", what);
	if (c == start || c - start > REGDOM_EXT_MAX_TEXT)
		return fail_at(p, start, "%s is empty, or longer than %u characters: change it",
			       what, REGDOM_EXT_MAX_TEXT);
	for (p->at = start; p->at < c; p->at++)
		if (*p->at < ' ' || *p->at > '~')
			return fail_at(p, p->at, "%s is not printable ASCII here: spell it out",
				       what);
	*text = arena_text(&p->draft->arena, start, c - start);
	p->at = c + 1;
	return 0;
}

static int expect_end(struct parser *p)
{
	skip_blanks(p);
	if (p->at == p->end)
		return 0;
	return fail_at(p, p->at, "the line should end here: take away the rest, or put a comma or a comment before it");
}

static int unknown_word(struct parser *p, const char *at, const char *what,
			const char *word, const struct dbtext_word *words)
{
	size_t n;

	fail_at(p, at, "'%s' is no %s: write one of", word, what);
	for (; words->word; words++) {
		n = strlen(p->fault->why);
		snprintf(p->fault->why + n, sizeof(p->fault->why) - n, " %s",
			 words->word);
	}
	return -EINVAL;
}

static int take_known(struct parser *p, const char *what,
		      const struct dbtext_word *words, u32 *value)
{
	const struct dbtext_word *w;
	char word[WORD_BYTES];
	const char *at = take_word(p, word);

	for (w = words; w->word; w++) {
		if (strcmp(w->word, word) == 0) {
			*value = w->value;
			return 0;
		}
	}
	return unknown_word(p, at, what, word, words);
}

/* A frequency or a width, in MHz to the kHz. */
static int take_mhz(struct parser *p, const char *what, u32 *khz)
{
	return take_u32(p, 3, what, 1, REGDOM_MAX_KHZ, khz);
}

#define RANGE_FORM "(START - END @ WIDTH) in MHz"

static int parse_range(struct parser *p, struct regdom_rule *rule)
{
	const char *at;

	rule->max_bw_khz = 20000;
	if (take_mhz(p, "the start of the range", &rule->start_khz) ||
	    expect(p, '-', RANGE_FORM))
		return -EINVAL;
	skip_blanks(p);
	at = p->at;
	if (take_mhz(p, "the end of the range", &rule->end_khz))
		return -EINVAL;
	if (rule->end_khz <= rule->start_khz)
		return fail_at(p, at, "the range ends before it starts: write the lower frequency first");
	if (take(p, '@')) {
		skip_blanks(p);
		at = p->at;
		if (take_mhz(p, "the width", &rule->max_bw_khz))
			return -EINVAL;
	}
	if (rule->max_bw_khz > rule->end_khz - rule->start_khz)
		return fail_at(p, at, "a channel of %.3f MHz does not fit into the range: write a smaller width",
			       rule->max_bw_khz / 1e3);
	return expect(p, ')', RANGE_FORM);
}

/* Of mW in 1/1000, in 1/100 dBm, rounded down: never more than permitted. */
static s32 mbm_of_uw(s64 uw)
{
	return floor(1000 * log10(uw)) - 3000;
}

#define MAX_UW 10000000000000ll	/* 100 dBm */
#define POWER_FORM "(POWER) in dBm, or (POWER mW)"

/* Whether what stands before the next ')' is in mW. */
static bool is_in_mw(struct parser *p)
{
	const char *close = memchr(p->at, ')', p->end - p->at);

	while (close && close > p->at && close[-1] == ' ')
		close--;
	return close && close - p->at >= 2 && memcmp(close - 2, "mW", 2) == 0;
}

static int parse_power(struct parser *p, struct regdom_rule *rule)
{
	char unit[WORD_BYTES];
	s64 uw;

	if (!is_in_mw(p))
		return take_power(p, "the power", &rule->max_eirp_mbm) ?:
		       expect(p, ')', POWER_FORM);
	if (take_decimal(p, 3, "the power in mW", 1, MAX_UW, &uw))
		return -EINVAL;
	rule->max_eirp_mbm = mbm_of_uw(uw);
	take_word(p, unit);
	return expect(p, ')', POWER_FORM);
}

static struct wmm_section *find_wmm(struct parser *p, const char *name)
{
	struct wmm_section *section;

	for (section = p->wmms; section; section = section->next)
		if (strcmp(section->name, name) == 0)
			return section;
	return NULL;
}

static int take_wmm_name(struct parser *p, const struct regdom_wmm **wmm)
{
	struct wmm_section *section;
	char name[WORD_BYTES];
	const char *at = take_word(p, name);

	section = find_wmm(p, name);
	if (!section)
		return fail_at(p, at, "no limits named '%s' above: add a section 'wmmrule %s:'",
			       name, name[0] ? name : "NAME");
	if (section->given != WMM_ALL)
		return fail_at(p, at, "the limits '%s' of line %u lack a category: give vo, vi, be, bk, each with _c and _ap",
			       name, section->line);
	*wmm = &section->wmm;
	return 0;
}

static int take_classes(struct parser *p, u8 *classes)
{
	u32 class;

	do {
		if (take_known(p, "class of device", dbtext_classes, &class))
			return -EINVAL;
		*classes |= class;
	} while (take(p, '+'));
	return 0;
}

enum option {
	OPTION_WMM,
	OPTION_PTP,
	OPTION_CONDUCTED,
	OPTION_BACKOFF,
	OPTION_GAIN,
	OPTION_PSD,
	OPTION_CAC,
	OPTION_NOP,
	OPTION_DUTY,
	OPTION_CLASS,
	OPTION_LAW,
};

static const struct dbtext_word options[] = {
	{ "wmmrule", OPTION_WMM }, { "ptp", OPTION_PTP },
	{ "conducted", OPTION_CONDUCTED }, { "backoff", OPTION_BACKOFF },
	{ "gain", OPTION_GAIN },
	{ "psd", OPTION_PSD }, { "cac", OPTION_CAC }, { "nop", OPTION_NOP },
	{ "duty", OPTION_DUTY }, { "class", OPTION_CLASS }, { "law", OPTION_LAW },
	{ NULL, 0 }
};

#define BACKOFF_FORM "backoff=FREE/PER in dBi and dB"
#define MAX_GAIN_PER_DB	100

/* "6/3": from 6 dBi on, 1 dB less for each 3 dB more. */
static int take_backoff(struct parser *p, struct regdom_backoff *backoff)
{
	u32 per_db;
	int ret;

	ret = take_power(p, "backoff", &backoff->free_gain_mbi) ?:
	      expect(p, '/', BACKOFF_FORM) ?:
	      take_u32(p, 0, "backoff", 1, MAX_GAIN_PER_DB, &per_db);
	if (ret == 0)
		backoff->gain_per_db = per_db;
	return ret;
}

/*
 * The limit at the connector for the antenna that there is; one with more gain would have a
 * lower one.
 */
static int back_off(struct parser *p, struct regdom_backoff *backoff,
		    struct regdom_limits *limits)
{
	const s32 *gain_mbi = p->draft->gain_mbi;
	s32 most_mbi;

	if (limits->max_conducted_mbm == REGDOM_UNLIMITED)
		return fail_at(p, p->line_start, "backoff= is of conducted=: say that as well");
	if (!gain_mbi)
		return fail_at(p, p->line_start, "backoff= is for the antenna that there is: compile with --gain DBI");
	backoff->conducted_mbm = limits->max_conducted_mbm;
	limits->max_conducted_mbm = regdom_backoff_mbm(backoff, *gain_mbi);
	most_mbi = *gain_mbi > backoff->free_gain_mbi ? *gain_mbi : backoff->free_gain_mbi;
	if (most_mbi < limits->max_gain_mbi)
		limits->max_gain_mbi = most_mbi;
	return 0;
}

static int parse_value(struct parser *p, u32 option, struct regdom_rule *rule,
		       struct regdom_limits *limits, struct regdom_backoff *backoff)
{
	u32 duty;
	int ret;

	switch (option) {
	case OPTION_WMM:
		return take_wmm_name(p, &rule->wmm);
	case OPTION_PTP:
		return take_power(p, "ptp", &limits->max_eirp_ptp_mbm);
	case OPTION_CONDUCTED:
		return take_power(p, "conducted", &limits->max_conducted_mbm);
	case OPTION_BACKOFF:
		return take_backoff(p, backoff);
	case OPTION_GAIN:
		return take_power(p, "gain", &limits->max_gain_mbi);
	case OPTION_PSD:
		return take_power(p, "psd", &limits->max_psd_mbm);
	case OPTION_CAC:
		return take_u32(p, 3, "cac", 1, REGDOM_EXT_MAX_CAC_MS,
				&rule->cac_ms);
	case OPTION_NOP:
		return take_u32(p, 3, "nop", 1, REGDOM_EXT_MAX_NOP_MS,
				&limits->nop_ms);
	case OPTION_DUTY:
		ret = take_u32(p, 2, "duty", 1, REGDOM_DUTY_ALWAYS - 1, &duty);
		if (ret == 0)
			limits->max_duty_permyriad = duty;
		return ret;
	case OPTION_CLASS:
		return take_classes(p, &limits->classes);
	default:
		return take_text(p, "the citation", &limits->law);
	}
}

/* What follows the power: a flag, or option=value. */
static int parse_item(struct parser *p, struct regdom_rule *rule,
		      struct regdom_limits *limits, struct regdom_backoff *backoff,
		      unsigned int *given)
{
	char word[WORD_BYTES];
	const char *at = take_word(p, word);
	u32 value;

	if (!take(p, '=')) {
		p->at = at;
		if (take_known(p, "flag", dbtext_flags, &value))
			return -EINVAL;
		rule->flags |= value;
		return 0;
	}
	p->at = at;
	if (take_known(p, "option", options, &value))
		return -EINVAL;
	if (*given & 1 << value)
		return fail_at(p, at, "'%s' is there twice: keep one", word);
	*given |= 1 << value;
	take(p, '=');
	return parse_value(p, value, rule, limits, backoff);
}

static bool says_nothing(const struct regdom_limits *limits)
{
	return !limits->law && memcmp(limits, &regdom_no_limits,
				      offsetof(struct regdom_limits, law)) == 0;
}

static int add_rule(struct parser *p, const struct regdom_rule *rule)
{
	unsigned int i;

	for (i = p->first_country; i < p->draft->n_countries; i++)
		if (!draft_add_rule(&p->draft->countries[i]->general, rule, p->line))
			return fail_at(p, p->line_start, "more than %u rules in a country: join some",
				       REGDOM_MAX_RULES);
	return 0;
}

static int parse_rule(struct parser *p)
{
	struct regdom_rule rule = { 0 };
	struct regdom_limits *limits = arena_alloc(&p->draft->arena,
						   sizeof(*limits));
	struct regdom_backoff backoff = { 0 };
	unsigned int given = 0;

	if (!p->in_country)
		return fail_at(p, p->line_start, "a rule without a country: write 'country XX:' above it");
	memcpy(limits, &regdom_no_limits, sizeof(*limits));
	if (parse_range(p, &rule) || expect(p, ',', RANGE_FORM ", " POWER_FORM) ||
	    expect(p, '(', POWER_FORM) || parse_power(p, &rule))
		return -EINVAL;
	while (take(p, ','))
		if (parse_item(p, &rule, limits, &backoff, &given))
			return -EINVAL;
	if (given & 1 << OPTION_BACKOFF && back_off(p, &backoff, limits))
		return -EINVAL;
	rule.limits = says_nothing(limits) ? &regdom_no_limits : limits;
	return expect_end(p) ?: add_rule(p, &rule);
}

static int parse_alpha2(struct parser *p)
{
	struct draft_country *there;
	char alpha2[WORD_BYTES];
	const char *at = take_word(p, alpha2);

	if (strlen(alpha2) != 2 || !regdom_alpha2_valid(alpha2))
		return fail_at(p, at, "'%s' is no country: write two letters A to Z, or 00 for the world",
			       alpha2);
	there = draft_find(p->draft, alpha2);
	if (there)
		return fail_at(p, at, "country %s is already at line %u: put its rules there",
			       alpha2, there->line);
	draft_add(p->draft, alpha2, REGDOM_DFS_NONE)->line = p->line;
	return 0;
}

/* "country DE, FR: DFS-ETSI": the rules that follow are of each. */
static int parse_country(struct parser *p)
{
	unsigned int i;
	u32 region = REGDOM_DFS_NONE;

	p->first_country = p->draft->n_countries;
	p->in_country = true;
	p->wmm = NULL;
	do {
		if (parse_alpha2(p))
			return -EINVAL;
	} while (take(p, ','));
	if (expect(p, ':', "'country XX:' or 'country XX: DFS-ETSI'"))
		return -EINVAL;
	skip_blanks(p);
	if (p->at < p->end && take_known(p, "DFS region", dbtext_regions, &region))
		return -EINVAL;
	for (i = p->first_country; i < p->draft->n_countries; i++)
		p->draft->countries[i]->general.dfs_region = region;
	return expect_end(p);
}

static int parse_wmm_section(struct parser *p)
{
	struct wmm_section *section = arena_alloc(&p->draft->arena,
						  sizeof(*section));
	const char *at = take_word(p, section->name);
	struct wmm_section *there = find_wmm(p, section->name);

	if (!section->name[0])
		return fail_at(p, at, "a name is missing here: write 'wmmrule NAME:'");
	if (there)
		return fail_at(p, at, "limits named '%s' are already at line %u: choose another name",
			       section->name, there->line);
	section->line = p->line;
	section->next = p->wmms;
	p->wmms = section;
	p->wmm = section;
	p->in_country = false;
	return expect(p, ':', "'wmmrule NAME:'") ?: expect_end(p);
}

static const struct dbtext_word categories[] = {
	{ "vo_c", 0 }, { "vi_c", 1 }, { "be_c", 2 }, { "bk_c", 3 },
	{ "vo_ap", 4 }, { "vi_ap", 5 }, { "be_ap", 6 }, { "bk_ap", 7 },
	{ NULL, 0 }
};

#define CATEGORY_FORM "'vo_c: cw_min=3, cw_max=7, aifsn=2, cot=2'"

static int take_parameter(struct parser *p, const char *name, unsigned int digits,
			  u32 min, u32 max, u32 *value)
{
	char word[WORD_BYTES];
	const char *at = take_word(p, word);

	if (strcmp(word, name))
		return fail_at(p, at, "'%s=' is missing here: write " CATEGORY_FORM,
			       name);
	return expect(p, '=', CATEGORY_FORM) ?:
	       take_u32(p, digits, name, min, max, value);
}

static bool is_contention_window(u32 cw)
{
	return (cw & (cw + 1)) == 0;
}

static int parse_category(struct parser *p, const char *start)
{
	u32 category, cw_min, cw_max, aifsn, cot_us;
	struct regdom_wmm *wmm = &p->wmm->wmm;

	p->at = start;
	if (take_known(p, "category", categories, &category) ||
	    expect(p, ':', CATEGORY_FORM) ||
	    take_parameter(p, "cw_min", 0, 0, CW_MAX, &cw_min) ||
	    expect(p, ',', CATEGORY_FORM) ||
	    take_parameter(p, "cw_max", 0, 1, CW_MAX, &cw_max) ||
	    expect(p, ',', CATEGORY_FORM) ||
	    take_parameter(p, "aifsn", 0, 1, AIFSN_MAX, &aifsn) ||
	    expect(p, ',', CATEGORY_FORM) ||
	    take_parameter(p, "cot", 3, 0, 65535, &cot_us))
		return -EINVAL;
	if (!is_contention_window(cw_min) || !is_contention_window(cw_max) ||
	    cw_min >= cw_max)
		return fail_at(p, start, "no contention window: cw_min and cw_max are of 0, 1, 3, 7, 15 and so on, the second larger");
	if (p->wmm->given & 1 << category)
		return fail_at(p, start, "this category is there twice: keep one");
	p->wmm->given |= 1 << category;
	*(category < REGDOM_WMM_ACS ? &wmm->client[category] :
	  &wmm->ap[category - REGDOM_WMM_ACS]) =
		(struct regdom_wmm_ac){ cw_min, cw_max, cot_us, aifsn };
	return expect_end(p);
}

#define DATE_FORM "a date as 2026-11-22"

static int take_date(struct parser *p, u32 *day)
{
	const char *at;
	u32 year, month, month_day;
	struct tm date = { 0 };
	time_t seconds;

	skip_blanks(p);
	at = p->at;
	if (take_u32(p, 0, "the year", 1970, 9999, &year) ||
	    expect(p, '-', DATE_FORM) ||
	    take_u32(p, 0, "the month", 1, 12, &month) ||
	    expect(p, '-', DATE_FORM) ||
	    take_u32(p, 0, "the day", 1, 31, &month_day))
		return -EINVAL;
	date.tm_year = year - 1900;
	date.tm_mon = month - 1;
	date.tm_mday = month_day;
	seconds = timegm(&date);
	if (seconds <= 0 || date.tm_mday != (int)month_day)
		return fail_at(p, at, "there is no such day: write " DATE_FORM);
	*day = seconds / 86400;
	return 0;
}

static int parse_serial(struct parser *p)
{
	return take_u32(p, 0, "the serial", 1, U32_MAX,
			&p->draft->edition.serial) ?: expect_end(p);
}

static int check_dates(struct parser *p, const char *at)
{
	const struct regdom_edition *edition = &p->draft->edition;

	if (edition->expires_day && edition->expires_day < edition->issued_day)
		return fail_at(p, at, "it expires before it is issued: correct one of the dates");
	return expect_end(p);
}

static int parse_issued(struct parser *p)
{
	const char *at = p->at;

	return take_date(p, &p->draft->edition.issued_day) ?: check_dates(p, at);
}

static int parse_expires(struct parser *p)
{
	const char *at = p->at;

	return take_date(p, &p->draft->edition.expires_day) ?: check_dates(p, at);
}

static int parse_issuer(struct parser *p)
{
	return take_text(p, "the issuer", &p->draft->edition.issuer) ?:
	       expect_end(p);
}

/* What the first word of a line may be, outside the sections. */
static const struct {
	const char *word;
	int (*parse)(struct parser *p);
} keywords[] = {
	{ "country", parse_country },
	{ "wmmrule", parse_wmm_section },
	{ "serial", parse_serial },
	{ "issued", parse_issued },
	{ "expires", parse_expires },
	{ "issuer", parse_issuer },
};

#define N_KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

static int parse_line(struct parser *p)
{
	char word[WORD_BYTES];
	const char *at;
	unsigned int i;

	if (take(p, '('))
		return parse_rule(p);
	at = take_word(p, word);
	for (i = 0; i < N_KEYWORDS; i++)
		if (strcmp(keywords[i].word, word) == 0)
			return keywords[i].parse(p);
	if (p->wmm)
		return parse_category(p, at);
	return fail_at(p, at, "no statement: write a rule '(START - END @ WIDTH), (POWER)', or 'country', 'wmmrule', 'serial', 'issued', 'expires' or 'issuer'");
}

/* Where the comment begins, or the line ends. */
static const char *find_comment(const char *at, const char *end)
{
	bool quoted = false;

	for (; at < end && (quoted || *at != '#'); at++)
		quoted ^= *at == '"';
	return at;
}

static int parse_lines(struct parser *p, const char *text, const char *text_end)
{
	const char *end;
	int ret = 0;

	while (!ret && text < text_end) {
		end = memchr(text, '\n', text_end - text) ?: text_end;
		p->line++;
		p->line_start = text;
		p->at = text;
		p->end = find_comment(text, end);
		while (p->end > text && isspace((unsigned char)p->end[-1]))
			p->end--;
		skip_blanks(p);
		if (p->at < p->end)
			ret = parse_line(p);
		text = end + 1;
	}
	return ret;
}

static int check_country(struct parser *p, struct draft_country *country)
{
	struct classes_fault fault;

	p->line = country->line;
	if (!country->general.n_rules)
		return fail_at(p, p->at, "country %.2s has no rule: write one, or leave it out",
			       country->alpha2);
	if (!classes_split(p->draft, country, &fault))
		return 0;
	p->line = fault.line;
	return fail_at(p, p->at, "in country %.2s this rule and that of line %u %s",
		       country->alpha2, fault.other_line, fault.why);
}

/* What can be seen only when everything is there. */
static int check_whole(struct parser *p)
{
	unsigned int i;
	int ret = 0;

	p->at = p->line_start;
	if (!p->draft->n_countries)
		return fail_at(p, p->at, "no country: write 'country XX:', and rules below it");
	for (i = 0; !ret && i < p->draft->n_countries; i++)
		ret = check_country(p, p->draft->countries[i]);
	if (!ret)
		draft_order(p->draft);
	return ret;
}

int dbtext_parse(const char *text, size_t size, struct draft *draft,
		 struct dbtext_fault *fault)
{
	struct parser p = { .draft = draft, .fault = fault, .line_start = text };

	return parse_lines(&p, text, text + size) ?: check_whole(&p);
}
