/* SPDX-License-Identifier: GPL-2.0 */
/* The character device /dev/netchannel. */
#ifndef NETCHANNEL_DEVICE_H
#define NETCHANNEL_DEVICE_H

int netchannel_device_register(void);
void netchannel_device_unregister(void);

#endif
