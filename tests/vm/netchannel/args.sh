#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Bad arguments of every call, and random ones: exact errno, nothing changed.
# covers: N2 N33
# budget: 6
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_args
