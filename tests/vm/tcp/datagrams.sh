#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The library's UDP over a channel: IPv4 and IPv6, by a ring, by calls, past the firewall,
# and below another link; beside a socket of the kernel's in another namespace.
# budget: 4
# needs: ip
# modules: veth
. /trivet/lib.sh
IP=/usr/bin/ip

modprobe veth
load netchannel
$IP netns add A
$IP netns add B
trap '$IP netns del A; $IP netns del B; remove netchannel veth' EXIT
$IP -n A link add v0 type veth peer name v1 netns B
$IP -n A addr add 10.0.0.1/24 dev v0
$IP -n B addr add 10.0.0.2/24 dev v1
$IP -n A -6 addr add fd00::1/64 nodad dev v0
$IP -n B -6 addr add fd00::2/64 nodad dev v1
$IP -n A link set v0 up
$IP -n B link set v1 up

for way in ring calls fast faults; do
	check "$way, IPv4" $IP netns exec A tcp_datagrams $way 10.0.0.1 10.0.0.2
	check "$way, IPv6" $IP netns exec A tcp_datagrams $way fd00::1 fd00::2
done
