#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A program that AppArmor confines makes channels where it could make sockets, nowhere else;
# what Landlock keeps a program from, and what not. (The debug kernel has no AppArmor.)
# kernels: 6.1 6.12
# budget: 3
# needs: apparmor_parser ip
. /trivet/lib.sh

mount | grep -q securityfs || mount -t securityfs securityfs /sys/kernel/security
load netchannel
trap 'unload netchannel' EXIT
nc_apparmor
