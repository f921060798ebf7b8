#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# libnetchannel: a TCP in user space, over a channel, with stock programs as peers.
# on: qemu
# kernels: 6.12
# budget: 20
# modules: veth
# needs: ip curl nginx setpriv
. /trivet/lib.sh
. /trivet/lib-tcp.sh
A="$IP netns exec A"
B="$IP netns exec B"

modprobe veth
load netchannel
$IP netns add A
$IP netns add B
trap 'kill $(jobs -p) 2>/dev/null; wait; $IP netns del A; $IP netns del B
	remove netchannel veth; rm -rf /tmp/site /tmp/nginx' EXIT
$IP -n A link add v0 type veth peer name v1 netns B
$IP -n A addr add 10.0.0.1/24 dev v0
$IP -n B addr add 10.0.0.2/24 dev v1
$IP -n A link set v0 up
$IP -n B link set v1 up
mkdir -p /tmp/site
dd if=/dev/urandom of=/tmp/site/page bs=1000 count=1000 2>/dev/null
sum=$(md5sum </tmp/site/page | cut -c1-32)

# nobody may have a channel for a port of his own
nobody="$A setpriv --reuid 65534 --clear-groups"

# Segments that the kernel's own TCP of A has sent, resets included.
kernel_sent()
{
	$A awk '/^Tcp:/ && $2 ~ /[0-9]/ { print $12 + $15 }' /proc/net/snmp
}

same()
{
	[ "$1" = "$sum" ] && echo "the same 1,000,000 bytes" || fail "other bytes: $1"
}

echo "Hosts A (10.0.0.1) and B (10.0.0.2). In A, netchanctl speaks TCP by itself,"
echo "as user nobody, over a channel; B has the kernel's TCP and stock programs."
echo
echo "1. Stock nginx in B, fetched from A:"
nginx_up $B
echo "     nobody@A: netchanctl get -a 10.0.0.1 http://10.0.0.2/page | md5sum"
echo "     $(same "$($nobody netchanctl get -a 10.0.0.1 http://10.0.0.2/page | md5sum | cut -c1-32)")"
echo "     nginx's log:  $(tail -n 1 /tmp/nginx/access | cut -d' ' -f1,6-9)"
echo "     TCP segments that A's kernel has sent: $(kernel_sent)"
echo
echo "2. A serves, stock curl in B fetches:"
$nobody netchanctl serve -a 10.0.0.1 -p 8080 /tmp/site &
wait_for 5 $A grep -q 8080 /proc/net/netchannel
before=$(kernel_sent)
echo "     nobody@A: netchanctl serve -a 10.0.0.1 -p 8080 /tmp/site"
echo "     root@B:   curl http://10.0.0.1:8080/page | md5sum"
echo "     $(same "$($B curl -sS http://10.0.0.1:8080/page | md5sum | cut -c1-32)")"
echo "     TCP segments that A's kernel has sent meanwhile: $(($(kernel_sent) - before))"
