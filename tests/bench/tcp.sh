#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# TCP over veth between namespaces: the library over channels of type RING, by all rules
# and (-fast) past the firewall, beside the kernel's TCP, the same calls in the same boot.
# on: time
# kernels: 6.1 6.12
# repeat: 3
# budget: 30
# gate: no
# modules: veth
# program: tcp_bench
# target: tcp-bulk kernel-tcp 0.55
# target: tcp-rx-from-kernel kernel-tcp 0.85
# target: tcp-msg-128B kernel-tcp 0.45
# target: tcp-rr-128B kernel-tcp 0.5
# target: tcp-connect kernel-tcp 0.6
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
# what the kernel still does after booting is not to be measured; waiting is free
sleep 20
symbols
tcp_bench
