#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The library's TCP over a channel, without a device of its own: stock curl in one
# namespace fetches from it in another, it fetches from busybox httpd, and the
# kernel, which has the same address, says nothing to either; then it speaks again.
# budget: 6
# kernels: 6.1 6.12
# long-kernels: debug
# needs: ip curl
# modules: veth
. /trivet/lib.sh
IP=/usr/bin/ip

load netchannel
trap 'kill $(jobs -p) 2>/dev/null; wait; no_hosts
	remove netchannel veth; rm -rf /tmp/site' EXIT
two_hosts
A="$IP netns exec A"
B="$IP netns exec B"
mkdir -p /tmp/site
dd if=/dev/urandom of=/tmp/site/page bs=1000 count=300 2>/dev/null
sum=$(md5sum </tmp/site/page)

# What the kernel has sent of TCP, resets included.
segments()
{
	$A awk '/^Tcp:/ && $2 ~ /[0-9]/ { print $12 + $15 }' /proc/net/snmp
}

$A netchanctl serve -a 10.0.0.1 -p 8080 /tmp/site &
server=$!
wait_for 5 $B curl -s -o /dev/null http://10.0.0.1:8080/page
before=$(segments)	# it has refused until there was a server
equal "curl fetches 300 kB" "$($B curl -sS http://10.0.0.1:8080/page | md5sum)" "$sum"
equal "3 at a time" \
	"$(for i in 1 2 3; do $B curl -sS http://10.0.0.1:8080/page & done | wc -c)" 900000
check "the port is taken" ! $A netchanctl serve -a 10.0.0.1 -p 8080 /tmp/site 2>/dev/null
equal "what the kernel has sent since" "$(segments)" "$before"
kill $server
wait $server
check "the kernel refuses again" ! $B curl -s -o /dev/null http://10.0.0.1:8080/page

$B httpd -f -p 10.0.0.2:80 -h /tmp/site &
wait_for 5 $A curl -s -o /dev/null http://10.0.0.2/page
equal "the library fetches 300 kB" \
	"$($A netchanctl get -a 10.0.0.1 http://10.0.0.2/page | md5sum)" "$sum"

$A netchanctl serve -a fd00::1 -p 8080 /tmp/site &
wait_for 5 $B curl -gs -o /dev/null 'http://[fd00::1]:8080/page'
equal "curl fetches 300 kB, IPv6" \
	"$($B curl -gsS 'http://[fd00::1]:8080/page' | md5sum)" "$sum"
equal "the library fetches 300 kB, IPv6" \
	"$($B netchanctl get -a fd00::2 'http://[fd00::1]:8080/page' | md5sum)" "$sum"
