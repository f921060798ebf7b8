#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Channels that share a port: listeners of two processes, rings, what a closed one leaves.
# covers: N3
# budget: 4
# needs: ip
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_share
