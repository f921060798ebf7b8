#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Local ports: one owner among channels and sockets, as bind() would decide.
# covers: N3 N4 N5 N6
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 3
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_own
