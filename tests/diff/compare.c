// SPDX-License-Identifier: GPL-2.0
/*
 * A list has a line for each difference:
 *
 *	WHERE  RECORD  WORD  IN-TREE  OURS  the reason
 *
 * RECORD is what begins the line of a transcript, WORD a name there (what goes
 * in is named in.NAME); `record` stands for a line that only one side has. Zero
 * is the value of a word that is not there. WHERE, RECORD, WORD and the values
 * may be patterns as of the shell; WHERE is compared with kernel-extension,
 * 6.1-svm. Each line must occur, but for those that begin with a question mark:
 * chance decides about these.
 */
#include "compare.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX	1024
#define SHOWN_MAX	200

/* lists.S: the files in this folder */
extern char differences_list[], emulator_list[];

struct known {
	char *where, *record, *word, *theirs, *ours;
	bool by_chance;
	unsigned int seen;
	const char *list;
	unsigned int line;
};

static struct {
	struct known *lines;
	size_t count;
} known;

static unsigned int failures;

/* ---- the lists ---- */

static char *next_column(char **line)
{
	char *column = strsep(line, " \t");

	while (*line && (**line == ' ' || **line == '\t'))
		(*line)++;
	return column;
}

static void add_known(const char *list, unsigned int number, char *line)
{
	struct known k = { .list = list, .line = number };

	if (!*line || *line == '#')
		return;
	k.by_chance = *line == '?';
	line += k.by_chance;
	k.where = next_column(&line);
	k.record = line ? next_column(&line) : NULL;
	k.word = line ? next_column(&line) : NULL;
	k.theirs = line ? next_column(&line) : NULL;
	k.ours = line ? next_column(&line) : NULL;
	if (!k.ours || !line || !*line) {
		printf("%s:%u: a difference without its reason\n", list, number);
		failures++;
		return;
	}
	known.lines = realloc(known.lines, (known.count + 1) * sizeof(k));
	known.lines[known.count++] = k;
}

static void read_list(const char *list, char *text)
{
	unsigned int number = 0;
	char *line;

	while ((line = strsep(&text, "\n")))
		add_known(list, ++number, line);
}

static bool matches(const char *pattern, const char *text)
{
	return !fnmatch(pattern, text, 0);
}

static bool is_known(const char *where, const char *record, const char *word,
		     const char *theirs, const char *ours)
{
	for (size_t i = 0; i < known.count; i++) {
		struct known *k = &known.lines[i];

		if (matches(k->where, where) && matches(k->record, record) &&
		    matches(k->word, word) && matches(k->theirs, theirs) &&
		    matches(k->ours, ours)) {
			k->seen++;
			return true;
		}
	}
	return false;
}

static void difference(const char *where, const char *record, const char *word,
		       const char *theirs, const char *ours)
{
	if (is_known(where, record, word, theirs, ours))
		return;
	if (failures++ < SHOWN_MAX)
		printf("%s %s %s %s %s\n", where, record, word, theirs, ours);
}

static void must_have_occurred(const char *where)
{
	for (size_t i = 0; i < known.count; i++) {
		const struct known *k = &known.lines[i];

		if (k->seen || k->by_chance || !matches(k->where, where))
			continue;
		failures++;
		printf("%s:%u: does not occur: %s %s %s %s\n", k->list, k->line, k->record,
		       k->word, k->theirs, k->ours);
	}
}

/* ---- the words of a line ---- */

struct words {
	unsigned int count;
	struct {
		char name[64];
		const char *value;
		bool matched;
	} words[WORDS_MAX];
};

/* The first word, the command, is one too. */
static void split(struct words *w, char *line)
{
	bool going_in = false, first = true;
	char *token;

	w->count = 0;
	while ((token = strsep(&line, " ")) && w->count < WORDS_MAX) {
		char *equals = strchr(token, '=');

		if (!strcmp(token, "(") || !strcmp(token, ")")) {
			going_in = *token == '(';
			continue;
		}
		if (!equals && !first)
			continue;
		if (equals)
			*equals = 0;
		snprintf(w->words[w->count].name, sizeof(w->words[0].name), "%s%s",
			 going_in ? "in." : "", first ? "command" : token);
		w->words[w->count].value = first ? token : equals + 1;
		w->words[w->count++].matched = false;
		first = false;
	}
}

static const char *take(struct words *w, const char *name)
{
	for (unsigned int i = 0; i < w->count; i++) {
		if (!w->words[i].matched && !strcmp(w->words[i].name, name)) {
			w->words[i].matched = true;
			return w->words[i].value;
		}
	}
	return "0";
}

static void compare_words(const char *where, const char *record, char *theirs, char *ours)
{
	static struct words a, b;

	split(&a, theirs);
	split(&b, ours);
	for (unsigned int i = 0; i < a.count; i++) {
		const char *other = take(&b, a.words[i].name);

		if (strcmp(a.words[i].value, other))
			difference(where, record, a.words[i].name, a.words[i].value, other);
	}
	for (unsigned int i = 0; i < b.count; i++) {
		if (!b.words[i].matched)
			difference(where, record, b.words[i].name, "0", b.words[i].value);
	}
}

/* ---- transcripts ---- */

struct transcript {
	char *text;
	struct record {
		const char *name;
		char *rest;
	} *records;
	size_t count;
};

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text;
	long size;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0) {
		perror(path);
		exit(1);
	}
	rewind(f);
	text = malloc(size + 1);
	if (!text || fread(text, 1, size, f) != (size_t)size) {
		perror(path);
		exit(1);
	}
	text[size] = 0;
	fclose(f);
	return text;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct record *)a)->name, ((const struct record *)b)->name);
}

static struct transcript read_transcript(const char *path)
{
	struct transcript t = { .text = read_file(path) };
	char *text = t.text, *line;
	size_t room = 0;

	while ((line = strsep(&text, "\n"))) {
		char *name = strsep(&line, " ");

		if (!line)
			continue;
		if (t.count == room) {
			room = room * 2 + 1024;
			t.records = realloc(t.records, room * sizeof(t.records[0]));
		}
		t.records[t.count++] = (struct record) { name, line };
	}
	qsort(t.records, t.count, sizeof(t.records[0]), by_name);
	return t;
}

static void no_twins(const struct transcript *t)
{
	for (size_t i = 1; i < t->count; i++) {
		if (strcmp(t->records[i - 1].name, t->records[i].name))
			continue;
		failures++;
		printf("two records are named %s\n", t->records[i].name);
	}
}

long compare(const char *where, const char *theirs, const char *ours, const char *extra_list)
{
	struct transcript a = read_transcript(theirs), b = read_transcript(ours);
	size_t i = 0, j = 0;
	long compared = 0;

	read_list("differences.txt", differences_list);
	read_list("emulator.txt", emulator_list);
	if (extra_list)
		read_list(extra_list, read_file(extra_list));
	no_twins(&a);
	while (i < a.count || j < b.count) {
		int order = i == a.count ? 1 : j == b.count ? -1 :
			    by_name(&a.records[i], &b.records[j]);

		if (order < 0) {
			difference(where, a.records[i++].name, "record", "1", "0");
		} else if (order > 0) {
			difference(where, b.records[j++].name, "record", "0", "1");
		} else {
			if (strcmp(a.records[i].rest, b.records[j].rest))
				compare_words(where, a.records[i].name, a.records[i].rest,
					      b.records[j].rest);
			i++, j++, compared++;
		}
	}
	must_have_occurred(where);
	if (failures > SHOWN_MAX)
		printf("and more: %u in all\n", failures);
	return failures ? -1 : compared;
}
