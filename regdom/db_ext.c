// SPDX-License-Identifier: GPL-2.0
#include "db_ext.h"

#include "bytes.h"
#include "regdom.h"

/* Those of drivers are not among them. */
#define FLAGS_KNOWN	(REGDOM_RULE_DFS_CONCURRENT * 2 - 1)
#define CLASSES_KNOWN	(REGDOM_6GHZ_CLIENT * 2 - 1)
#define AIFSN_MAX	15		/* 802.11-2020, 9.4.2.28: four bits */
#define CW_MAX		32767		/* the same: 2^15 - 1 */

/* An object or a field: where it is, and what is in it. */
struct item {
	u16 type;
	u16 length;		/* of the value */
	size_t at;		/* of the type */
	size_t value;
	size_t end;
};

enum form {
	NUMBER,			/* u32 */
	POWER,			/* s32 */
	TEXT,
	BYTES,
};

/* What a field may be: min and max are of a number, or of a length in bytes. */
struct field {
	u16 type;
	enum form form;
	bool required;
	s64 min;
	s64 max;
	const char *why;	/* it is refused */
};

struct check {
	const u8 *data;
	size_t size;
	u32 *rules;		/* where each rule is, then each domain */
	struct regdom_db_counts *n;
	struct regdom_fault *fault;
	u16 last_country;
	bool has_edition;
};

/* How far the arrays of a database are filled. */
struct fill {
	const u8 *data;
	struct regdom_db *db;
	struct regdom_db_counts n;
};

struct object {
	u16 type;
	const struct field *fields;	/* ascend; end with type 0 */
	int (*check)(struct check *c, const struct item *object);
	void (*fill)(struct fill *f, const struct item *object);
};

static const struct field edition_fields[] = {
	{ REGDOM_EXT_SERIAL, NUMBER, true, 1, U32_MAX, "serial is 0" },
	{ REGDOM_EXT_ISSUED_DAY, NUMBER, false, 1, REGDOM_EXT_MAX_DAY,
	  "no such day" },
	{ REGDOM_EXT_EXPIRES_DAY, NUMBER, false, 1, REGDOM_EXT_MAX_DAY,
	  "no such day" },
	{ REGDOM_EXT_ISSUER, TEXT, false, 1, REGDOM_EXT_MAX_TEXT,
	  "bad length of the issuer" },
	{ 0 }
};

static const struct field wmm_fields[] = {
	{ REGDOM_EXT_WMM_CLIENT, BYTES, true, REGDOM_EXT_WMM_BYTES,
	  REGDOM_EXT_WMM_BYTES, "bad length of WMM limits" },
	{ REGDOM_EXT_WMM_AP, BYTES, true, REGDOM_EXT_WMM_BYTES,
	  REGDOM_EXT_WMM_BYTES, "bad length of WMM limits" },
	{ 0 }
};

#define POWER_FIELD(type, required, why) \
	{ type, POWER, required, -REGDOM_MAX_EIRP_MBM, REGDOM_MAX_EIRP_MBM, why }

static const struct field rule_fields[] = {
	{ REGDOM_EXT_START_KHZ, NUMBER, true, 1, REGDOM_MAX_KHZ,
	  "rule starts at 0 Hz or above 71 GHz" },
	{ REGDOM_EXT_END_KHZ, NUMBER, true, 1, REGDOM_MAX_KHZ,
	  "rule ends at 0 Hz or above 71 GHz" },
	{ REGDOM_EXT_WIDTH_KHZ, NUMBER, true, 1, REGDOM_MAX_KHZ,
	  "width out of range" },
	POWER_FIELD(REGDOM_EXT_EIRP_MBM, true, "EIRP beyond 100 dBm"),
	/* an unknown flag may be a restriction: do not permit what it forbids */
	{ REGDOM_EXT_FLAGS, NUMBER, false, 1, FLAGS_KNOWN, "unknown rule flag" },
	{ REGDOM_EXT_CAC_MS, NUMBER, false, 1, REGDOM_EXT_MAX_CAC_MS,
	  "availability check too short or too long" },
	{ REGDOM_EXT_WMM_NUMBER, NUMBER, false, 0, U32_MAX, "" },
	POWER_FIELD(REGDOM_EXT_PTP_EIRP_MBM, false, "PtP EIRP beyond 100 dBm"),
	POWER_FIELD(REGDOM_EXT_CONDUCTED_MBM, false,
		    "conducted power beyond 100 dBm"),
	POWER_FIELD(REGDOM_EXT_GAIN_MBI, false, "antenna gain beyond 100 dBi"),
	POWER_FIELD(REGDOM_EXT_PSD_MBM, false, "density beyond 100 dBm/MHz"),
	{ REGDOM_EXT_NOP_MS, NUMBER, false, 1, REGDOM_EXT_MAX_NOP_MS,
	  "non-occupancy too short or too long" },
	{ REGDOM_EXT_DUTY_PERMYRIAD, NUMBER, false, 1, REGDOM_DUTY_ALWAYS - 1,
	  "duty cycle out of range" },
	{ REGDOM_EXT_CLASSES, NUMBER, false, 1, CLASSES_KNOWN,
	  "unknown class of device" },
	{ REGDOM_EXT_LAW, TEXT, false, 1, REGDOM_EXT_MAX_TEXT,
	  "bad length of a citation" },
	{ 0 }
};

static const struct field domain_fields[] = {
	{ REGDOM_EXT_DFS_REGION, NUMBER, true, REGDOM_DFS_NONE, REGDOM_DFS_JP,
	  "unknown DFS region" },
	{ REGDOM_EXT_RULE_NUMBERS, BYTES, true, 2, 2 * REGDOM_MAX_RULES,
	  "bad number of rules" },
	{ 0 }
};

static const struct field country_fields[] = {
	{ REGDOM_EXT_ALPHA2, BYTES, true, 2, 2, "bad country code" },
	{ REGDOM_EXT_DOMAIN_NUMBER, NUMBER, true, 0, U32_MAX, "" },
	{ REGDOM_EXT_LPI_DOMAIN, NUMBER, false, 0, U32_MAX, "" },
	{ REGDOM_EXT_SP_DOMAIN, NUMBER, false, 0, U32_MAX, "" },
	{ REGDOM_EXT_VLP_DOMAIN, NUMBER, false, 0, U32_MAX, "" },
	{ REGDOM_EXT_CLIENT_DOMAIN, NUMBER, false, 0, U32_MAX, "" },
	{ 0 }
};

static int refuse(struct check *c, int error, size_t offset, const char *why)
{
	*c->fault = (struct regdom_fault){ error, offset, why };
	return error;
}

static int malformed(struct check *c, size_t offset, const char *why)
{
	return refuse(c, -EBADMSG, offset, why);
}

static struct item item_at(const u8 *data, size_t at)
{
	size_t value = at + REGDOM_EXT_TYPE_BYTES;
	u16 length = read_16(data + at + 2);

	return (struct item){ read_16(data + at), length, at, value,
			      value + length };
}

/*
 * The value of a field, or NULL. The object is checked, or at least cut into
 * fields without a rest.
 */
static const u8 *find(const u8 *data, const struct item *object, u16 type,
		      u16 *length)
{
	struct item field;
	size_t at;

	for (at = object->value; at < object->end; at = field.end) {
		field = item_at(data, at);
		if (field.type == type) {
			*length = field.length;
			return data + field.value;
		}
	}
	return NULL;
}

static u32 number(const u8 *data, const struct item *object, u16 type,
		  u32 otherwise)
{
	u16 length;
	const u8 *value = find(data, object, type, &length);

	return value ? read_32(value) : otherwise;
}

static bool has(const u8 *data, const struct item *object, u16 type)
{
	u16 length;

	return find(data, object, type, &length);
}

static size_t offset_of(struct check *c, const struct item *object, u16 type)
{
	u16 length;

	return find(c->data, object, type, &length) - c->data;
}

/* Takes the next object or field below `end`; types ascend from `last`. */
static int next_item(struct check *c, size_t at, size_t end, u16 last,
		     struct item *item)
{
	if (end - at < REGDOM_EXT_TYPE_BYTES)
		return malformed(c, at, "no room for a type and a length");
	*item = item_at(c->data, at);
	if (item->end > end)
		return malformed(c, at + 2, "longer than what it is in");
	if ((item->type & ~REGDOM_EXT_CRITICAL) <
	    (last & ~REGDOM_EXT_CRITICAL))
		return malformed(c, at, "types do not ascend");
	return 0;
}

/* Of a type that is not in the table: may it be passed over? */
static int check_unknown(struct check *c, const struct item *item,
			 bool differs_in_critical)
{
	if (differs_in_critical)
		return malformed(c, item->at, "known type, wrongly marked");
	if (item->type & REGDOM_EXT_CRITICAL)
		return refuse(c, -EPROTONOSUPPORT, item->at,
			      "unknown critical type: too new a file");
	return 0;
}

/* Printable ASCII, but for the double quote: it ends a text in its text form. */
static int check_text(struct check *c, const struct item *item)
{
	size_t at;

	for (at = item->value; at < item->end; at++)
		if (c->data[at] < ' ' || c->data[at] > '~' ||
		    c->data[at] == '"')
			return malformed(c, at, "bad character in a text");
	c->n->text_bytes += item->length + 1;
	return 0;
}

static int check_value(struct check *c, const struct item *item,
		       const struct field *field)
{
	s64 value = item->length;

	if (field->form == NUMBER || field->form == POWER) {
		if (item->length != 4)
			return malformed(c, item->at + 2,
					 "a number has 4 bytes");
		value = read_32(c->data + item->value);
		if (field->form == POWER)
			value = (s32)value;
	}
	if (value < field->min || value > field->max)
		return malformed(c, item->value, field->why);
	return field->form == TEXT ? check_text(c, item) : 0;
}

/*
 * The field of the table that an item is, from *field on; NULL: none. The
 * fields of the table before it are missing in the file.
 */
static int match_field(struct check *c, const struct item *item,
		       const struct field **field, bool *found)
{
	u16 type = item->type & ~REGDOM_EXT_CRITICAL;
	const struct field *f = *field;

	while (f->type && (f->type & ~REGDOM_EXT_CRITICAL) < type) {
		if (f->required)
			return malformed(c, item->at, "a field is missing");
		f++;
	}
	*field = f;
	*found = f->type == item->type;
	if (*found)
		return 0;
	return check_unknown(c, item, (f->type ^ item->type) ==
			     REGDOM_EXT_CRITICAL);
}

static int check_fields(struct check *c, const struct item *object,
			const struct field *field)
{
	struct item item = { 0 };
	bool found;
	size_t at;
	int ret;

	for (at = object->value; at < object->end; at = item.end) {
		u16 last = item.type;

		ret = next_item(c, at, object->end, last, &item);
		if (ret)
			return ret;
		if (((item.type ^ last) & ~REGDOM_EXT_CRITICAL) == 0)
			return malformed(c, at, "type 0, or the same field twice");
		ret = match_field(c, &item, &field, &found);
		if (!ret && found)
			ret = check_value(c, &item, field++);
		if (ret)
			return ret;
	}
	for (; field->type; field++)
		if (field->required)
			return malformed(c, object->at, "a field is missing");
	return 0;
}

static int check_edition(struct check *c, const struct item *object)
{
	u32 issued = number(c->data, object, REGDOM_EXT_ISSUED_DAY, 0);
	u32 expires = number(c->data, object, REGDOM_EXT_EXPIRES_DAY, U32_MAX);

	if (c->has_edition)
		return malformed(c, object->at, "a second edition");
	if (expires < issued)
		return malformed(c, offset_of(c, object, REGDOM_EXT_EXPIRES_DAY),
				 "expires before it is issued");
	c->has_edition = true;
	return 0;
}

static bool is_contention_window(unsigned int cw)
{
	return cw <= CW_MAX && (cw & (cw + 1)) == 0;
}

static int check_wmm_acs(struct check *c, size_t at)
{
	unsigned int ac;

	for (ac = 0; ac < REGDOM_WMM_ACS; ac++, at += REGDOM_EXT_WMM_AC_BYTES) {
		unsigned int cw_min = read_16(c->data + at);
		unsigned int cw_max = read_16(c->data + at + 2);
		unsigned int aifsn = c->data[at + 6];

		if (!is_contention_window(cw_min))
			return malformed(c, at, "CWmin is not 2^n - 1");
		if (!is_contention_window(cw_max))
			return malformed(c, at + 2, "CWmax is not 2^n - 1");
		if (cw_min >= cw_max)
			return malformed(c, at, "contention window is empty");
		if (aifsn < 1 || aifsn > AIFSN_MAX)
			return malformed(c, at + 6, "AIFSN out of range");
	}
	return 0;
}

static int check_wmm(struct check *c, const struct item *object)
{
	int ret;

	ret = check_wmm_acs(c, offset_of(c, object, REGDOM_EXT_WMM_CLIENT));
	if (!ret)
		ret = check_wmm_acs(c, offset_of(c, object, REGDOM_EXT_WMM_AP));
	c->n->wmms++;
	return ret;
}

/* Whether the rule says something that struct regdom_limits holds. */
static bool has_limits(const u8 *data, const struct item *rule)
{
	unsigned int type;

	for (type = REGDOM_EXT_PTP_EIRP_MBM; type <= REGDOM_EXT_LAW; type++)
		if (has(data, rule, type) ||
		    has(data, rule, type | REGDOM_EXT_CRITICAL))
			return true;
	return false;
}

static int check_rule(struct check *c, const struct item *object)
{
	u32 start = number(c->data, object, REGDOM_EXT_START_KHZ, 0);
	u32 end = number(c->data, object, REGDOM_EXT_END_KHZ, 0);
	u32 width = number(c->data, object, REGDOM_EXT_WIDTH_KHZ, 0);

	if (start >= end)
		return malformed(c, offset_of(c, object, REGDOM_EXT_END_KHZ),
				 "rule ends before it starts");
	if (width > end - start)
		return malformed(c, offset_of(c, object, REGDOM_EXT_WIDTH_KHZ),
				 "width does not fit the rule");
	if (has(c->data, object, REGDOM_EXT_WMM_NUMBER) &&
	    number(c->data, object, REGDOM_EXT_WMM_NUMBER, 0) >= c->n->wmms)
		return malformed(c, offset_of(c, object, REGDOM_EXT_WMM_NUMBER),
				 "no such WMM limits");
	c->n->limits += has_limits(c->data, object);
	c->rules[c->n->rules++] = object->at;
	return 0;
}

/* Both ends of a rule lie above those of the rule before it. */
static bool ascend(struct check *c, u32 before, u32 rule)
{
	struct item a = item_at(c->data, c->rules[before]);
	struct item b = item_at(c->data, c->rules[rule]);

	return number(c->data, &a, REGDOM_EXT_START_KHZ, 0) <
	       number(c->data, &b, REGDOM_EXT_START_KHZ, 0) &&
	       number(c->data, &a, REGDOM_EXT_END_KHZ, 0) <
	       number(c->data, &b, REGDOM_EXT_END_KHZ, 0);
}

static int check_domain(struct check *c, const struct item *object)
{
	const u8 *numbers;
	u16 length, i;

	if (c->n->domains >= REGDOM_MAX_DOMAINS)
		return malformed(c, object->at, "more domains than countries can have");
	numbers = find(c->data, object, REGDOM_EXT_RULE_NUMBERS, &length);
	if (length % 2)
		return malformed(c, numbers - c->data, "bad number of rules");
	for (i = 0; i < length; i += 2) {
		size_t at = numbers + i - c->data;

		if (read_16(numbers + i) >= c->n->rules)
			return malformed(c, at, "no such rule");
		if (i && !ascend(c, read_16(numbers + i - 2),
				 read_16(numbers + i)))
			return malformed(c, at, "rules do not ascend");
	}
	/* there is room: an object has 4 bytes or more, and the map a u32 for each 4 */
	c->rules[c->n->rules + c->n->domains++] = object->at;
	c->n->spans += length / 2 + 1;
	return 0;
}

/* Of a domain that there is. */
static u32 region_of(struct check *c, u32 domain)
{
	struct item object = item_at(c->data, c->rules[c->n->rules + domain]);

	return number(c->data, &object, REGDOM_EXT_DFS_REGION, 0);
}

static int check_class_domain(struct check *c, const struct item *object, u16 type)
{
	u32 general = number(c->data, object, REGDOM_EXT_DOMAIN_NUMBER, 0);
	u32 own = number(c->data, object, type, 0);

	if (!has(c->data, object, type))
		return 0;
	if (own >= c->n->domains)
		return malformed(c, offset_of(c, object, type), "no such domain");
	if (own == general)
		return malformed(c, offset_of(c, object, type),
				 "a class has the domain of all");
	if (region_of(c, own) != region_of(c, general))
		return malformed(c, offset_of(c, object, type),
				 "a class has another DFS region");
	return 0;
}

/* The general domain has been checked. */
static int check_class_domains(struct check *c, const struct item *object)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < REGDOM_CLASSES; i++)
		ret = check_class_domain(c, object, REGDOM_EXT_LPI_DOMAIN + i);
	return ret;
}

static int check_country(struct check *c, const struct item *object)
{
	size_t at = offset_of(c, object, REGDOM_EXT_ALPHA2);
	u16 alpha2 = read_16(c->data + at);

	if (!regdom_alpha2_valid((const char *)c->data + at))
		return malformed(c, at, "bad country code");
	if (alpha2 <= c->last_country)
		return malformed(c, at, "countries do not ascend");
	if (number(c->data, object, REGDOM_EXT_DOMAIN_NUMBER, 0) >=
	    c->n->domains)
		return malformed(c, offset_of(c, object,
					      REGDOM_EXT_DOMAIN_NUMBER),
				 "no such domain");
	c->last_country = alpha2;
	c->n->countries++;
	return check_class_domains(c, object);
}

/* A copy of a text, NULL if the object has none. */
static const char *fill_text(struct fill *f, const struct item *object, u16 type)
{
	char *text = f->db->text + f->n.text_bytes;
	u16 length;
	const u8 *value = find(f->data, object, type, &length);

	if (!value)
		return NULL;
	memcpy(text, value, length);
	text[length] = 0;
	f->n.text_bytes += length + 1;
	return text;
}

static void fill_edition(struct fill *f, const struct item *object)
{
	f->db->edition = (struct regdom_edition){
		.serial = number(f->data, object, REGDOM_EXT_SERIAL, 0),
		.issued_day = number(f->data, object, REGDOM_EXT_ISSUED_DAY, 0),
		.expires_day = number(f->data, object, REGDOM_EXT_EXPIRES_DAY, 0),
		.issuer = fill_text(f, object, REGDOM_EXT_ISSUER),
	};
}

static void fill_wmm_acs(struct fill *f, const struct item *object, u16 type,
			 struct regdom_wmm_ac *acs)
{
	u16 length;
	const u8 *from = find(f->data, object, type, &length);
	unsigned int ac;

	for (ac = 0; ac < REGDOM_WMM_ACS; ac++, from += REGDOM_EXT_WMM_AC_BYTES) {
		acs[ac].cw_min = read_16(from);
		acs[ac].cw_max = read_16(from + 2);
		acs[ac].cot_us = read_16(from + 4);
		acs[ac].aifsn = from[6];
	}
}

static void fill_wmm(struct fill *f, const struct item *object)
{
	struct regdom_wmm *wmm = &f->db->wmms[f->n.wmms++];

	fill_wmm_acs(f, object, REGDOM_EXT_WMM_CLIENT, wmm->client);
	fill_wmm_acs(f, object, REGDOM_EXT_WMM_AP, wmm->ap);
}

static const struct regdom_limits *fill_limits(struct fill *f,
					       const struct item *rule)
{
	struct regdom_limits *limits;

	if (!has_limits(f->data, rule))
		return &regdom_no_limits;
	limits = &f->db->limits[f->n.limits++];
	*limits = (struct regdom_limits){
		.max_eirp_ptp_mbm = number(f->data, rule, REGDOM_EXT_PTP_EIRP_MBM,
					   REGDOM_UNLIMITED),
		.max_conducted_mbm = number(f->data, rule,
					    REGDOM_EXT_CONDUCTED_MBM,
					    REGDOM_UNLIMITED),
		.max_gain_mbi = number(f->data, rule, REGDOM_EXT_GAIN_MBI,
				       REGDOM_UNLIMITED),
		.max_psd_mbm = number(f->data, rule, REGDOM_EXT_PSD_MBM,
				      REGDOM_UNLIMITED),
		.nop_ms = number(f->data, rule, REGDOM_EXT_NOP_MS, 0),
		.max_duty_permyriad = number(f->data, rule,
					     REGDOM_EXT_DUTY_PERMYRIAD,
					     REGDOM_DUTY_ALWAYS),
		.classes = number(f->data, rule, REGDOM_EXT_CLASSES, 0),
		.law = fill_text(f, rule, REGDOM_EXT_LAW),
	};
	return limits;
}

static void fill_rule(struct fill *f, const struct item *object)
{
	struct regdom_rule *rule = &f->db->rules[f->n.rules++];

	rule->start_khz = number(f->data, object, REGDOM_EXT_START_KHZ, 0);
	rule->end_khz = number(f->data, object, REGDOM_EXT_END_KHZ, 0);
	rule->max_bw_khz = number(f->data, object, REGDOM_EXT_WIDTH_KHZ, 0);
	rule->max_eirp_mbm = number(f->data, object, REGDOM_EXT_EIRP_MBM, 0);
	rule->flags = number(f->data, object, REGDOM_EXT_FLAGS, 0);
	rule->cac_ms = number(f->data, object, REGDOM_EXT_CAC_MS, 0);
	if (has(f->data, object, REGDOM_EXT_WMM_NUMBER))
		rule->wmm = &f->db->wmms[number(f->data, object,
						REGDOM_EXT_WMM_NUMBER, 0)];
	rule->limits = fill_limits(f, object);
}

static void fill_domain(struct fill *f, const struct item *object)
{
	struct regdom_domain *domain = &f->db->domains[f->n.domains++];
	struct regdom_span *spans = &f->db->spans[f->n.spans];
	u16 length, i;
	const u8 *numbers = find(f->data, object, REGDOM_EXT_RULE_NUMBERS,
				 &length);

	for (i = 0; i < length / 2; i++) {
		const struct regdom_rule *rule =
			&f->db->rules[read_16(numbers + i * 2)];

		spans[i] = (struct regdom_span){ rule->start_khz,
						 rule->end_khz, rule };
	}
	domain->dfs_region = number(f->data, object, REGDOM_EXT_DFS_REGION, 0);
	regdom_domain_index(domain, spans, length / 2);
	f->n.spans += length / 2 + 1;
}

static void fill_country(struct fill *f, const struct item *object)
{
	struct regdom_country *country = &f->db->countries[f->n.countries++];
	unsigned int i;
	u16 length;

	memcpy(country->alpha2, find(f->data, object, REGDOM_EXT_ALPHA2, &length),
	       sizeof(country->alpha2));
	country->domain = number(f->data, object, REGDOM_EXT_DOMAIN_NUMBER, 0);
	for (i = 0; i < REGDOM_CLASSES; i++)
		country->of_class[i] = number(f->data, object, REGDOM_EXT_LPI_DOMAIN + i,
					      country->domain);
}

static const struct object objects[] = {
	{ REGDOM_EXT_EDITION, edition_fields, check_edition, fill_edition },
	{ REGDOM_EXT_WMM, wmm_fields, check_wmm, fill_wmm },
	{ REGDOM_EXT_RULE, rule_fields, check_rule, fill_rule },
	{ REGDOM_EXT_DOMAIN, domain_fields, check_domain, fill_domain },
	{ REGDOM_EXT_COUNTRY, country_fields, check_country, fill_country },
};

#define N_OBJECTS (sizeof(objects) / sizeof(objects[0]))

static int check_object(struct check *c, const struct item *item)
{
	unsigned int i;
	int ret;

	for (i = 0; i < N_OBJECTS; i++) {
		if (objects[i].type == item->type) {
			ret = check_fields(c, item, objects[i].fields);
			return ret ? ret : objects[i].check(c, item);
		}
		if ((objects[i].type ^ item->type) == REGDOM_EXT_CRITICAL)
			return check_unknown(c, item, true);
	}
	return check_unknown(c, item, false);
}

static int check_header(struct check *c)
{
	if (c->size > REGDOM_EXT_MAX_BYTES)
		return refuse(c, -EFBIG, 0, "file too large");
	if (c->size < REGDOM_EXT_HEADER_BYTES)
		return malformed(c, 0, "file too short for a header");
	if (!regdom_ext_is(c->data, c->size))
		return refuse(c, -EPROTONOSUPPORT, 0, "not a regulatory database");
	if (read_32(c->data + 4) != REGDOM_EXT_VERSION)
		return refuse(c, -EPROTONOSUPPORT, 4, "not extended format 1");
	if (read_32(c->data + 8) != c->size)
		return malformed(c, 8, "not of the size that the header says");
	return 0;
}

bool regdom_ext_is(const u8 *data, size_t size)
{
	return size >= 4 && read_32(data) == REGDOM_EXT_MAGIC;
}

static int check(const u8 *data, size_t size, u32 *map,
		 struct regdom_db_counts *n, struct regdom_fault *fault)
{
	struct check c = { data, size, map, n, fault, 0, false };
	struct item item = { 0 };
	size_t at;
	int ret;

	*n = (struct regdom_db_counts){ 0 };
	*fault = (struct regdom_fault){ 0 };
	ret = check_header(&c);
	for (at = REGDOM_EXT_HEADER_BYTES; !ret && at < size; at = item.end) {
		ret = next_item(&c, at, size, item.type, &item);
		if (!ret)
			ret = check_object(&c, &item);
	}
	if (ret)
		return ret;
	if (!c.has_edition)
		return malformed(&c, size, "no edition");
	if (n->countries == 0)
		return malformed(&c, size, "no countries");
	return 0;
}

static void fill(const u8 *data, const u32 *map, struct regdom_db *db)
{
	size_t at, size = read_32(data + 8);
	struct fill f = { data, db, { 0 } };
	struct item item;
	unsigned int i;

	for (at = REGDOM_EXT_HEADER_BYTES; at < size; at = item.end) {
		item = item_at(data, at);
		for (i = 0; i < N_OBJECTS; i++)
			if (objects[i].type == item.type)
				objects[i].fill(&f, &item);
	}
}

const struct regdom_db_format regdom_ext = {
	.name = "ext",
	.check = check,
	.fill = fill,
};
