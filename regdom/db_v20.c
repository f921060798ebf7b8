// SPDX-License-Identifier: GPL-2.0
#include "db_v20.h"

#include "bytes.h"

#define MAGIC		0x52474442u	/* "RGDB" */
#define VERSION		20

#define HEADER_BYTES	8
#define COUNTRY_BYTES	4
#define COLLECTION_BYTES 3		/* without the pointers */
#define RULE_BYTES	16		/* without the optional fields */
#define RULE_CAC_END	18
#define RULE_WMM_END	20
#define WMM_BYTES	32

#define FLAGS_KNOWN	0x1f
#define DFS_REGIONS	4		/* none, FCC, ETSI, Japan */
#define COT_MAX_MS	65		/* what cfg80211 can hold, in us */
#define AIFSN_MAX	15		/* 802.11-2020, 9.4.2.28: four bits */

/* What the map says of a word: the kind of its object, and which one. */
enum kind {
	FREE,
	HEADER,
	COLLECTION,
	RULE,
	WMM,
	INSIDE,			/* any word of an object but its first */
};

#define KIND_SHIFT	24
#define INDEX_MASK	((1u << KIND_SHIFT) - 1)

struct check {
	const u8 *data;
	size_t size;
	u32 *map;
	struct regdom_db_counts *n;
	struct regdom_fault *fault;
};

static size_t pointer_at(const u8 *data, size_t offset)
{
	return (size_t)read_16(data + offset) * 4;
}

static int refuse(struct check *c, int error, size_t offset, const char *why)
{
	*c->fault = (struct regdom_fault){ error, offset, why };
	return error;
}

static int malformed(struct check *c, size_t offset, const char *why)
{
	return refuse(c, -EBADMSG, offset, why);
}

static enum kind kind_at(const u32 *map, size_t offset)
{
	return map[offset / 4] >> KIND_SHIFT;
}

static u32 index_at(const u32 *map, size_t offset)
{
	return map[offset / 4] & INDEX_MASK;
}

static bool inside(const struct check *c, size_t offset, size_t bytes)
{
	return offset <= c->size && bytes <= c->size - offset;
}

/*
 * Whether the pointer in `field` names an object of this kind that is already
 * checked (1), something not looked at yet (0), or part of another object.
 */
static int is_known(struct check *c, size_t field, enum kind kind)
{
	enum kind found = kind_at(c->map, pointer_at(c->data, field));

	if (found == kind)
		return 1;
	if (found != FREE)
		return malformed(c, field, "objects overlap");
	return 0;
}

/* Marks the words of an object, which lies inside the file, as its own. */
static int claim(struct check *c, size_t offset, size_t bytes, enum kind kind,
		 u32 index)
{
	size_t word, first = offset / 4, end = (offset + bytes + 3) / 4;

	for (word = first; word < end; word++) {
		if (c->map[word])
			return malformed(c, word * 4, "objects overlap");
		c->map[word] = (u32)INSIDE << KIND_SHIFT;
	}
	c->map[first] = (u32)kind << KIND_SHIFT | index;
	return 0;
}

static int check_header(struct check *c)
{
	if (c->size > REGDOM_V20_MAX_BYTES)
		return refuse(c, -EFBIG, 0, "file too large");
	if (c->size < HEADER_BYTES)
		return malformed(c, 0, "file too short for a header");
	if (read_32(c->data) != MAGIC)
		return refuse(c, -EPROTONOSUPPORT, 0, "not a regulatory database");
	if (read_32(c->data + 4) != VERSION)
		return refuse(c, -EPROTONOSUPPORT, 4, "not format version 20");
	if (c->size % 4)
		return malformed(c, c->size, "file ends within a word");
	return claim(c, 0, HEADER_BYTES, HEADER, 0);
}

static int check_alpha2(struct check *c, size_t offset)
{
	const u8 *entry = c->data + offset;

	if (!regdom_alpha2_valid((const char *)entry))
		return malformed(c, offset, "bad country code");
	if (c->n->countries &&
	    read_16(entry) <= read_16(entry - COUNTRY_BYTES))
		return malformed(c, offset, "countries do not ascend");
	return 0;
}

/* The table of countries up to its end mark, without what it points to. */
static int check_countries(struct check *c)
{
	size_t offset;
	int ret;

	for (offset = HEADER_BYTES;; offset += COUNTRY_BYTES) {
		if (!inside(c, offset, COUNTRY_BYTES))
			return malformed(c, offset, "country table does not end");
		ret = claim(c, offset, COUNTRY_BYTES, HEADER, 0);
		if (ret)
			return ret;
		if (read_32(c->data + offset) == 0)
			break;
		ret = check_alpha2(c, offset);
		if (ret)
			return ret;
		c->n->countries++;
	}
	if (c->n->countries == 0)
		return malformed(c, offset, "no countries");
	return 0;
}

static int check_wmm_ac(struct check *c, size_t offset)
{
	const u8 *ac = c->data + offset;

	if (ac[0] >> 4 >= (ac[0] & 0xf))
		return malformed(c, offset, "contention window is empty");
	if (ac[1] < 1 || ac[1] > AIFSN_MAX)
		return malformed(c, offset + 1, "AIFSN out of range");
	if (read_16(ac + 2) > COT_MAX_MS)
		return malformed(c, offset + 2, "occupancy time too long");
	return 0;
}

static int check_wmm(struct check *c, size_t field)
{
	size_t offset = pointer_at(c->data, field);
	unsigned int ac;
	int ret;

	if (!inside(c, offset, WMM_BYTES))
		return malformed(c, field, "WMM limits beyond the end");
	ret = is_known(c, field, WMM);
	if (ret)
		return ret < 0 ? ret : 0;
	ret = claim(c, offset, WMM_BYTES, WMM, c->n->wmms);
	if (ret)
		return ret;
	c->n->wmms++;
	for (ac = 0; ac < 2 * REGDOM_WMM_ACS; ac++) {
		ret = check_wmm_ac(c, offset + ac * 4);
		if (ret)
			return ret;
	}
	return 0;
}

static int check_rule_values(struct check *c, size_t offset)
{
	const u8 *rule = c->data + offset;
	u32 start = read_32(rule + 4), end = read_32(rule + 8);
	u32 width = read_32(rule + 12);

	/* an unknown flag may be a restriction: do not permit what it forbids */
	if (rule[1] & ~FLAGS_KNOWN)
		return malformed(c, offset + 1, "unknown rule flag");
	if (read_16(rule + 2) > REGDOM_MAX_EIRP_MBM)
		return malformed(c, offset + 2, "power above 100 dBm");
	if (start == 0)
		return malformed(c, offset + 4, "rule starts at 0 Hz");
	if (end > REGDOM_MAX_KHZ)
		return malformed(c, offset + 8, "rule ends above 71 GHz");
	if (start >= end)
		return malformed(c, offset + 8, "rule ends before it starts");
	if (width == 0 || width > end - start)
		return malformed(c, offset + 12, "width does not fit the rule");
	return 0;
}

static int check_rule(struct check *c, size_t field)
{
	size_t offset = pointer_at(c->data, field);
	unsigned int length;
	int ret;

	if (!inside(c, offset, RULE_BYTES))
		return malformed(c, field, "rule beyond the end");
	ret = is_known(c, field, RULE);
	if (ret)
		return ret < 0 ? ret : 0;
	length = c->data[offset];
	if (length < RULE_BYTES || length == RULE_CAC_END - 1 ||
	    length == RULE_WMM_END - 1)
		return malformed(c, offset, "bad length of a rule");
	if (!inside(c, offset, length))
		return malformed(c, offset, "rule beyond the end");
	ret = claim(c, offset, length, RULE, c->n->rules);
	if (ret)
		return ret;
	c->n->rules++;
	ret = check_rule_values(c, offset);
	if (ret || length < RULE_WMM_END)
		return ret;
	return check_wmm(c, offset + RULE_CAC_END);
}

/* Both ends of a rule lie above those of the rule before it. */
static bool ascend(const u8 *data, size_t before, size_t rule)
{
	return read_32(data + before + 4) < read_32(data + rule + 4) &&
	       read_32(data + before + 8) < read_32(data + rule + 8);
}

static size_t rule_field(const u8 *data, size_t collection, unsigned int i)
{
	return collection + (data[collection] + 1) / 2 * 2 + i * 2;
}

static int check_rules(struct check *c, size_t collection)
{
	unsigned int i, n_rules = c->data[collection + 1];
	size_t before = 0;
	int ret;

	for (i = 0; i < n_rules; i++) {
		size_t field = rule_field(c->data, collection, i);
		size_t rule = pointer_at(c->data, field);

		ret = check_rule(c, field);
		if (ret)
			return ret;
		if (i && !ascend(c->data, before, rule))
			return malformed(c, field, "rules do not ascend");
		before = rule;
	}
	return 0;
}

static int check_collection(struct check *c, size_t field)
{
	size_t offset = pointer_at(c->data, field);
	unsigned int length, n_rules;
	int ret;

	if (!inside(c, offset, COLLECTION_BYTES))
		return malformed(c, field, "collection beyond the end");
	ret = is_known(c, field, COLLECTION);
	if (ret)
		return ret < 0 ? ret : 0;
	length = c->data[offset];
	n_rules = c->data[offset + 1];
	if (length < COLLECTION_BYTES)
		return malformed(c, offset, "bad length of a collection");
	if (n_rules == 0 || n_rules > REGDOM_MAX_RULES)
		return malformed(c, offset + 1, "bad number of rules");
	if (c->data[offset + 2] >= DFS_REGIONS)
		return malformed(c, offset + 2, "unknown DFS region");
	if (!inside(c, offset, (length + 1) / 2 * 2 + n_rules * 2))
		return malformed(c, offset, "collection beyond the end");
	ret = claim(c, offset, (length + 1) / 2 * 2 + n_rules * 2, COLLECTION,
		    c->n->domains);
	if (ret)
		return ret;
	c->n->domains++;
	c->n->spans += n_rules + 1;
	return check_rules(c, offset);
}

static int check(const u8 *data, size_t size, u32 *map,
		 struct regdom_db_counts *n, struct regdom_fault *fault)
{
	struct check c = { data, size, map, n, fault };
	u32 i;
	int ret;

	*n = (struct regdom_db_counts){ 0 };
	*fault = (struct regdom_fault){ 0 };
	ret = check_header(&c);
	if (ret)
		return ret;
	ret = check_countries(&c);
	for (i = 0; !ret && i < n->countries; i++)
		ret = check_collection(&c, HEADER_BYTES + i * COUNTRY_BYTES + 2);
	return ret;
}

static void fill_wmm_ac(struct regdom_wmm_ac *ac, const u8 *from)
{
	ac->cw_min = (1 << (from[0] >> 4)) - 1;
	ac->cw_max = (1 << (from[0] & 0xf)) - 1;
	ac->aifsn = from[1];
	ac->cot_us = read_16(from + 2) * 1000;
}

static void fill_wmm(struct regdom_wmm *wmm, const u8 *from)
{
	unsigned int ac;

	for (ac = 0; ac < REGDOM_WMM_ACS; ac++) {
		fill_wmm_ac(&wmm->client[ac], from + ac * 4);
		fill_wmm_ac(&wmm->ap[ac], from + (REGDOM_WMM_ACS + ac) * 4);
	}
}

static void fill_rule(const u8 *data, const u32 *map, struct regdom_db *db,
		      size_t offset)
{
	struct regdom_rule *rule = &db->rules[index_at(map, offset)];
	const u8 *from = data + offset;
	struct regdom_wmm *wmm;

	rule->flags = from[1];
	rule->max_eirp_mbm = read_16(from + 2);
	rule->start_khz = read_32(from + 4);
	rule->end_khz = read_32(from + 8);
	rule->max_bw_khz = read_32(from + 12);
	rule->limits = &regdom_no_limits;
	if (from[0] >= RULE_CAC_END)
		rule->cac_ms = read_16(from + 16) * 1000;
	if (from[0] >= RULE_WMM_END) {
		offset = pointer_at(data, offset + RULE_CAC_END);
		wmm = &db->wmms[index_at(map, offset)];
		fill_wmm(wmm, data + offset);
		rule->wmm = wmm;
	}
}

/* Returns how many spans were used. */
static unsigned int fill_domain(const u8 *data, const u32 *map,
				struct regdom_db *db, size_t offset,
				struct regdom_span *spans)
{
	struct regdom_domain *domain = &db->domains[index_at(map, offset)];
	unsigned int i, n_rules = data[offset + 1];

	domain->dfs_region = data[offset + 2];
	for (i = 0; i < n_rules; i++) {
		size_t at = pointer_at(data, rule_field(data, offset, i));
		const struct regdom_rule *rule = &db->rules[index_at(map, at)];

		if (rule->end_khz == 0)
			fill_rule(data, map, db, at);
		spans[i] = (struct regdom_span){ rule->start_khz,
						 rule->end_khz, rule };
	}
	regdom_domain_index(domain, spans, n_rules);
	return n_rules + 1;
}

static void fill(const u8 *data, const u32 *map, struct regdom_db *db)
{
	struct regdom_span *spans = db->spans;
	u32 i;

	for (i = 0; i < db->n.countries; i++) {
		const u8 *entry = data + HEADER_BYTES + i * COUNTRY_BYTES;
		size_t offset = (size_t)read_16(entry + 2) * 4;
		u32 domain = index_at(map, offset);

		memcpy(db->countries[i].alpha2, entry, 2);
		regdom_country_set(&db->countries[i], domain);
		if (!db->domains[domain].spans)
			spans += fill_domain(data, map, db, offset, spans);
	}
}

const struct regdom_db_format regdom_v20 = {
	.name = "v20",
	.check = check,
	.fill = fill,
};
