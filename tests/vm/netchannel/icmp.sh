#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What ICMP reports of a channel's packets: told as to sockets, counted exactly,
# and believed only if it is about the channel; the path's MTU.
# covers: N39
# budget: 5
# needs: nft
# modules: veth crc32c_generic nf_tables
. /trivet/lib.sh

modprobe veth
modprobe crc32c_generic
modprobe nf_tables
load netchannel
trap 'remove netchannel veth; modprobe -r nf_tables crc32c_generic 2>/dev/null' EXIT
nc_icmp
