// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "signature.h"

#include <keys/asymmetric-type.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/key.h>
#include <linux/module.h>
#include <linux/security.h>
#include <linux/string.h>
#include <linux/verification.h>

#define MAX_REVOKED 16

static char *sig = "require";
module_param(sig, charp, 0444);
MODULE_PARM_DESC(sig,
		 "A regulatory.db without a good signature: require: refuse it; warn: load it, and say so in the log; off: do not look (default: require)");

static char *revoked[MAX_REVOKED];
static unsigned int n_revoked;
module_param_array(revoked, charp, &n_revoked, 0444);
MODULE_PARM_DESC(revoked,
		 "Signers that are trusted no more: key ids, as /proc/keys shows them behind the name");
static bool revoked_found[MAX_REVOKED] __initdata;

/* Nobody but us has a link to these, so nobody else can add to them. */
static struct key *signers;
static struct key *revoked_signers;

static enum regdom_signature_policy policy;

/* The compiled-in certificates, one behind the other: see keys.S. */
extern const u8 regdom_certificates[], regdom_certificates_end[];

enum regdom_signature_policy regdom_signature_policy(void)
{
	return policy;
}

/* A file is not as trusted as the kernel: lockdown(7) of its integrity. */
static int __init read_policy(void)
{
	static const char *const names[] = {
		[REGDOM_SIGNATURE_REQUIRE] = "require",
		[REGDOM_SIGNATURE_WARN] = "warn",
		[REGDOM_SIGNATURE_OFF] = "off",
	};
	int found = match_string(names, ARRAY_SIZE(names), sig);

	if (found < 0) {
		pr_err("sig: require, warn or off\n");
		return -EINVAL;
	}
	policy = found;
	if (policy == REGDOM_SIGNATURE_REQUIRE)
		return 0;
	return security_locked_down(LOCKDOWN_MODULE_PARAMETERS);
}

static struct key *__init make_keyring(const char *name)
{
	return keyring_alloc(name, GLOBAL_ROOT_UID, GLOBAL_ROOT_GID,
			     current_cred(),
			     (KEY_POS_ALL & ~KEY_POS_SETATTR) | KEY_USR_VIEW |
			     KEY_USR_READ | KEY_USR_SEARCH,
			     KEY_ALLOC_NOT_IN_QUOTA, NULL, NULL);
}

/* The kernel describes a certificate's key as "NAME: KEY ID". */
static bool __init is_named(const struct key *key, const char *key_id)
{
	const char *space = strrchr(key->description, ' ');

	return space && strcasecmp(space + 1, key_id) == 0;
}

static int __init revoke(struct key *key)
{
	unsigned int i;
	int ret;

	for (i = 0; i < n_revoked; i++) {
		if (!is_named(key, revoked[i]))
			continue;
		revoked_found[i] = true;
		ret = key_link(revoked_signers, key);
		return ret ?: key_unlink(signers, key);
	}
	return 0;
}

static int __init add_signer(const u8 *der, size_t size_bytes)
{
	key_ref_t ref;
	int ret;

	ref = key_create_or_update(make_key_ref(signers, true), "asymmetric",
				   NULL, der, size_bytes,
				   (KEY_POS_ALL & ~KEY_POS_SETATTR) |
				   KEY_USR_VIEW | KEY_USR_READ,
				   KEY_ALLOC_NOT_IN_QUOTA | KEY_ALLOC_BUILT_IN);
	if (IS_ERR(ref))
		return PTR_ERR(ref);
	ret = revoke(key_ref_to_ptr(ref));
	key_ref_put(ref);
	return ret;
}

/*
 * The size of the certificate in front, from its DER header: a SEQUENCE whose
 * length stands in two bytes, as it does for any from 256 bytes to 64 KiB
 * (X.690, 8.1.3.5). 0: that is none.
 */
static size_t __init certificate_bytes(const u8 *der, size_t left_bytes)
{
	size_t size_bytes;

	if (left_bytes < 4 || der[0] != 0x30 || der[1] != 0x82)
		return 0;
	size_bytes = 4 + (der[2] << 8 | der[3]);
	return size_bytes <= left_bytes ? size_bytes : 0;
}

/* A certificate that this kernel cannot use is a signer less, no more. */
static int __init add_signers(void)
{
	const u8 *der = regdom_certificates;
	size_t size_bytes;
	int ret;

	for (; der < regdom_certificates_end; der += size_bytes) {
		size_bytes = certificate_bytes(der, regdom_certificates_end - der);
		if (!size_bytes) {
			pr_err("keys: no certificate at byte %td\n",
			       der - regdom_certificates);
			return -EINVAL;
		}
		ret = add_signer(der, size_bytes);
		if (ret == -ENOMEM)
			return ret;
		if (ret)
			pr_warn("keys: the certificate at byte %td is not usable (error %d)\n",
				der - regdom_certificates, ret);
	}
	return 0;
}

/* A slip of the pen would leave a signer trusted. */
static void __init report_unknown_revoked(void)
{
	unsigned int i;

	for (i = 0; i < n_revoked; i++)
		if (!revoked_found[i])
			pr_warn("revoked: no signer has the key id %s\n",
				revoked[i]);
}

int __init regdom_signature_init(void)
{
	int ret;

	ret = read_policy();
	if (ret)
		return ret;
	signers = make_keyring(".regdom_keys");
	if (IS_ERR(signers))
		return PTR_ERR(signers);
	revoked_signers = make_keyring(".regdom_revoked_keys");
	if (IS_ERR(revoked_signers)) {
		ret = PTR_ERR(revoked_signers);
		goto put_signers;
	}
	ret = add_signers();
	if (ret)
		goto put_revoked_signers;
	report_unknown_revoked();
	return 0;

put_revoked_signers:
	key_put(revoked_signers);
put_signers:
	key_put(signers);
	return ret;
}

void regdom_signature_exit(void)
{
	key_put(revoked_signers);
	key_put(signers);
}

int regdom_signature_check(const void *data, size_t size_bytes,
			   const void *signature, size_t signature_bytes,
			   const char **why)
{
	int ret;

	ret = verify_pkcs7_signature(data, size_bytes, signature,
				     signature_bytes, signers,
				     VERIFYING_UNSPECIFIED_SIGNATURE, NULL,
				     NULL);
	if (ret == -ENOKEY && n_revoked &&
	    verify_pkcs7_signature(data, size_bytes, signature,
				   signature_bytes, revoked_signers,
				   VERIFYING_UNSPECIFIED_SIGNATURE, NULL,
				   NULL) == 0)
		ret = -EKEYREVOKED;
	switch (ret) {
	case 0:
		return 0;
	case -ENOKEY:
		*why = "signed by nobody whom the module knows";
		return ret;
	case -EKEYREVOKED:
		*why = "signed by a signer who is revoked";
		return ret;
	case -ENOPKG:
		*why = "signed with an algorithm that the kernel lacks";
		return ret;
	case -ENOMEM:
		*why = "out of memory";
		return ret;
	default:
		/* the kernel has many errors for what is one to us */
		*why = "the signature is damaged, or of another file";
		return -EKEYREJECTED;
	}
}
