// SPDX-License-Identifier: GPL-2.0
#include "output.h"

#include <assert.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

static bool use_json;
static json_t *stack[OUT_DEPTH_MAX];
static int depth;

void out_use_json(void)
{
	use_json = true;
}

bool out_is_json(void)
{
	return use_json;
}

/* Takes the reference to value. */
static void add(const char *name, json_t *value)
{
	json_t *top = stack[depth - 1];

	if (json_is_array(top))
		json_array_append_new(top, value);
	else
		json_object_set_new(top, name, value);
}

static void push(const char *name, json_t *value)
{
	if (!use_json)
		return;
	assert(depth < OUT_DEPTH_MAX);
	if (depth)
		add(name, value);
	stack[depth++] = value;
}

static void pop(void)
{
	if (use_json)
		depth--;
}

void out_open(void)
{
	push(NULL, use_json ? json_object() : NULL);
}

void out_close(void)
{
	pop();
	if (!use_json)
		return;
	json_dumpf(stack[0], stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(stack[0]);
}

void out_open_object(const char *name)
{
	push(name, use_json ? json_object() : NULL);
}

void out_close_object(void)
{
	pop();
}

void out_open_array(const char *name)
{
	push(name, use_json ? json_array() : NULL);
}

void out_close_array(void)
{
	pop();
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

void out_string(const char *name, const char *format, const char *value)
{
	if (use_json)
		/* a value from outside that is not UTF-8 becomes null */
		add(name, json_string(value) ?: json_null());
	else if (format)
		printf(format, value);
}

void out_u32(const char *name, const char *format, uint32_t value)
{
	if (use_json)
		add(name, json_integer(value));
	else if (format)
		printf(format, value);
}

void out_u64(const char *name, const char *format, uint64_t value)
{
	if (use_json)
		add(name, json_integer((json_int_t)value));
	else if (format)
		printf(format, (unsigned long long)value);
}

void out_s64(const char *name, const char *format, int64_t value)
{
	if (use_json)
		add(name, json_integer(value));
	else if (format)
		printf(format, (long long)value);
}

void out_double(const char *name, const char *format, double value)
{
	if (use_json)
		add(name, json_real(value));
	else if (format)
		printf(format, value);
}

#pragma GCC diagnostic pop

void out_bool(const char *name, const char *text, bool value)
{
	if (use_json)
		add(name, json_boolean(value));
	else if (value && text)
		fputs(text, stdout);
}

void out_text(const char *format, ...)
{
	va_list args;

	if (use_json)
		return;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
}
