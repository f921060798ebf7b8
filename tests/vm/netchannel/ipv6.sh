#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Channels over IPv6: flows, ports, forged and malformed packets, extension
# headers, fragments, ICMPv6, the firewall.
# covers: N1 N4 N6 N9 N14 N34 N36 N37
# budget: 6
# needs: nft
# modules: veth crc32c_generic nf_tables
. /trivet/lib.sh

modprobe veth
modprobe crc32c_generic
modprobe nf_tables
load netchannel
trap 'remove netchannel veth; modprobe -r nf_tables crc32c_generic 2>/dev/null' EXIT
nc_ipv6
