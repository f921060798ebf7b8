/* SPDX-License-Identifier: GPL-2.0 */
/* The calls that move packets between a channel and memory that the caller names. */
#ifndef NETCHANNEL_TRANSFER_H
#define NETCHANNEL_TRANSFER_H

#include <linux/compiler_types.h>

struct file;
struct netchannel;

/* The call of 2006, on any descriptor of the device. */
long netchannel_do_control(struct netchannel *ch, struct file *file, void __user *arg);

/* Each is the ioctl of its name, on a channel that is bound. */
long netchannel_do_send(struct netchannel *ch, struct file *file, void __user *arg);
long netchannel_do_recv(struct netchannel *ch, struct file *file, void __user *arg);
long netchannel_do_sendv(struct netchannel *ch, struct file *file, void __user *arg);
long netchannel_do_recvv(struct netchannel *ch, struct file *file, void __user *arg);

#endif
