#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Who keeps a channel and its namespace alive, and what their end leaves.
# covers: N15 N16 N17 N18 N19 N20 N22 N23
# budget: 12
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_life
