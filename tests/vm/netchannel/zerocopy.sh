#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Rings that send out of their own pages: what is told when, who copies, close in flight.
# covers: N20 N31
# budget: 4
# needs: ip tc
# modules: veth sch_netem
. /trivet/lib.sh

modprobe veth
modprobe sch_netem
load netchannel
trap 'remove netchannel sch_netem veth' EXIT
nc_zerocopy
