#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# One way over veth between namespaces, a packet: channels of type COPY (-copy)
# and RING (-default) in the default mode, and RING in the mode FAST (-fast), beside
# UDP sockets and AF_PACKET; a round trip between two sleeping processes; and the
# library's TCP, for `make check` (beside its peer, it is in tcp.sh). The bed's
# processor lacks erms and fsrm, or each byte of a copy would count as an instruction.
# on: time
# kernels: 6.1 6.12
# repeat: 5
# budget: 20
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
# what the kernel still does after booting is not to be measured; waiting is free
sleep 20
nc_bench
tcp_bench gate
