/* SPDX-License-Identifier: GPL-2.0 */
/* The verb `why`: see regdomctl(8). */
#ifndef REGDOMCTL_WHY_H
#define REGDOMCTL_WHY_H

int why(int argc, char **argv);

#endif
