#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The library's TCP over channels on virtio-net of two queues, whose driver, unlike veth,
# has rings, interrupts and fragments of pages: stock curl fetches from it and it from
# busybox httpd, 3 MB, IPv4 and IPv6; and a cell of tcp/matrix. On the debug kernel in long
# runs, with the usual counts.
# covers: N44
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 6
# needs: ip curl
# modules: virtio_net virtio_pci veth
. /trivet/lib.sh
IP=/usr/bin/ip

modprobe -a virtio_pci virtio_net veth || fail "no virtio-net"
queues=$(ls -d /sys/class/net/eth0/queues/rx-* | wc -l)
check "virtio-net has 2 queues, or 1: the host has no TAP devices ($queues)" [ $queues = 2 -o $queues = 1 ]
load netchannel
usual_on_debug
trap 'kill $(jobs -p) 2>/dev/null; wait; no_hosts
	remove netchannel virtio_net veth; rm -rf /tmp/site' EXIT
check "1 % lost, 10 ms, reordered, duplicated, corrupted" tcp_matrix 112 "$(count 160 1)" 1 virtio
$IP netns add A && $IP netns add B || fail "no namespaces"
$IP link set eth0 netns A && $IP link set eth1 netns B || fail "no devices"
host_up A eth0 1
host_up B eth1 2
A="$IP netns exec A"
B="$IP netns exec B"
mkdir -p /tmp/site
dd if=/dev/urandom of=/tmp/site/page bs=100000 count=30 2>/dev/null
sum=$(md5sum </tmp/site/page)

$A netchanctl serve -a 10.0.0.1 -p 8080 /tmp/site &
wait_for 5 $B curl -s -o /dev/null http://10.0.0.1:8080/page
equal "curl fetches 3 MB" "$($B curl -sS http://10.0.0.1:8080/page | md5sum)" "$sum"
equal "3 at a time" \
	"$(for i in 1 2 3; do $B curl -sS http://10.0.0.1:8080/page & done | wc -c)" 9000000
$B httpd -f -p '[::]:80' -h /tmp/site &
wait_for 5 $A curl -s -o /dev/null http://10.0.0.2/page
for url in "10.0.0.1 http://10.0.0.2" "fd00::1 http://[fd00::2]"; do
	equal "the library fetches 3 MB, to ${url% *}" \
		"$($A netchanctl get -a "${url% *}" "${url#* }/page" | md5sum)" "$sum"
done
