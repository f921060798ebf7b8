#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The library over a channel, with the kernel's TCP at the other end and a peer, a network
# or a stranger that does it no good: minutes of silence, a device of its own that is slow,
# closed windows, floods, forgeries; and how connections begin and end, data beside the SYN
# included; and two stacks of one program that look after each other. IPv4, and IPv6 but, where
# the run is no long one, for what is forged or takes longest.
# covers: N45 N46 N47 N48 N49 N50 N51
# on: time
# kernels: 6.1 6.12
# budget: 11
# needs: ip tc
# modules: veth sch_netem sch_tbf
. /trivet/lib.sh

modprobe veth
modprobe sch_netem
modprobe sch_tbf
load netchannel
trap 'remove netchannel sch_tbf sch_netem veth' EXIT
tcp_adverse
