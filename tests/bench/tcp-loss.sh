#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a lossy path brings, in virtual time: see tcp_loss.c. Issue 6 wants a goodput of
# 0.95 of the kernel's, which is 1.05 of its time.
# on: time
# kernels: 6.1
# budget: 60
# gate: no
# needs: ip
# modules: veth
# target: tcp-loss-1pct kernel-tcp 1.05
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
tcp_loss
