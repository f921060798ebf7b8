// SPDX-License-Identifier: GPL-2.0
#include "print.h"

#include <linux/types.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../common/output.h"
#include "dbtext.h"
#include "layers.h"
#include "regdom.h"
#include "rule.h"
#include "wmm.h"

__u32 number(struct nlattr **attrs, int type)
{
	struct nlattr *attr = attrs[type];

	if (!attr)
		return 0;
	return nla_len(attr) == 4 ? nla_get_u32(attr) :
	       nla_len(attr) == 1 ? nla_get_u8(attr) : 0;
}

__u64 number64(struct nlattr **attrs, int type)
{
	struct nlattr *attr = attrs[type];

	return attr && nla_len(attr) == 8 ? nla_get_u64(attr) : 0;
}

const char *text(struct nlattr **attrs, int type)
{
	struct nlattr *attr = attrs[type];

	if (!attr || !memchr(nla_data(attr), 0, nla_len(attr)))
		return "";
	return nla_data(attr);
}

static const char *name_of(const char *const *names, unsigned int n, __u32 value)
{
	return value < n && names[value] ? names[value] : "unknown";
}

#define NAME_OF(names, value) \
	name_of(names, sizeof(names) / sizeof(names[0]), value)

const char *dfs_region_name(struct nlattr **attrs)
{
	static const char *const names[] = {
		[REGDOM_DFS_NONE] = "none",
		[REGDOM_DFS_FCC] = "FCC",
		[REGDOM_DFS_ETSI] = "ETSI",
		[REGDOM_DFS_JP] = "JP",
	};

	return NAME_OF(names, number(attrs, REGDOM_ATTR_DFS_REGION));
}

static void print_load_error(struct nlattr **attrs)
{
	__u32 error = number(attrs, REGDOM_ATTR_LOAD_ERROR);

	out_open_object("last_load");
	out_u32("error", NULL, error);
	if (error) {
		out_string("why", "last load:  refused: %s", text(attrs, REGDOM_ATTR_LOAD_WHY));
		out_u32("offset", " (offset %u, ", number(attrs, REGDOM_ATTR_LOAD_OFFSET));
		out_string("error_text", "%s)\n", strerror((int)error));
	}
	out_close_object();
}

static void print_day(struct nlattr **attrs, int type, const char *name, const char *format)
{
	char date[DBTEXT_DATE_BYTES];

	if (!attrs[type])
		return;
	dbtext_date(date, number(attrs, type));
	out_string(name, format, date);
}

#define DAY_S (24 * 60 * 60)

/* That it has expired is advice, and for this machine's clock to say. */
static void print_edition(struct nlattr **attrs)
{
	__u32 expires_day = number(attrs, REGDOM_ATTR_DB_EXPIRES_DAY);

	if (!attrs[REGDOM_ATTR_DB_SERIAL])
		return;
	out_u32("serial", "edition:    serial %u", number(attrs, REGDOM_ATTR_DB_SERIAL));
	if (attrs[REGDOM_ATTR_DB_ISSUER])
		out_string("issuer", ", by %s", text(attrs, REGDOM_ATTR_DB_ISSUER));
	print_day(attrs, REGDOM_ATTR_DB_ISSUED_DAY, "issued", ", issued %s");
	print_day(attrs, REGDOM_ATTR_DB_EXPIRES_DAY, "expires", ", expires %s");
	if (expires_day)
		out_bool("expired", " (it has)", time(NULL) / DAY_S >= expires_day);
	out_text("\n");
}

static const char *source_name(struct nlattr **attrs)
{
	static const char *const sources[] = {
		[REGDOM_DB_BUILTIN] = "built-in",
		[REGDOM_DB_V20] = "regulatory.db",
		[REGDOM_DB_EXT] = "regdom.db",
	};

	return NAME_OF(sources, number(attrs, REGDOM_ATTR_DB_SOURCE));
}

void print_info(struct nlattr **attrs)
{
	out_string("module_version", "module:     regdom %s\n", text(attrs, REGDOM_ATTR_VERSION));
	out_string("country", "in force:   %s", text(attrs, REGDOM_ATTR_ALPHA2));
	out_string("dfs_region", ", DFS %s\n", dfs_region_name(attrs));
	out_u32("generation", "generation: %u\n", number(attrs, REGDOM_ATTR_GENERATION));
	out_open_object("database");
	out_string("source", "database:   %s: ", source_name(attrs));
	out_u32("countries", "%u countries, ", number(attrs, REGDOM_ATTR_DB_COUNTRIES));
	out_u32("domains", "%u domains, ", number(attrs, REGDOM_ATTR_DB_DOMAINS));
	out_u32("rules", "%u rules, ", number(attrs, REGDOM_ATTR_DB_RULES));
	out_u32("bytes", "%u bytes", number(attrs, REGDOM_ATTR_DB_BYTES));
	out_bool("signed", ", signed", attrs[REGDOM_ATTR_DB_SIGNED]);
	out_text("\n");
	print_edition(attrs);
	out_close_object();
	print_load_error(attrs);
}

/* For which the country has other rules. */
static void print_own_classes(__u32 classes)
{
	const char *format = "; other rules for %s";
	const struct dbtext_word *w;

	if (!classes)
		return;
	out_open_array("own_classes");
	for (w = dbtext_classes; w->word; w++) {
		if (!(classes & w->value))
			continue;
		out_string(NULL, format, w->word);
		format = ", %s";
	}
	out_close_array();
}

void print_country(struct nlattr **attrs)
{
	out_open_object(NULL);
	out_string("country", "%s  ", text(attrs, REGDOM_ATTR_ALPHA2));
	out_string("dfs_region", "DFS %-5s", dfs_region_name(attrs));
	out_u32("rules", "%3u rules", number(attrs, REGDOM_ATTR_DB_RULES));
	print_own_classes(number(attrs, REGDOM_ATTR_OWN_CLASSES));
	out_text("\n");
	out_close_object();
}

/* What is absent is not limited. */
static __s32 limit(struct nlattr **attrs, int type, __s32 none)
{
	return attrs[type] ? (__s32)number(attrs, type) : none;
}

void parse_rule(struct nlattr **attrs, struct regdom_rule *rule,
		struct rule_parts *parts)
{
	wmm_parse(attrs, &parts->wmm);
	parts->limits = (struct regdom_limits){
		.max_eirp_ptp_mbm = limit(attrs, REGDOM_ATTR_RULE_PTP_EIRP_MBM,
					  REGDOM_UNLIMITED),
		.max_conducted_mbm = limit(attrs, REGDOM_ATTR_RULE_CONDUCTED_MBM,
					   REGDOM_UNLIMITED),
		.max_gain_mbi = limit(attrs, REGDOM_ATTR_RULE_GAIN_MBI,
				      REGDOM_UNLIMITED),
		.max_psd_mbm = limit(attrs, REGDOM_ATTR_RULE_PSD_MBM,
				     REGDOM_UNLIMITED),
		.nop_ms = number(attrs, REGDOM_ATTR_RULE_NOP_MS),
		.max_duty_permyriad = limit(attrs, REGDOM_ATTR_RULE_DUTY_PERMYRIAD,
					    REGDOM_DUTY_ALWAYS),
		.classes = number(attrs, REGDOM_ATTR_RULE_CLASSES),
		.dfs_regions = number(attrs, REGDOM_ATTR_RULE_DFS_REGIONS),
		.law = attrs[REGDOM_ATTR_RULE_LAW] ?
		       text(attrs, REGDOM_ATTR_RULE_LAW) : NULL,
	};
	*rule = (struct regdom_rule){
		.start_khz = number(attrs, REGDOM_ATTR_RULE_START_KHZ),
		.end_khz = number(attrs, REGDOM_ATTR_RULE_END_KHZ),
		.max_bw_khz = number(attrs, REGDOM_ATTR_RULE_MAX_BW_KHZ),
		.flags = number(attrs, REGDOM_ATTR_RULE_FLAGS),
		.cac_ms = number(attrs, REGDOM_ATTR_RULE_CAC_MS),
		.max_eirp_mbm = (__s32)number(attrs, REGDOM_ATTR_RULE_MAX_EIRP_MBM),
		.wmm = attrs[REGDOM_ATTR_RULE_WMM] ? &parts->wmm : NULL,
		.limits = &parts->limits,
	};
}

void print_rule(struct nlattr **attrs, struct wmm_list *wmms)
{
	struct rule_parts parts;
	struct regdom_rule rule;

	parse_rule(attrs, &rule, &parts);
	if (out_is_json()) {
		out_open_object(NULL);
		rule_output_fields(&rule);
		layers_print(attrs, rule.flags);
		out_close_object();
		return;
	}
	out_text("  %9.3f - %9.3f MHz, %8.3f MHz wide, %5.2f dBm",
		 rule.start_khz / 1e3, rule.end_khz / 1e3,
		 rule.max_bw_khz / 1e3, rule.max_eirp_mbm / 1e2);
	dbtext_print_options(stdout, &rule);
	if (rule.wmm && wmm_is_told(rule.wmm))
		out_text(", wmmrule=WMM%u", wmm_list_number(wmms, rule.wmm));
	out_text("\n");
	layers_print(attrs, rule.flags);
}

void print_wmms(const struct wmm_list *wmms)
{
	unsigned int i;

	for (i = 0; i < wmms->n; i++) {
		out_text("wmmrule WMM%u:\n", i);
		dbtext_print_wmm(stdout, &wmms->wmm[i]);
	}
}

static void print_ceiling(struct nlattr **attrs, const char *format)
{
	if (attrs[REGDOM_ATTR_CEILING])
		out_string("ceiling", format, text(attrs, REGDOM_ATTR_CEILING));
}

static void print_guard(struct nlattr **attrs)
{
	const char *list = text(attrs, REGDOM_ATTR_COUNTRIES);
	char alpha2[3] = "";

	if (attrs[REGDOM_ATTR_LOCK])
		out_bool("locked", ", locked", number(attrs, REGDOM_ATTR_LOCK));
	if (!attrs[REGDOM_ATTR_COUNTRIES])
		return;
	out_text(", allowed:");
	out_open_array("allowed");
	for (; list[0] && list[1]; list += 2) {
		memcpy(alpha2, list, 2);
		out_string(NULL, " %s", alpha2);
	}
	out_close_array();
}

const char *const place_names[] = {
	[REGDOM_PLACE_ANY] = "any",
	[REGDOM_PLACE_INDOORS] = "indoors",
	[REGDOM_PLACE_OUTDOORS] = "outdoors",
	NULL
};

static void print_place(struct nlattr **attrs)
{
	if (attrs[REGDOM_ATTR_PLACE])
		out_string("place", ", %s", number(attrs, REGDOM_ATTR_PLACE) < __REGDOM_PLACES ?
			   place_names[number(attrs, REGDOM_ATTR_PLACE)] : "unknown");
}

static void print_device(struct nlattr **attrs)
{
	const struct dbtext_word *w = dbtext_classes;
	__s32 gain_mbi = (__s32)number(attrs, REGDOM_ATTR_GAIN_MBI);

	while (w->word && w->value != number(attrs, REGDOM_ATTR_CLASS))
		w++;
	if (attrs[REGDOM_ATTR_CLASS])
		out_string("class", ", class %s", w->word ?: "unknown");
	if (attrs[REGDOM_ATTR_GAIN_MBI]) {
		out_s64("gain_mbi", NULL, gain_mbi);
		out_text(", antenna of %g dBi", gain_mbi / 100.);
	}
	if (attrs[REGDOM_ATTR_LINK])
		out_string("link", ", link %s", number(attrs, REGDOM_ATTR_LINK) ==
			   REGDOM_LINK_PTP ? "ptp" : "ptmp");
}

void print_global(struct nlattr **attrs)
{
	out_string("country", "global: %s", text(attrs, REGDOM_ATTR_ALPHA2));
	out_string("dfs_region", ", DFS %s", dfs_region_name(attrs));
	print_ceiling(attrs, ", ceiling %s");
	print_place(attrs);
	print_device(attrs);
	print_guard(attrs);
	if (number(attrs, REGDOM_ATTR_GRACE_S))
		out_u32("grace_s", ", grace %u s", number(attrs, REGDOM_ATTR_GRACE_S));
	out_text("\n");
}

const char *const ownership_names[] = {
	[REGDOM_OWNERSHIP_AUTHORITY] = "authority",
	[REGDOM_OWNERSHIP_OVERLAY] = "overlay",
	NULL
};

static void print_ownership(struct nlattr **attrs, bool is_decision)
{
	__u32 ownership = number(attrs, REGDOM_ATTR_OWNERSHIP);
	/* as text only where it is not as usual, or was decided */
	bool is_told = is_decision || ownership != REGDOM_OWNERSHIP_AUTHORITY;

	if (attrs[REGDOM_ATTR_OWNERSHIP])
		out_string("ownership", is_told ? ", %s" : NULL,
			   NAME_OF(ownership_names, ownership));
}

static void print_phy_fields(struct nlattr **attrs)
{
	static const char *const states[] = {
		[REGDOM_PHY_MANAGED] = "managed",
		[REGDOM_PHY_PENDING] = "not managed yet",
		[REGDOM_PHY_QUARANTINED] = "shut out",
	};
	__u32 state = number(attrs, REGDOM_ATTR_PHY_STATE);

	out_string("phy", "%s: ", text(attrs, REGDOM_ATTR_PHY));
	out_string("state", state == REGDOM_PHY_MANAGED ? NULL : "%s",
		   NAME_OF(states, state));
	if (!attrs[REGDOM_ATTR_ALPHA2])
		return;
	out_string("country", state == REGDOM_PHY_MANAGED ? "%s" : ", %s",
		   text(attrs, REGDOM_ATTR_ALPHA2));
	out_string("dfs_region", ", DFS %s", dfs_region_name(attrs));
	out_bool("own", ", its own", attrs[REGDOM_ATTR_PHY_OWN]);
	print_ownership(attrs, false);
	print_ceiling(attrs, ", its own ceiling %s");
	if (attrs[REGDOM_ATTR_HEARD])
		out_string("heard", ", within %s, as heard", text(attrs, REGDOM_ATTR_HEARD));
	print_place(attrs);
	out_bool("place_own", NULL, attrs[REGDOM_ATTR_PLACE_OWN]);
	print_device(attrs);
	out_bool("device_own", NULL, attrs[REGDOM_ATTR_DEVICE_OWN]);
	print_guard(attrs);
}

void print_phy(struct nlattr **attrs)
{
	out_open_object(NULL);
	print_phy_fields(attrs);
	out_text("\n");
	out_close_object();
}

const char *const policy_names[] = {
	[REGDOM_POLICY_FOLLOW] = "follow",
	[REGDOM_POLICY_IGNORE] = "ignore",
	[REGDOM_POLICY_PROPOSE] = "propose",
	NULL
};

void print_policy(struct nlattr **attrs)
{
	out_string("policy", "%s",
		   NAME_OF(policy_names, number(attrs, REGDOM_ATTR_POLICY)));
}

void print_phy_policy(struct nlattr **attrs)
{
	if (!attrs[REGDOM_ATTR_POLICY])
		return;
	out_open_object(NULL);
	out_string("phy", "%s: ", text(attrs, REGDOM_ATTR_PHY));
	print_policy(attrs);
	out_bool("own", ", its own", attrs[REGDOM_ATTR_POLICY_OWN]);
	out_text("\n");
	out_close_object();
}

static void print_proposed(struct nlattr **attrs)
{
	if (attrs[REGDOM_ATTR_PHY])
		out_string("phy", "%s: ", text(attrs, REGDOM_ATTR_PHY));
	out_string("country", "%s", text(attrs, REGDOM_ATTR_ALPHA2));
	out_string("dfs_region", ", DFS %s", dfs_region_name(attrs));
}

static void print_domain_changed(struct nlattr **attrs)
{
	if (attrs[REGDOM_ATTR_PHY]) {
		print_phy_fields(attrs);
	} else {
		out_string("country", "global domain: %s", text(attrs, REGDOM_ATTR_ALPHA2));
		out_string("dfs_region", ", DFS %s", dfs_region_name(attrs));
		print_ceiling(attrs, ", ceiling %s");
	}
	if (attrs[REGDOM_ATTR_REASON])
		out_string("reason", ": %s", text(attrs, REGDOM_ATTR_REASON));
}

static void print_stopped(struct nlattr **attrs)
{
	static const char *const reasons[] = {
		[REGDOM_STOP_CHANNEL] = "forbidden channel",
		[REGDOM_STOP_POWER] = "too much power",
		[REGDOM_STOP_CHECK] = "radar check in vain",
	};
	__u32 index = number(attrs, REGDOM_ATTR_IFINDEX);
	__u32 center = number(attrs, REGDOM_ATTR_CENTER_KHZ);
	__u32 grace_s = number(attrs, REGDOM_ATTR_GRACE_S);

	out_u32("ifindex", NULL, index);
	out_string("interface", ": %s", text(attrs, REGDOM_ATTR_IFNAME));
	out_text(grace_s ? " will be stopped" : " stopped");
	out_u32("center_khz", NULL, center);
	if (center)
		out_text(" at %.3f MHz", center / 1e3);
	out_string("stop_reason", " (%s)", NAME_OF(reasons, number(attrs, REGDOM_ATTR_STOP_REASON)));
	if (grace_s)
		out_u32("grace_s", " in %u s", grace_s);
}

static void print_loaded(struct nlattr **attrs)
{
	out_u32("countries", "%u countries", number(attrs, REGDOM_ATTR_DB_COUNTRIES));
	if (attrs[REGDOM_ATTR_DB_SERIAL])
		out_u32("serial", ", serial %u", number(attrs, REGDOM_ATTR_DB_SERIAL));
}

void print_event(int command, struct nlattr **attrs)
{
	static const char *const names[] = {
		[REGDOM_CMD_DOMAIN_CHANGED] = "domain-changed",
		[REGDOM_CMD_IFACE_STOPPED] = "interface-stopped",
		[REGDOM_CMD_DB_LOADED] = "database-loaded",
		[REGDOM_CMD_DOMAIN_PROPOSED] = "domain-proposed",
		[REGDOM_CMD_PHY_OVERRIDDEN] = "overridden",
		[REGDOM_CMD_IFACE_NOTICED] = "interface-noticed",
	};

	out_open();
	out_string("event", "%s: ", NAME_OF(names, (__u32)command));
	if (command == REGDOM_CMD_DOMAIN_CHANGED)
		print_domain_changed(attrs);
	else if (command == REGDOM_CMD_DOMAIN_PROPOSED)
		print_proposed(attrs);
	else if (command == REGDOM_CMD_PHY_OVERRIDDEN ||
		 command == REGDOM_CMD_IFACE_STOPPED ||
		 command == REGDOM_CMD_IFACE_NOTICED)
		print_phy_fields(attrs);
	if (command == REGDOM_CMD_IFACE_STOPPED ||
	    command == REGDOM_CMD_IFACE_NOTICED)
		print_stopped(attrs);
	else if (command == REGDOM_CMD_DB_LOADED)
		print_loaded(attrs);
	out_u32("generation", " [%u]\n", number(attrs, REGDOM_ATTR_GENERATION));
	out_close();
	fflush(stdout);
}

void print_events_lost(void)
{
	out_open();
	out_string("event", "%s: more came at a time than were read, or memory ran out\n",
		   "events-lost");
	out_close();
	fflush(stdout);
}

/* A process calls itself what it likes. */
static const char *printable(const char *name)
{
	static char copy[64];
	size_t i;

	snprintf(copy, sizeof(copy), "%s", name);
	for (i = 0; copy[i]; i++)
		if (copy[i] < ' ' || copy[i] > '~')
			copy[i] = '?';
	return copy;
}

static void print_when(struct nlattr **attrs)
{
	__u64 wall_ns = number64(attrs, REGDOM_ATTR_AUDIT_WALL_NS);
	time_t seconds = wall_ns / 1000000000;
	char when[32] = "?";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(when, sizeof(when), "%FT%TZ", &tm);
	out_u64("boot_ns", NULL, number64(attrs, REGDOM_ATTR_AUDIT_BOOT_NS));
	out_u64("wall_ns", NULL, wall_ns);
	out_string("time", "%s ", when);
}

static void print_actor(struct nlattr **attrs)
{
	if (!attrs[REGDOM_ATTR_AUDIT_PID])
		return;
	out_string("comm", ", by %s", printable(text(attrs, REGDOM_ATTR_AUDIT_COMM)));
	out_u32("pid", " (pid %u", number(attrs, REGDOM_ATTR_AUDIT_PID));
	out_u32("uid", ", uid %u)", number(attrs, REGDOM_ATTR_AUDIT_UID));
	out_u32("netns", NULL, number(attrs, REGDOM_ATTR_AUDIT_NETNS));
}

/* "phy0: DE to US", or "phy0: DE" where that stays; a ceiling may be none. */
static void print_countries(struct nlattr **attrs)
{
	const char *before = text(attrs, REGDOM_ATTR_AUDIT_BEFORE);
	const char *after = text(attrs, REGDOM_ATTR_ALPHA2);
	const char *format = after[0] ? " to %s" : " to none%s";

	if (strcmp(before, after) == 0)
		format = NULL;
	if (attrs[REGDOM_ATTR_PHY])
		out_string("phy", " %s", text(attrs, REGDOM_ATTR_PHY));
	if (attrs[REGDOM_ATTR_AUDIT_BEFORE])
		out_string("before", ": %s", before);
	if (attrs[REGDOM_ATTR_ALPHA2])
		out_string("country", format, after);
}

static const char *const causes[] = {
	[REGDOM_AUDIT_SET_DOMAIN] = "set",
	[REGDOM_AUDIT_SET_POLICY] = "policy",
	[REGDOM_AUDIT_LOAD_DB] = "load",
	[REGDOM_AUDIT_REQUEST] = "request",
	[REGDOM_AUDIT_RADIO] = "radio",
	[REGDOM_AUDIT_OVERRIDE] = "override",
	[REGDOM_AUDIT_QUARANTINE] = "quarantine",
	[REGDOM_AUDIT_STOPPED] = "stop",
	[REGDOM_AUDIT_SET_CEILING] = "ceiling",
	[REGDOM_AUDIT_LOCK] = "lock",
	[REGDOM_AUDIT_UNLOCK] = "unlock",
	[REGDOM_AUDIT_SET_ALLOWED] = "allow",
	[REGDOM_AUDIT_SET_AIR] = "air",
	[REGDOM_AUDIT_HEARD] = "heard",
	[REGDOM_AUDIT_SET_GRACE] = "grace",
	[REGDOM_AUDIT_NOTICE] = "notice",
	[REGDOM_AUDIT_SET_PLACE] = "place",
	[REGDOM_AUDIT_BEACONS] = "beacons",
	[REGDOM_AUDIT_SET_OWNERSHIP] = "ownership",
	[REGDOM_AUDIT_SET_DEVICE] = "device",
	[REGDOM_AUDIT_DENIED] = "denied",
};

static void print_center(struct nlattr **attrs)
{
	__u32 center = number(attrs, REGDOM_ATTR_CENTER_KHZ);

	out_u32("center_khz", NULL, center);
	out_text(" at %.3f MHz", center / 1e3);
}

/* As text: programs that read JSON take numbers for less than 64 bits. */
static void print_hash(const char *name, struct nlattr **attrs, int type)
{
	char digits[17];

	if (!attrs[type])
		return;
	snprintf(digits, sizeof(digits), "%016llx", number64(attrs, type));
	out_string(name, NULL, digits);
}

/* What a change has changed. */
static void print_outcome(struct nlattr **attrs)
{
	__u32 radios = number(attrs, REGDOM_ATTR_AUDIT_RADIOS);

	print_hash("rules_before", attrs, REGDOM_ATTR_AUDIT_RULES_BEFORE);
	print_hash("rules", attrs, REGDOM_ATTR_AUDIT_RULES);
	if (attrs[REGDOM_ATTR_AUDIT_RADIOS])
		out_u32("radios", radios ? ", radios changed: %u" : NULL, radios);
}

static void print_file(struct nlattr **attrs)
{
	if (attrs[REGDOM_ATTR_AUDIT_SERIAL_BEFORE])
		out_u32("serial_before", NULL, number(attrs, REGDOM_ATTR_AUDIT_SERIAL_BEFORE));
	if (!attrs[REGDOM_ATTR_DB_SOURCE])
		return;
	out_string("source", ", %s", source_name(attrs));
	out_bool("signed", ", signed", attrs[REGDOM_ATTR_DB_SIGNED]);
	if (attrs[REGDOM_ATTR_DB_SERIAL])
		out_u32("serial", ", serial %u", number(attrs, REGDOM_ATTR_DB_SERIAL));
}

void print_decision(struct nlattr **attrs)
{
	__u32 error = number(attrs, REGDOM_ATTR_AUDIT_ERROR);

	if (attrs[REGDOM_ATTR_AUDIT_LOST])
		out_u64("lost", "(%llu were overwritten)\n",
			number64(attrs, REGDOM_ATTR_AUDIT_LOST));
	out_u64("seq", "%llu ", number64(attrs, REGDOM_ATTR_AUDIT_SEQ));
	print_when(attrs);
	out_string("cause", "%s", NAME_OF(causes, number(attrs, REGDOM_ATTR_AUDIT_CAUSE)));
	print_countries(attrs);
	if (attrs[REGDOM_ATTR_POLICY])
		out_string("policy", ", policy %s", NAME_OF(policy_names, number(attrs, REGDOM_ATTR_POLICY)));
	print_place(attrs);
	print_device(attrs);
	print_ownership(attrs, true);
	if (attrs[REGDOM_ATTR_IFINDEX])
		print_stopped(attrs);
	else if (attrs[REGDOM_ATTR_CENTER_KHZ])
		print_center(attrs);
	else if (attrs[REGDOM_ATTR_GRACE_S])
		out_u32("grace_s", ", %u s", number(attrs, REGDOM_ATTR_GRACE_S));
	print_file(attrs);
	print_actor(attrs);
	print_outcome(attrs);
	out_u32("error", NULL, error);
	if (error)
		out_text(", refused: %s", strerror(error));
	if (attrs[REGDOM_ATTR_REASON])
		out_string("reason", ": %s", text(attrs, REGDOM_ATTR_REASON));
	out_text("\n");
}

static __u64 nth(const struct nlattr *attr, unsigned int n)
{
	__u64 value = 0;

	if (attr && (n + 1) * sizeof(value) <= (size_t)nla_len(attr))
		memcpy(&value, (const char *)nla_data(attr) + n * sizeof(value),
		       sizeof(value));
	return value;
}

void print_stats(struct nlattr **attrs)
{
	unsigned int i;

	out_open_object("decisions");
	for (i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		out_text("%-15s", causes[i]);
		out_open_object(causes[i]);
		out_u64("done", "%8llu", nth(attrs[REGDOM_ATTR_STATS_DONE], i));
		out_u64("refused", ", refused %llu\n",
			nth(attrs[REGDOM_ATTR_STATS_REFUSED], i));
		out_close_object();
	}
	out_close_object();
	out_u64("applied", "rules applied  %8llu",
		number64(attrs, REGDOM_ATTR_STATS_APPLIED));
	out_u64("apply_failed", ", failed %llu\n",
		number64(attrs, REGDOM_ATTR_STATS_APPLY_FAILED));
	out_u64("power_followed", "power followed %8llu\n",
		number64(attrs, REGDOM_ATTR_STATS_POWER_FOLLOWED));
	out_u64("events_lost", "events lost    %8llu\n",
		number64(attrs, REGDOM_ATTR_STATS_EVENTS_LOST));
}
