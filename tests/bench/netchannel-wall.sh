#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Batches of datagrams between two processes on two processors, by the clock: rings beside UDP
# sockets with sendmmsg() and recvmmsg(), over veth and virtio-net. Noisy: the emulator's
# processors are threads of a host that does other things.
# on: qemu
# kernels: 6.1 6.12
# repeat: 5
# gate: no
# needs: ip nsenter
# modules: veth virtio_net virtio_pci
# budget: 20
. /trivet/lib.sh

modprobe -a veth virtio_pci virtio_net || fail "no devices"
[ "$(ls -d /sys/class/net/eth0/queues/rx-* | wc -l)" = 2 ] ||
	fail "not two queues: see scripts/beds/nics.py"
load netchannel
trap 'remove netchannel virtio_net veth' EXIT
nc_wall veth-smp2 v0 v1 || fail "veth"
nc_wall virtio-smp2 eth0 eth1 || fail "virtio-net"
