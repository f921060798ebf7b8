# SPDX-License-Identifier: GPL-2.0
# Sourced by the tests of this area, after lib.sh.

IP=/usr/bin/ip	# busybox's knows no TUN

# tun_up DEVICE: a TUN device, the kernel's end of it 192.0.2.1 and fd00::1; the
# library is .2 behind it.
tun_up()
{
	modprobe tun
	[ -c /dev/net/tun ] || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; }
	$IP tuntap add dev "$1" mode tun || fail "no TUN device"
	$IP addr add 192.0.2.1 peer 192.0.2.2 dev "$1"
	$IP -6 addr add fd00::1/64 nodad dev "$1"
	$IP link set "$1" up
}

tun_down()
{
	$IP tuntap del dev "$1" mode tun
	remove tun
}
