/* SPDX-License-Identifier: GPL-2.0 */
/* The character device /dev/netchannel. */
#ifndef NETCHANNEL_DEVICE_H
#define NETCHANNEL_DEVICE_H

struct file;

/* The descriptor's file with a reference; -EBADF, or -EINVAL if it is not the device's. */
struct file *netchannel_device_fget(int fd);

int netchannel_device_register(void);
void netchannel_device_unregister(void);

#endif
