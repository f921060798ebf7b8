#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The library's UDP over a channel: IPv4 and IPv6, by a ring, by calls, past the firewall,
# and below another link; beside a socket of the kernel's in another namespace.
# budget: 3
# kernels: 6.1 6.12
# long-kernels: debug
# needs: ip
# modules: veth
. /trivet/lib.sh
IP=/usr/bin/ip

load netchannel
trap 'no_hosts; remove netchannel veth' EXIT
two_hosts
$IP -n A link set lo up	# by which the kernel reports to its own addresses
# no report is kept back
for host in A B; do
	$IP netns exec $host sh -c 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
		echo 0 >/proc/sys/net/ipv6/icmp/ratelimit'
done

# nor is a neighbour given up, or what waits for it
$IP netns exec A sh -c 'for v in 4 6; do
	echo 10000000 >/proc/sys/net/ipv$v/neigh/v0/unres_qlen_bytes
	echo 1000 >/proc/sys/net/ipv$v/neigh/v0/mcast_solicit
done'

for way in ring calls fast faults; do
	check "$way, IPv4" $IP netns exec A tcp_datagrams $way 10.0.0.1 10.0.0.2
	check "$way, IPv6" $IP netns exec A tcp_datagrams $way fd00::1 fd00::2
done
