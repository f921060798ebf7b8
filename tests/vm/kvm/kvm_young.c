// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_young: which pages a guest uses, as the kernel asks when it looks for memory to take
 * away (tests/modules/trivet_young.c asks in its place).
 */
#include "kvm.h"

#define PAGE_AT		0x5000
#define UNUSED_AT	0x400000
#define UNUSED_BYTES	0x4000
#define ASK		"/sys/module/trivet_young/parameters/ask"

/* For ever: tells the byte at 0x5000. */
static const uint8_t code[] = {
	0xa0, 0x00, 0x50,	/* 0: mov 0x5000, %al */
	0xe6, 0x10,		/* out %al, $0x10 */
	0xeb, 0xf9,		/* jmp 0b */
};

static bool ask(const char *what, const void *page)
{
	char words[64], answer = 0;
	int fd = must(open(ASK, O_RDWR));
	int length = snprintf(words, sizeof(words), "%s %lx", what, (unsigned long)page);

	equal(must(write(fd, words, length)), length);
	equal(must(pread(fd, &answer, 1, 0)), 1);
	close(fd);
	return answer == '1';
}

/* The guest uses the page, and sees what its owner has in it. */
static void use(struct kvm_machine *m, uint8_t value)
{
	m->memory[PAGE_AT] = value;
	equal(kvm_next_out(&m->vcpu), value);
}

static void used(struct kvm_machine *m)
{
	const void *page = m->memory + PAGE_AT;

	equal(ask("test", page), false);
	use(m, 1);
	equal(ask("test", page), true);
	equal(ask("test", page), true);
	equal(ask("flush", page), true);
	equal(ask("test", page), false);
	equal(ask("flush", page), false);
	use(m, 2);
	equal(ask("test", page), true);
	equal(ask("clear", page), true);
	equal(ask("test", page), false);
	equal(ask("clear", page), false);
	use(m, 3);
	puts("ok: a page is used, and used again");
}

static void unused(struct kvm_machine *m)
{
	static const char *const ways[] = { "test", "clear", "flush" };
	void *memory = mmap(NULL, UNUSED_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		die("memory");
	must(kvm_slot(m, 1, UNUSED_AT, UNUSED_BYTES, memory));
	use(m, 4);
	for (int i = 0; i < 3; i++)
		equal(ask(ways[i], memory), false);
	munmap(memory, UNUSED_BYTES);
	for (int i = 0; i < 3; i++)
		equal(ask(ways[i], memory), false);
	puts("ok: what is not used");
}

int main(void)
{
	struct kvm_machine m = kvm_machine(code, sizeof(code));

	used(&m);
	unused(&m);
	kvm_close(&m);
	return 0;
}
