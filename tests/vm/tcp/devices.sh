#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The library's TCP over channels on what is no Ethernet: loopback, to sockets of the same host,
# with another address and with the same one, and a TUN device. IPv4 and IPv6. And over devices
# that go: a channel of any device goes on by another, one of mode FAST is over.
# covers: N52
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 3
# needs: ip
# modules: tun veth
. /trivet/lib.sh

modprobe -a tun veth
[ -c /dev/net/tun ] || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; }
load netchannel
trap 'remove netchannel veth tun' EXIT
check "loopback" tcp_devices lo
check "TUN" tcp_devices tun
check "devices that go" tcp_devices gone
