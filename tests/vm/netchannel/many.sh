#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a packet costs among 10,000 channels, and among those of an attacker, who guesses
# the tables' key, or knows it.
# covers: N24 N25
# on: time
# kernels: 6.1 6.12
# budget: 7
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
load netchannel_key
trap 'remove netchannel_key netchannel veth' EXIT
nc_many
