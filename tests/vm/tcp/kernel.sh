#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The library's sockets and the kernel's, over a TUN device: both ways, 1 MiB each,
# resets, half-closes, a dead peer, ICMP; then with 1 % of all packets lost; then over a
# packet socket on one end of a veth pair.
# Not on the debug kernel: nothing of ours is in it here.
# covers: N52
# kernels: 6.1 6.12
# budget: 6
# needs: ip
# modules: tun veth
. /trivet/lib.sh
. /trivet/lib-tcp.sh

# v0 is the kernel's end, 192.0.2.1 and fd00::1; at v1 it has no address, and keeps silent.
veth_up()
{
	modprobe veth
	$IP link add v0 type veth peer name v1
	echo 1 >/proc/sys/net/ipv6/conf/v1/disable_ipv6
	$IP addr add 192.0.2.1/24 dev v0
	$IP -6 addr add fd00::1/64 nodad dev v0
	for host in 192.0.2.2 fd00::2; do
		$IP neigh add $host lladdr "$(cat /sys/class/net/v1/address)" dev v0 nud permanent
	done
	$IP link set v1 up
	$IP link set v0 up
}

tun_up tun0
trap 'tun_down tun0 2>/dev/null; ! [ -e /sys/class/net/v0 ] || $IP link del v0; remove veth' EXIT
check "TCP and UDP beside the kernel's" tcp_kernel tun0 0
check "the same bytes where packets are lost" tcp_kernel tun0 10000
tun_down tun0
veth_up
check "by a packet socket" tcp_kernel v1 0 v0
