#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A router whose next link is smaller says so: the library's TCP, over a channel, learns
# it from what the channel hands over, and sends shorter segments; the kernel believes
# nothing that it cannot judge.
# covers: N39
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 5
# needs: ip curl
# modules: veth
. /trivet/lib.sh
IP=/usr/bin/ip

modprobe veth
load netchannel
for ns in A R B; do
	$IP netns add $ns
done
trap 'kill $(jobs -p) 2>/dev/null; wait; for ns in A R B; do $IP netns del $ns; done
	remove netchannel veth; rm -rf /tmp/site' EXIT
$IP -n A link add v0 type veth peer name r0 netns R
$IP -n B link add v1 type veth peer name r1 netns R
# address NAMESPACE DEVICE IPv4 IPv6
address()
{
	$IP -n $1 addr add $3/24 dev $2
	$IP -n $1 addr add $4/64 dev $2 nodad
}
address A v0 10.0.0.1 fd00::1
address R r0 10.0.0.254 fd00::254
address R r1 10.0.1.254 fd01::254
address B v1 10.0.1.2 fd01::2
$IP -n R link set r1 mtu 1300
for end in "A v0" "R r0" "R r1" "B v1"; do
	$IP -n ${end% *} link set ${end#* } up
done
# router NAMESPACE IPv4 IPv6
router()
{
	$IP -n $1 route add default via $2
	$IP -n $1 route add default via $3
}
router A 10.0.0.254 fd00::254
router B 10.0.1.254 fd01::254
$IP netns exec R sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
mkdir -p /tmp/site
dd if=/dev/urandom of=/tmp/site/page bs=1000 count=300 2>/dev/null

# How often the router has said that a packet is too big: over IPv4, over IPv6.
too_big4()
{
	$IP netns exec R awk '/^IcmpMsg:/ && !n { n = split($0, name); next }
		/^IcmpMsg:/ { for (i = 2; i <= n; i++) if (name[i] == "OutType3") print $i }' \
		/proc/net/snmp
}
too_big6()
{
	$IP netns exec R awk '$1 == "Icmp6OutPktTooBigs" { print $2 }' /proc/net/snmp6
}

# fetch OWN PEER URL COUNT: from a server at OWN, whose peer is PEER.
fetch()
{
	local told
	equal "300 kB from $1 by way of a link of 1300 bytes" \
		"$($IP netns exec B curl -gsS $3 | md5sum)" "$(md5sum </tmp/site/page)"
	told=$($4)
	# of more than 200 segments that would have been too long
	check "the router has said it, no more than 100 times: ${told:-never}" \
		test "${told:-0}" -ge 1 -a "${told:-0}" -le 100
	equal "the kernel has not believed it" "$($IP -n A route get $2 | grep -c 'mtu 1300')" 0
}

$IP netns exec A netchanctl serve -a 10.0.0.1 -p 8080 /tmp/site &
$IP netns exec A netchanctl serve -a fd00::1 -p 8080 /tmp/site &
wait_for 5 $IP netns exec A grep -q 10.0.0.1:8080 /proc/net/netchannel
wait_for 5 $IP netns exec A grep -qF '[fd00::1]:8080' /proc/net/netchannel
# Who asks for a neighbour while a device comes up may be told after 3 s that there is none.
check "IPv6 gets through" wait_for 5 $IP netns exec B busybox ping6 -c 1 -W 1 fd00::1
fetch 10.0.0.1 10.0.1.2 http://10.0.0.1:8080/page too_big4
fetch fd00::1 fd01::2 'http://[fd00::1]:8080/page' too_big6
