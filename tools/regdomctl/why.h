/* SPDX-License-Identifier: GPL-2.0 */
/* The verb `why`: see regdomctl(8). */
#ifndef REGDOMCTL_WHY_H
#define REGDOMCTL_WHY_H

#include <linux/types.h>

int why(int argc, char **argv);

/* A layer (enum regdom_layer): the word for programs, and the words for people. */
const char *why_layer_word(__u8 layer);
const char *why_layer_words(__u8 layer);

#endif
