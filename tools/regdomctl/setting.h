/* SPDX-License-Identifier: GPL-2.0 */
/* The commands that set, each a run() of a command of tool.h. */
#ifndef REGDOMCTL_SETTING_H
#define REGDOMCTL_SETTING_H

#include <netlink/msg.h>
#include <stdbool.h>
#include <stddef.h>

#include "regdom/verdict.h"

int setting_set(int argc, char **argv);
int setting_ceiling(int argc, char **argv);
int setting_lock(int argc, char **argv);
int setting_unlock(int argc, char **argv);
int setting_allow(int argc, char **argv);
int setting_grace(int argc, char **argv);
int setting_place(int argc, char **argv);
int setting_device(int argc, char **argv);
int setting_ownership(int argc, char **argv);
int setting_batch(int argc, char **argv);

/* Puts a string in a request, unless it is NULL. */
void setting_put_string(struct nl_msg *request, int type, const char *value);
/* Puts what is said of a device: see TRANSMISSION_OF_RADIO. */
void setting_put_device(struct nl_msg *request, const struct regdom_transmission *asked);
/* An argument, or NULL, that no attribute could hold. */
bool setting_is_too_long(const char *value, size_t max);

#endif
