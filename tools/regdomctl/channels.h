/* SPDX-License-Identifier: GPL-2.0 */
/* The verb `channels`: see regdomctl(8). */
#ifndef REGDOMCTL_CHANNELS_H
#define REGDOMCTL_CHANNELS_H

int channels(int argc, char **argv);

#endif
