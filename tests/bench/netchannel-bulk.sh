#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Super-frames of 32 datagrams by rings, in the default mode and (-fast) past the
# firewall, copied and (-zerocopy) out of their pages, beside UDP_SEGMENT and UDP_GRO, a datagram;
# and a flow opened and closed by a descriptor that makes others (APART) and (-open) by the
# device's path, beside socket(), bind(), connect(), close(); single datagrams by the library's
# sockets (FAST) beside the kernel's, and by rings beside AF_XDP in copy mode, the better of generic and
# native. Bed as for netchannel.sh.
# on: time
# kernels: 6.1 6.12
# repeat: 5
# budget: 20
# gate: no
# modules: veth
# target: bulk-22B udp-socket 0.55
# target: bulk-1372B udp-socket 0.50
# target: create-close-first udp-socket 1.5
# target: create-close-owned udp-socket 0.5
# target: udp-22B-lib udp-socket 0.36
# target: xdp-22B af-xdp 0.65
# target: xdp-1372B af-xdp 0.58
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
# what the kernel still does after booting is not to be measured; waiting is free
sleep 20
nc_bench more
