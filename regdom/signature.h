/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who may make a database: detached signatures (PKCS#7, RFC 2315) by the
 * signers of regdom/keys/, but for those that the parameter revoked= names.
 */
#ifndef REGDOM_SIGNATURE_H
#define REGDOM_SIGNATURE_H

#include <linux/init.h>
#include <linux/types.h>

/* What becomes of a file without a good signature: the parameter sig=. */
enum regdom_signature_policy {
	REGDOM_SIGNATURE_REQUIRE,	/* it is refused */
	REGDOM_SIGNATURE_WARN,		/* it is loaded, and the log says so */
	REGDOM_SIGNATURE_OFF,		/* nobody looks at its signature */
};

/*
 * Reads the parameters and makes the keyring. Returns 0, -EINVAL for a
 * parameter that has no meaning, -EPERM for one that lockdown forbids, or what
 * the kernel's key service said.
 */
int __init regdom_signature_init(void);
void regdom_signature_exit(void);

enum regdom_signature_policy regdom_signature_policy(void);

/*
 * Whether one of the signers has signed these bytes. Sleeps. Returns 0 or, with
 * *why set to a constant string:
 *	-EKEYREJECTED	the signature is damaged, or is of other bytes
 *	-ENOKEY		it is good, but by nobody that we know
 *	-EKEYREVOKED	it is good, but by a signer that is revoked
 *	-ENOPKG		the kernel lacks the algorithm
 *	-ENOMEM
 */
int regdom_signature_check(const void *data, size_t size_bytes,
			   const void *signature, size_t signature_bytes,
			   const char **why);

#endif
