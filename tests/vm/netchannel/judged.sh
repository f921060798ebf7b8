#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A program has the verdict on packets (nfqueue), which come from its process then. (The
# debug kernel has no such queues.)
# covers: N37
# kernels: 6.1 6.12
# budget: 2
# needs: nft
# modules: veth crc32c_generic nf_tables nft_queue nfnetlink_queue
. /trivet/lib.sh

for m in veth crc32c_generic nf_tables nft_queue nfnetlink_queue; do
	modprobe $m || fail "modprobe $m: refused"
done
load netchannel
trap 'remove netchannel nft_queue nfnetlink_queue veth; modprobe -r nf_tables crc32c_generic 2>/dev/null' EXIT
nc_judged
