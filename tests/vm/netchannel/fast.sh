#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The attach mode FAST: privilege, past the firewall, what is left to IP, VLAN, lo.
# covers: N7 N14 N22 N34 N36
# budget: 8
# needs: ip nft
# modules: veth 8021q crc32c_generic nf_tables
. /trivet/lib.sh

for m in veth 8021q crc32c_generic nf_tables; do modprobe $m; done
load netchannel
trap 'rmmod netchannel; modprobe -r 8021q veth nf_tables crc32c_generic 2>/dev/null' EXIT
nc_fast
