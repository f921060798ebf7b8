// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* strcasestr */
#include "country.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/tool.h"

static bool is_numeric(const char *text)
{
	return strlen(text) == 3 && strspn(text, "0123456789") == 3;
}

static bool is_named(const struct country *country, const char *text)
{
	unsigned int i;

	if (strcasecmp(country->alpha2, text) == 0 ||
	    strcasecmp(country->alpha3, text) == 0)
		return true;
	if (is_numeric(text))
		return country->numeric == strtoul(text, NULL, 10);
	for (i = 0; country->names[i]; i++)
		if (strcasecmp(country->names[i], text) == 0)
			return true;
	return false;
}

static bool is_like(const struct country *country, const char *text)
{
	unsigned int i;

	for (i = 0; country->names[i]; i++)
		if (strcasestr(country->names[i], text))
			return true;
	return false;
}

/* With those that have the text in their name, so that one can choose. */
static int unknown(const char *text)
{
	char why[256] = "no such country: write its code or English name";
	const char *gap = "; perhaps ";
	unsigned int i;
	size_t n;

	for (i = 0; text[0] && i < n_countries; i++) {
		if (!is_like(&countries[i], text))
			continue;
		n = strlen(why);
		snprintf(why + n, sizeof(why) - n, "%s%s (%s)", gap,
			 countries[i].alpha2, countries[i].name);
		gap = ", ";
	}
	return tool_usage(text, why);
}

int country_resolve(const char *text, char alpha2[3])
{
	unsigned int i;

	alpha2[2] = 0;
	if (strcmp(text, "00") == 0 || strcasecmp(text, "world") == 0) {
		memcpy(alpha2, "00", 2);
		return TOOL_DONE;
	}
	if (strlen(text) == 2 && isascii(text[0]) && isalpha(text[0]) &&
	    isascii(text[1]) && isalpha(text[1])) {
		alpha2[0] = toupper(text[0]);
		alpha2[1] = toupper(text[1]);
		return TOOL_DONE;
	}
	for (i = 0; i < n_countries; i++) {
		if (is_named(&countries[i], text)) {
			memcpy(alpha2, countries[i].alpha2, 2);
			return TOOL_DONE;
		}
	}
	return unknown(text);
}

const char *country_name(const char *alpha2)
{
	unsigned int i;

	if (memcmp(alpha2, "00", 2) == 0)
		return "the world";
	for (i = 0; i < n_countries; i++)
		if (memcmp(countries[i].alpha2, alpha2, 2) == 0)
			return countries[i].name;
	return NULL;
}
