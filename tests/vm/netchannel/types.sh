#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Channels that discard, and those of other protocols, with and without a filter.
# covers: N8 N9 N14 N27
# budget: 5
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_types
