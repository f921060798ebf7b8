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
$IP -n A addr add 10.0.0.1/24 dev v0
$IP -n R addr add 10.0.0.254/24 dev r0
$IP -n R addr add 10.0.1.254/24 dev r1
$IP -n B addr add 10.0.1.2/24 dev v1
$IP -n R link set r1 mtu 1300
for end in "A v0" "R r0" "R r1" "B v1"; do
	$IP -n ${end% *} link set ${end#* } up
done
$IP -n A route add default via 10.0.0.254
$IP -n B route add default via 10.0.1.254
$IP netns exec R sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
mkdir -p /tmp/site
dd if=/dev/urandom of=/tmp/site/page bs=1000 count=300 2>/dev/null

# How often the router has said that a packet is too big.
too_big()
{
	$IP netns exec R awk '/^IcmpMsg:/ && !n { n = split($0, name); next }
		/^IcmpMsg:/ { for (i = 2; i <= n; i++) if (name[i] == "OutType3") print $i }' \
		/proc/net/snmp
}

$IP netns exec A netchanctl serve -a 10.0.0.1 -p 8080 /tmp/site &
wait_for 5 $IP netns exec A grep -q 10.0.0.1:8080 /proc/net/netchannel
equal "300 kB by way of a link of 1300 bytes" \
	"$($IP netns exec B curl -sS http://10.0.0.1:8080/page | md5sum)" \
	"$(md5sum </tmp/site/page)"
told=$(too_big)
# of more than 200 segments that would have been too long
check "the router has said it, no more than 100 times: ${told:-never}" \
	test "${told:-0}" -ge 1 -a "${told:-0}" -le 100
equal "the kernel has not believed it" \
	"$($IP -n A route get 10.0.1.2 | grep -c 'mtu 1300')" 0
