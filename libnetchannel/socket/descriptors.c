// SPDX-License-Identifier: LGPL-2.1-or-later
#include "descriptors.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "socket.h"

#define CHUNKS		26	/* of cells: 64, 128 and so on, for all numbers */
#define FIRST_CELLS	64u
#define USERS_BITS	19
#define ALIGN_BITS	3	/* of a socket's address, which has 48 bits */
#define USERS_MASK	((1ull << USERS_BITS) - 1)
#define IN_TABLE	(1u << 30)	/* of struct socket.users, beside those who have left */

/*
 * A cell has, in one word, the socket of its number and the calls that have found it there and
 * not left yet. So to find and to leave is to change one word, without a lock. Who leaves after
 * the socket has gone from its cell counts in the socket, to which those were added then.
 * Chunks stay, and are never moved.
 */
typedef _Atomic u64 cell;	/* struct socket.cell */

static _Atomic(cell *) chunks[CHUNKS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* inside that of a stack */
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;	/* a socket, after its last user */

static unsigned int chunk_of(unsigned int fd)
{
	return 31 - __builtin_clz(fd / FIRST_CELLS + 1);
}

/* NULL: no socket has had such a number yet. */
static cell *cell_of(int fd)
{
	unsigned int chunk = chunk_of(fd);
	cell *cells;

	if (fd < 0)
		return NULL;
	cells = atomic_load_explicit(&chunks[chunk], memory_order_acquire);
	return cells ? &cells[fd - FIRST_CELLS * ((1u << chunk) - 1)] : NULL;
}

static struct socket *socket_in(u64 word)
{
	return (struct socket *)(uintptr_t)(word >> USERS_BITS << ALIGN_BITS);
}

static u64 word_of(const struct socket *s)
{
	return (u64)(uintptr_t)s >> ALIGN_BITS << USERS_BITS;
}

/* Another thread may have been anywhere with the lock, but amid no change of a cell. */
void descriptors_forget_all(void)
{
	pthread_mutex_init(&lock, NULL);
	pthread_cond_init(&freed, NULL);
	for (unsigned int i = 0; i < CHUNKS; i++) {
		cell *cells = chunks[i];

		/* a page that is not written is not copied */
		for (unsigned int j = 0; cells && j < FIRST_CELLS << i; j++) {
			if (cells[j])
				cells[j] = 0;
		}
	}
}

static int make_chunk(unsigned int chunk)
{
	cell *cells;

	if (chunks[chunk])
		return 0;
	cells = calloc(FIRST_CELLS << chunk, sizeof(*cells));
	if (!cells)
		return -ENOMEM;
	atomic_store_explicit(&chunks[chunk], cells, memory_order_release);
	return 0;
}

int descriptors_add(int fd, struct socket *s)
{
	int ret;

	/* no processor's addresses are longer, unless a program asks for that */
	if (socket_in(word_of(s)) != s)
		return -ENOMEM;
	pthread_mutex_lock(&lock);
	ret = make_chunk(chunk_of(fd));
	if (!ret) {
		s->users = IN_TABLE;
		s->cell = cell_of(fd);
		s->host->handles++;
		atomic_store_explicit(s->cell, word_of(s), memory_order_release);
	}
	pthread_mutex_unlock(&lock);
	return ret;
}

struct socket *descriptors_get(int fd)
{
	cell *c = cell_of(fd);
	u64 word;

	if (!c)
		return NULL;
	word = atomic_load_explicit(c, memory_order_relaxed);
	do {
		if (!socket_in(word))
			return NULL;
	} while (!atomic_compare_exchange_weak_explicit(c, &word, word + 1, memory_order_acquire,
							memory_order_relaxed));
	return socket_in(word);
}

struct socket *descriptors_remove(int fd)
{
	cell *c = cell_of(fd);
	u64 word = c ? atomic_exchange(c, 0) : 0;
	struct socket *s = socket_in(word);

	/* some may have left since, and count already */
	if (s)
		atomic_fetch_add(&s->users, (unsigned int)(word & USERS_MASK) + 1 - IN_TABLE);
	return s;
}

static void free_socket(struct socket *s)
{
	pthread_mutex_lock(&lock);
	if (!--s->host->handles)
		pthread_cond_broadcast(&freed);
	pthread_mutex_unlock(&lock);
	free(s);
}

void descriptors_put(struct socket *s)
{
	u64 word = atomic_load_explicit(s->cell, memory_order_relaxed);

	while (socket_in(word) == s) {
		if (atomic_compare_exchange_weak_explicit(s->cell, &word, word - 1,
							  memory_order_release,
							  memory_order_relaxed))
			return;
	}
	/* it has gone from the table: at 0, nobody can find it any more */
	if (atomic_fetch_sub(&s->users, 1) == 1)
		free_socket(s);
}

void descriptors_wait(const struct nc_stack *h)
{
	pthread_mutex_lock(&lock);
	while (h->handles)
		pthread_cond_wait(&freed, &lock);
	pthread_mutex_unlock(&lock);
}
