// SPDX-License-Identifier: GPL-2.0
#include "offline.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "dbfile.h"
#include "dbtext.h"
#include "encode.h"
#include "regdom.h"
#include "transmission.h"

struct request {
	const char *input;
	const char *output;
	const char *format;
	u32 serial;		/* 0: that of the input */
	const s32 *gain_mbi;	/* of the antenna; NULL: not said */
	s32 said_gain_mbi;
};

static int parse_serial(const char *text, u32 *serial)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end || value < 1 || value > U32_MAX)
		return tool_usage("--serial", "write a number of 1 to 4294967295");
	*serial = value;
	return TOOL_DONE;
}

static int parse_gain(const char *text, struct request *r)
{
	struct regdom_transmission asked = TRANSMISSION_OF_RADIO;
	int ret = transmission_option('g', text, &asked);

	r->said_gain_mbi = asked.gain_mbi;
	r->gain_mbi = &r->said_gain_mbi;
	return ret;
}

static int parse_arguments(int argc, char **argv, struct request *r)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "gain", required_argument, NULL, 'g' },
		{ "output", required_argument, NULL, 'o' },
		{ "serial", required_argument, NULL, 's' },
		{ }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "f:g:o:s:", options, NULL)) != -1) {
		if (opt == 'f')
			r->format = optarg;
		else if (opt == 'o')
			r->output = optarg;
		else if (opt != 's' && opt != 'g')
			return tool_usage(argv[0], "bad option");
		else if (opt == 's' ? parse_serial(optarg, &r->serial) : parse_gain(optarg, r))
			return TOOL_USAGE;
	}
	if (argc - optind != 1)
		return tool_usage(argv[0], "one database is needed");
	r->input = argv[optind];
	return TOOL_DONE;
}

static int parse_format(const struct request *r, const struct regdom_db *db,
			enum dbfile_format *format)
{
	if (!r->format)
		*format = db->edition.serial ? DBFILE_EXT : DBFILE_V20;
	else if (strcmp(r->format, "v20") == 0)
		*format = DBFILE_V20;
	else if (strcmp(r->format, "ext") == 0)
		*format = DBFILE_EXT;
	else
		return tool_usage(r->format, "no such format: write v20 or ext");
	return TOOL_DONE;
}

static void print_summary(const struct request *r, const struct buffer *file,
			  const struct regdom_db *db, enum dbfile_format format)
{
	out_open();
	out_string("file", "%s: ", r->output);
	out_string("format", "format %s, ", dbfile_format_name(format));
	out_u32("serial", format == DBFILE_EXT ? "serial %u, " : NULL,
		format == DBFILE_EXT ? db->edition.serial : 0);
	out_u32("countries", "%u countries, ", db->n.countries);
	out_u32("domains", "%u domains, ", db->n.domains);
	out_u32("rules", "%u rules, ", db->n.rules);
	out_u32("bytes", "%u bytes\n", file->size);
	out_close();
}

/* What is written is read as the module reads it: it may not refuse it. */
static int verify_encoded(const struct request *r, const struct buffer *file)
{
	char where[32], why[400];
	struct dbfile again;

	if (dbfile_parse(&again, file->bytes, file->size, where, sizeof(where),
			 why, sizeof(why)))
		return tool_refused(r->input, why);
	dbfile_free(&again);
	return TOOL_DONE;
}

static int encode(const struct request *r, const struct regdom_db *db)
{
	struct encode_fault fault;
	struct buffer file = { 0 };
	enum dbfile_format format = DBFILE_V20;
	int ret;

	ret = parse_format(r, db, &format);
	if (ret)
		return ret;
	if (format == DBFILE_V20 ? encode_v20(db, &file, &fault) :
	    encode_ext(db, &file, &fault)) {
		ret = tool_refused(r->input, fault.why);
		goto free_file;
	}
	ret = verify_encoded(r, &file);
	if (ret)
		goto free_file;
	ret = buffer_write(&file, r->output);
	if (ret)
		ret = tool_refused_errno(r->output, ret);
	else if (strcmp(r->output, "-"))
		print_summary(r, &file, db, format);

free_file:
	buffer_free(&file);
	return ret;
}

int offline_compile(int argc, char **argv)
{
	struct request r = { 0 };
	struct draft *draft;
	struct dbfile input;
	struct regdom_db db;
	int ret;

	ret = parse_arguments(argc, argv, &r);
	if (ret)
		return ret;
	if (!r.output)
		return tool_usage("compile", "name the result with -o FILE");
	ret = dbfile_load_for(&input, r.input, r.gain_mbi);
	if (ret)
		return ret;
	if (r.gain_mbi && input.format != DBFILE_TEXT) {
		dbfile_free(&input);
		return tool_usage("--gain", "is for a text: what limits have been made of is not in a binary database");
	}
	/* also from a binary: in the order that does not depend on the input */
	draft = calloc(1, sizeof(*draft));
	if (!draft)
		abort();
	draft_add_db(draft, &input.db);
	draft_order(draft);
	if (r.serial)
		draft->edition.serial = r.serial;
	draft_build(draft, &db);
	ret = encode(&r, &db);
	draft_free(draft);
	free(draft);
	dbfile_free(&input);
	return ret;
}

static int refuse_country(const char *input, const struct regdom_country *country)
{
	char why[160];

	snprintf(why, sizeof(why), "country %.2s has rules by class of device that no text says: compile makes none like it",
		 country->alpha2);
	return tool_refused(input, why);
}

int offline_decompile(int argc, char **argv)
{
	struct request r = { .output = "-" };
	const struct regdom_country *unsaid;
	struct dbfile input;
	FILE *out;
	int ret;

	ret = parse_arguments(argc, argv, &r);
	if (ret)
		return ret;
	if (r.format || r.serial || r.gain_mbi)
		return tool_usage("decompile", "takes only -o FILE");
	ret = dbfile_load(&input, r.input);
	if (ret)
		return ret;
	unsaid = dbtext_unsaid(&input.db);
	if (unsaid) {
		ret = refuse_country(r.input, unsaid);
		goto free_input;
	}
	out = strcmp(r.output, "-") ? fopen(r.output, "w") : stdout;
	if (!out) {
		ret = tool_refused_errno(r.output, errno);
		goto free_input;
	}
	dbtext_print(out, &input.db);
	if (out != stdout && fclose(out))
		ret = tool_refused_errno(r.output, errno);

free_input:
	dbfile_free(&input);
	return ret;
}
