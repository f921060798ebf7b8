// SPDX-License-Identifier: LGPL-2.1-or-later
#define _GNU_SOURCE
#include "descriptors.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "socket.h"

#define COUNT_MIN	64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* inside that of a stack */
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;	/* a socket, after its last user */
static struct socket **table;
static size_t table_count;

static int grow(size_t count)
{
	size_t more = table_count ? table_count : COUNT_MIN;
	struct socket **t;

	while (more <= count)
		more *= 2;
	t = reallocarray(table, more, sizeof(*t));
	if (!t)
		return -ENOMEM;
	memset(t + table_count, 0, (more - table_count) * sizeof(*t));
	table = t;
	table_count = more;
	return 0;
}

/* The table may be half grown, by a thread that is not there: it is left alone. */
void descriptors_forget_all(void)
{
	pthread_mutex_init(&lock, NULL);
	pthread_cond_init(&freed, NULL);
	table = NULL;
	table_count = 0;
}

int descriptors_add(int fd, struct socket *s)
{
	int ret = 0;

	pthread_mutex_lock(&lock);
	if ((size_t)fd >= table_count)
		ret = grow(fd);
	if (!ret) {
		s->users = 1;
		s->host->handles++;
		table[fd] = s;
	}
	pthread_mutex_unlock(&lock);
	return ret;
}

static struct socket *find(int fd)
{
	return fd >= 0 && (size_t)fd < table_count ? table[fd] : NULL;
}

struct socket *descriptors_get(int fd)
{
	struct socket *s;

	pthread_mutex_lock(&lock);
	s = find(fd);
	if (s)
		s->users++;
	pthread_mutex_unlock(&lock);
	return s;
}

struct socket *descriptors_remove(int fd)
{
	struct socket *s;

	pthread_mutex_lock(&lock);
	s = find(fd);
	if (s)
		table[fd] = NULL;
	pthread_mutex_unlock(&lock);
	return s;
}

void descriptors_put(struct socket *s)
{
	/* the table has one: at 0, nobody can find it any more */
	if (atomic_fetch_sub(&s->users, 1) > 1)
		return;
	pthread_mutex_lock(&lock);
	if (!--s->host->handles)
		pthread_cond_broadcast(&freed);
	pthread_mutex_unlock(&lock);
	free(s);
}

void descriptors_wait(const struct nc_stack *h)
{
	pthread_mutex_lock(&lock);
	while (h->handles)
		pthread_cond_wait(&freed, &lock);
	pthread_mutex_unlock(&lock);
}
