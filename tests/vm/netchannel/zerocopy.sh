#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Rings that send out of their own pages: what is told when, who copies, close in flight.
# covers: N20 N31
# budget: 4
# needs: ip
# modules: veth
. /trivet/lib.sh

modprobe veth
load netchannel
trap 'remove netchannel veth' EXIT
nc_zerocopy
