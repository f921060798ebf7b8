/* SPDX-License-Identifier: GPL-2.0 */
/* The certificates of keys/, one behind the other (see Kbuild). */
#include <linux/init.h>
#include <linux/linkage.h>

	__INITRODATA

SYM_DATA_START(regdom_certificates)
	.incbin "keys.der"
SYM_DATA_END_LABEL(regdom_certificates, SYM_L_GLOBAL, regdom_certificates_end)
