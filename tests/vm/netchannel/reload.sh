#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Loading and unloading, again and again, under traffic that a channel claims between;
# refused while a descriptor is open.
# covers: N21
# budget: 10
# needs: ip nft
# modules: crc32c_generic nf_tables veth
. /trivet/lib.sh

modprobe crc32c_generic
modprobe nf_tables
modprobe veth
trap 'nft flush ruleset; remove netchannel veth
	modprobe -r nf_tables crc32c_generic 2>/dev/null' EXIT
# Hooks at the same places, so that ours are never the first or the last: the kernel
# patches its code then, which QEMU 7.2 may see half-done (tests/modules/trivet_pin.c).
nft 'table inet t { chain c { type filter hook input priority 0; }; }
	table netdev t { chain c { type filter hook ingress device lo priority 0; }; }'
case $TRIVET_KERNEL in
debug) nc_reload "$(count 15 100)" ;;
*) nc_reload "$(count 30 500)" ;;
esac
