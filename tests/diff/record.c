// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "record.h"

#define LINE_ROOM	(128 * 1024)
#define WORD_ROOM	256	/* what one word takes at most */
#define RUN_PAGES_MAX	80
#define BYTES_SHOWN	16
#define PAGE_BYTES	4096

static int transcript = -1;
static char line[LINE_ROOM];
static size_t length;

static const char *client_name;
static char step_name[64];
static unsigned int lines_of_step;

static uintptr_t memory_base;
static size_t memory_bytes;

static struct run_page {
	int vcpu;
	struct kvm_run *run;
	bool exited;	/* the last KVM_RUN returned 0 */
} run_pages[RUN_PAGES_MAX];
static unsigned int run_page_count;

void record_to(int fd)
{
	transcript = fd;
}

void record_client(const char *client)
{
	client_name = client;
	record_step("setup");
}

void record_step(const char *format, ...)
{
	char name[sizeof(step_name)];
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	for (char *c = name; *c; c++) {
		if (*c == ' ')
			*c = '-';
	}
	if (!strcmp(name, step_name) && lines_of_step && strcmp(name, "setup"))
		return;		/* the same goes on */
	strcpy(step_name, name);
	lines_of_step = 0;
}

void record_memory(const void *base, size_t bytes)
{
	memory_base = (uintptr_t)base;
	memory_bytes = bytes;
}

void record_run_page(int vcpu, struct kvm_run *run)
{
	if (run_page_count == RUN_PAGES_MAX)
		abort();
	run_pages[run_page_count++] = (struct run_page) { vcpu, run, false };
}

void record_forget_run_pages(void)
{
	run_page_count = 0;
}

static struct run_page *run_page_of(int vcpu)
{
	for (unsigned int i = 0; i < run_page_count; i++) {
		if (run_pages[i].vcpu == vcpu)
			return &run_pages[i];
	}
	return NULL;
}

/* ---- words ---- */

static void text(const char *what)
{
	size_t size = strlen(what);

	if (length + size + WORD_ROOM > sizeof(line))
		abort();
	memcpy(line + length, what, size);
	length += size;
}

/* By hand: printf() would be most of what an emulated run does. */
static void digits(uint64_t value)
{
	int shift = 60;

	while (shift && !(value >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		line[length++] = "0123456789abcdef"[value >> shift & 15];
}

static void begin_word(const char *name)
{
	text(" ");
	text(name);
}

void word(const char *name, uint64_t value)
{
	if (!value)
		return;
	begin_word(name);
	text("=");
	digits(value);
}

void word_of(const char *group, const char *name, uint64_t value)
{
	if (!value)
		return;
	begin_word(group);
	text(".");
	text(name);
	text("=");
	digits(value);
}

void word_at(const char *name, unsigned int index, uint64_t value)
{
	if (!value)
		return;
	begin_word(name);
	text(".");
	digits(index);
	text("=");
	digits(value);
}

void word_text(const char *name, const char *value)
{
	begin_word(name);
	text("=");
	text(value);
}

/* FNV-1a, a word at a time. */
static uint64_t hash_of(const uint8_t *bytes, size_t count)
{
	uint64_t hash = 0xcbf29ce484222325ull, part;

	for (size_t i = 0; i < count; i += sizeof(part)) {
		part = 0;
		memcpy(&part, bytes + i, count - i < sizeof(part) ? count - i : sizeof(part));
		hash = (hash ^ part) * 0x100000001b3ull;
		hash ^= hash >> 29;
	}
	return hash;
}

static bool all_zero(const uint8_t *bytes, size_t count)
{
	while (count && !*bytes)
		bytes++, count--;
	return !count;
}

void word_bytes(const char *name, const void *bytes, size_t count)
{
	const uint8_t *byte = bytes;

	if (all_zero(byte, count))
		return;
	if (count > BYTES_SHOWN) {
		word(name, hash_of(byte, count));
		return;
	}
	begin_word(name);
	text("=");
	for (size_t i = 0; i < count; i++) {
		line[length++] = "0123456789abcdef"[byte[i] >> 4];
		line[length++] = "0123456789abcdef"[byte[i] & 15];
	}
}

void word_pointer(const char *name, uint64_t address)
{
	if (address - memory_base >= memory_bytes) {
		word(name, address);
		return;
	}
	begin_word(name);
	text("=memory+");
	digits(address - memory_base);
}

/* ---- lines ---- */

static void begin_line(const char *what)
{
	length = 0;
	text(client_name);
	text("/");
	text(step_name);
	text(".");
	digits(++lines_of_step);
	text(" ");
	text(what);
}

static void end_line(void)
{
	text("\n");
	if (write(transcript, line, length) != (ssize_t)length)
		abort();
}

static void write_result(int ret, int error)
{
	if (ret >= 0)
		return word("ret", ret);
	word_text("ret", strerrorname_np(error) ?: "unknown");
}

/* A descriptor's number says nothing. */
static bool makes_descriptor(unsigned int command)
{
	return command == KVM_CREATE_VM || command == KVM_CREATE_VCPU;
}

static void write_run(struct run_page *page, int ret, int error)
{
	page->exited = ret >= 0;
	if (page->exited)
		write_run_out(page->run);
	else if (error == EINTR)
		write_run_interrupted(page->run);
}

int record_ioctl(int fd, unsigned int number, unsigned long arg)
{
	const struct command *command = command_of(number);
	struct run_page *page = number == KVM_RUN ? run_page_of(fd) : NULL;
	const void *pointer = (const void *)arg;
	bool readable = arg >= 4096 && !(arg >> 47);
	char unknown[16];
	int ret, error;

	snprintf(unknown, sizeof(unknown), "%#x", number);
	begin_line(command ? command->name : unknown);
	text(" (");
	if (!command || command->by_value || !readable)
		word("arg", arg);
	else if (command->in)
		command->in(pointer);
	if (page)
		write_run_in(page->run, page->exited);
	text(" )");
	ret = ioctl(fd, number, arg);
	error = errno;
	write_result(makes_descriptor(number) && ret > 0 ? 0 : ret, error);
	/* Refusals may write: a count of what there is. */
	if (command && command->out && readable)
		command->out(pointer, ret);
	if (page)
		write_run(page, ret, error);
	end_line();
	errno = error;
	return ret;
}

static void write_value(const struct kvm_run *run, uint32_t number)
{
	const char *data = (const char *)run + run->io.data_offset;

	begin_line("value");
	text(" ( )");
	word("out", run->io.direction);
	word("port", run->io.port);
	if (run->io.direction == KVM_EXIT_IO_OUT)
		word_bytes("data", data + (size_t)number * run->io.size, run->io.size);
	end_line();
}

int record_run_by_value(int vcpu)
{
	struct run_page *page = run_page_of(vcpu);
	int ret = ioctl(vcpu, KVM_RUN, 0);

	page->exited = false;	/* what user space answers is the client's to show */
	if (!ret && page->run->exit_reason == KVM_EXIT_IO) {
		for (uint32_t i = 0; i < page->run->io.count; i++)
			write_value(page->run, i);
	}
	return ret;
}

void record_values(const char *what, const void *values, size_t count)
{
	const char *at = values;
	uint64_t value;

	begin_line(what);
	text(" ( )");
	for (size_t i = 0; i < count; i++) {
		memcpy(&value, at + i * sizeof(value), sizeof(value));
		word_at("at", i, value);
	}
	end_line();
}

void record_event(const char *what, uint64_t value)
{
	begin_line(what);
	text(" ( )");
	word("value", value);
	end_line();
}

void record_hash(const char *what, const void *bytes, size_t count)
{
	begin_line(what);
	text(" ( )");
	word("hash", hash_of(bytes, count));
	end_line();
}

void record_pages(const char *what, const void *bytes, size_t count)
{
	static const uint8_t zero[PAGE_BYTES];
	const uint8_t *page = bytes;

	begin_line(what);
	text(" ( )");
	for (size_t i = 0; i < count / PAGE_BYTES; i++, page += PAGE_BYTES)
		word_at("page", i, memcmp(page, zero, PAGE_BYTES) ? hash_of(page, PAGE_BYTES) : 0);
	end_line();
}
