/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Results, as text for people or as JSON for programs, from one statement
 * each, so that the two cannot drift:
 *
 *	out_open();				{
 *	out_u32("mhz", "%u MHz\n", mhz);	  "mhz": 2412
 *	out_close();				}
 *
 * Text output ignores names; JSON output ignores formats. A NULL format shows
 * nothing in text. Objects and arrays nest to OUT_DEPTH_MAX. Inside an array,
 * the name of an element is ignored.
 */
#ifndef TOOLS_COMMON_OUTPUT_H
#define TOOLS_COMMON_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#define OUT_DEPTH_MAX 10

void out_use_json(void);
bool out_is_json(void);

/* The outermost object; out_close() prints it. */
void out_open(void);
void out_close(void);

void out_open_object(const char *name);
void out_close_object(void);
void out_open_array(const char *name);
void out_close_array(void);

/* format takes exactly the one value, as its type's printf conversion. */
void out_string(const char *name, const char *format, const char *value);
void out_u32(const char *name, const char *format, uint32_t value);	/* %u */
void out_u64(const char *name, const char *format, uint64_t value);	/* %llu */
void out_s64(const char *name, const char *format, int64_t value);	/* %lld */
void out_double(const char *name, const char *format, double value);	/* %f */
/* Text shows `text` when the value is true, and nothing when it is false. */
void out_bool(const char *name, const char *text, bool value);

/* Text only: headings and punctuation that carry no value. */
void out_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
