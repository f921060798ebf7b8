#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Channels that discard, and those of other protocols, with and without a filter; and what
# comes of TCP in frames of more than 64 KB.
# covers: N8 N9 N14 N27 N35
# budget: 5
# modules: veth tun
. /trivet/lib.sh

modprobe veth
modprobe tun
[ -c /dev/net/tun ] || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; }
load netchannel
trap 'remove netchannel veth tun' EXIT
nc_types && nc_big
