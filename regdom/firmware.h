/* SPDX-License-Identifier: GPL-2.0 */
/* The file regulatory.db and its signature, through the firmware loader. */
#ifndef REGDOM_FIRMWARE_H
#define REGDOM_FIRMWARE_H

#include "store.h"

/* Registers the device in whose name files are asked for. */
int regdom_firmware_init(void);
void regdom_firmware_exit(void);

/*
 * Reads the file, checks its signature as the parameter sig= has it, and then
 * its bytes. Sleeps for as long as the file system takes: called without RTNL.
 * Returns a store or ERR_PTR; fault as in store.h.
 */
struct regdom_store *regdom_firmware_load(struct regdom_fault *fault);

#endif
