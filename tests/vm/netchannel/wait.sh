#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Waiting for packets: blocking, limits, signals, poll, epoll, short buffers.
# covers: N10 N11 N12 N13
# budget: 6
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_wait
