#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the administrator says of sockets holds for channels: nftables INPUT,
# OUTPUT, the owner's uid, conntrack, cgroups and their programs, IPsec policy.
# covers: N37 N38
# budget: 14
# needs: nft
# modules: veth crc32c_generic nf_tables nft_ct nf_conntrack nft_socket xfrm_user esp4 authenc crypto_null
. /trivet/lib.sh

modprobe veth
modprobe crc32c_generic
for m in nf_tables nft_ct nft_socket xfrm_user crypto_null authenc esp4; do modprobe $m; done
load netchannel
# conntrack hooks itself up after the channels in one run, before them in the other
trap 'rmmod netchannel; modprobe -r esp4 authenc crypto_null xfrm_user veth nft_socket nft_ct nf_conntrack nf_tables crc32c_generic 2>/dev/null' EXIT
nc_policy late && { ! thorough || nc_policy early; }
