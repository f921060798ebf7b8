/* SPDX-License-Identifier: GPL-2.0 */
/* The commands, each in a file of its name; they return an exit code. */
#ifndef TOOLS_NETCHANCTL_NETCHANCTL_H
#define TOOLS_NETCHANCTL_NETCHANCTL_H

int netchanctl_send(int argc, char **argv);
int netchanctl_recv(int argc, char **argv);
int netchanctl_count(int argc, char **argv);
int netchanctl_ping(int argc, char **argv);
int netchanctl_bench(int argc, char **argv);
int netchanctl_dump(int argc, char **argv);
int netchanctl_listen(int argc, char **argv);
int netchanctl_create(int argc, char **argv);
int netchanctl_list(int argc, char **argv);
int netchanctl_stats(int argc, char **argv);
int netchanctl_get(int argc, char **argv);
int netchanctl_serve(int argc, char **argv);
int netchanctl_trace(int argc, char **argv);
int netchanctl_plot(int argc, char **argv);

#endif
