/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that counts against the RLIMIT_MEMLOCK of a user, for as long as it is in use. */
#ifndef NETCHANNEL_MEMLOCK_H
#define NETCHANNEL_MEMLOCK_H

struct user_struct;

struct netchannel_memlock {
	struct user_struct *user;	/* NULL: nothing is paid */
	unsigned int pages;
};

/* The caller's user pays: of all of his processes together. -ENOMEM: more than he may lock. */
int netchannel_memlock_pay(struct netchannel_memlock *m, unsigned int pages);

/* Any context. */
void netchannel_memlock_pay_back(struct netchannel_memlock *m);

#endif
