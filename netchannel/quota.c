// SPDX-License-Identifier: GPL-2.0
#include "quota.h"

#include <linux/capability.h>
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

static unsigned int channels_per_user;
module_param(channels_per_user, uint, 0644);
MODULE_PARM_DESC(channels_per_user, "Channels that a user may have; 0: any number");

static unsigned int channels_per_net;
module_param(channels_per_net, uint, 0644);
MODULE_PARM_DESC(channels_per_net, "Channels that a network namespace may have; 0: any number");

struct netchannel_quota {
	struct hlist_node node;
	kuid_t uid;
	unsigned int channels;	/* the user's */
};

static DEFINE_MUTEX(lock);	/* guards all below, and what is in the table */
static DEFINE_HASHTABLE(quotas, 6);

/*
 * Of who has lost his last channel, the last of all: it stays in the table, for he most often
 * makes another one. NULL: of nobody.
 */
static struct netchannel_quota *idle;

static bool is_within(unsigned int channels, unsigned int limit)
{
	return !limit || channels < limit || capable(CAP_SYS_RESOURCE);
}

bool netchannel_quota_net(unsigned int channels)
{
	return is_within(channels, READ_ONCE(channels_per_net));
}

static struct netchannel_quota *find(kuid_t uid)
{
	struct netchannel_quota *quota;

	hash_for_each_possible(quotas, quota, node, __kuid_val(uid)) {
		if (uid_eq(quota->uid, uid))
			return quota;
	}
	return NULL;
}

static struct netchannel_quota *find_or_create(kuid_t uid)
{
	struct netchannel_quota *quota = find(uid);

	if (quota)
		return quota;
	quota = kzalloc(sizeof(*quota), GFP_KERNEL);
	if (!quota)
		return NULL;
	quota->uid = uid;
	hash_add(quotas, &quota->node, __kuid_val(uid));
	return quota;
}

static void free_quota(struct netchannel_quota *quota)
{
	if (!quota)
		return;
	hash_del(&quota->node);
	kfree(quota);
}

static void rest_if_unused(struct netchannel_quota *quota)
{
	if (quota->channels || idle == quota)
		return;
	free_quota(idle);
	idle = quota;
}

struct netchannel_quota *netchannel_quota_get(kuid_t uid)
{
	struct netchannel_quota *quota;

	mutex_lock(&lock);
	quota = find_or_create(uid);
	if (!quota) {
		quota = ERR_PTR(-ENOMEM);
	} else if (is_within(quota->channels, READ_ONCE(channels_per_user))) {
		quota->channels++;
		if (idle == quota)
			idle = NULL;
	} else {
		rest_if_unused(quota);
		quota = ERR_PTR(-EMFILE);
	}
	mutex_unlock(&lock);
	return quota;
}

void netchannel_quota_put(struct netchannel_quota *quota)
{
	mutex_lock(&lock);
	quota->channels--;
	rest_if_unused(quota);
	mutex_unlock(&lock);
}

void netchannel_quota_exit(void)
{
	free_quota(idle);
}
