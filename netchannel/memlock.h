/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that counts against the RLIMIT_MEMLOCK of a user, for as long as it is in use. */
#ifndef NETCHANNEL_MEMLOCK_H
#define NETCHANNEL_MEMLOCK_H

#include <linux/types.h>

struct user_struct;

struct netchannel_memlock {
	struct user_struct *user;	/* NULL: nothing is paid */
	unsigned int pages;
	unsigned long limit;		/* of all that the user has paid for; fixed */
};

/* The caller's user pays: of all of his processes together. -ENOMEM: more than he may lock. */
int netchannel_memlock_pay(struct netchannel_memlock *m, unsigned int pages);

/*
 * Of what has been paid for: the same user pays for more, which he can do without, or for less.
 * False: with that, all that he has paid for would be over half of the limit of who paid first;
 * the other half is for those who cannot do without. Callers see to it that only one does so at
 * a time. Any context.
 */
bool netchannel_memlock_pay_more(struct netchannel_memlock *m, unsigned int pages);
void netchannel_memlock_pay_less(struct netchannel_memlock *m, unsigned int pages);

/* Any context. */
void netchannel_memlock_pay_back(struct netchannel_memlock *m);

#endif
