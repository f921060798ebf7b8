/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands that need files and no module (but for diff, which can ask it). Each takes
 * the arguments of its command, and returns an exit code.
 */
#ifndef REGDOMCTL_OFFLINE_H
#define REGDOMCTL_OFFLINE_H

int offline_check(int argc, char **argv);
int offline_compile(int argc, char **argv);
int offline_decompile(int argc, char **argv);
int offline_diff(int argc, char **argv);
int offline_plot(int argc, char **argv);
int offline_sign(int argc, char **argv);
int offline_verify(int argc, char **argv);

#endif
