/* SPDX-License-Identifier: GPL-2.0 */
/* The file regulatory.db, through the kernel's firmware loader. */
#ifndef REGDOM_FIRMWARE_H
#define REGDOM_FIRMWARE_H

#include "store.h"

/* Registers the device in whose name files are asked for. */
int regdom_firmware_init(void);
void regdom_firmware_exit(void);

/*
 * Reads and checks the file. Sleeps for as long as the file system takes:
 * called without RTNL. Returns a store or ERR_PTR; fault as in store.h.
 */
struct regdom_store *regdom_firmware_load(struct regdom_fault *fault);

#endif
