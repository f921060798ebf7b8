/* SPDX-License-Identifier: GPL-2.0 */
/* The verb `air`: see regdomctl(8). */
#ifndef REGDOMCTL_AIR_H
#define REGDOMCTL_AIR_H

int air(int argc, char **argv);

#endif
