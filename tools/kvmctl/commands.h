/* SPDX-License-Identifier: GPL-2.0 */
/* The commands of kvmctl; each returns an exit code of tool.h. */
#ifndef KVMCTL_COMMANDS_H
#define KVMCTL_COMMANDS_H

int cmd_info(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_regs(int argc, char **argv);
int cmd_dump(int argc, char **argv);
int cmd_map(int argc, char **argv);
int cmd_boot(int argc, char **argv);
int cmd_stat(int argc, char **argv);

#endif
