#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every kind of device below a channel: datagrams, super-frames and fragments. (The debug
# kernel has not all of these devices.)
# covers: N1
# kernels: 6.1 6.12
# budget: 8
# needs: ip nsenter tc
# modules: veth tun bridge bonding macvlan 8021q vrf virtio_net virtio_pci
. /trivet/lib.sh

for m in veth tun bridge macvlan 8021q vrf virtio_pci virtio_net; do
	modprobe $m || fail "modprobe $m: refused"
done
queues=$(ls -d /sys/class/net/eth0/queues/rx-* | wc -l)
check "virtio-net has 2 queues, or 1: the host has no TAP devices ($queues)" [ $queues = 2 -o $queues = 1 ]
modprobe bonding max_bonds=0 || fail "modprobe bonding: refused"
[ -c /dev/net/tun ] || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; }
load netchannel
trap 'rmmod netchannel; modprobe -r vrf macvlan bonding bridge 8021q tun veth virtio_net 2>/dev/null' EXIT
nc_media "$queues"
