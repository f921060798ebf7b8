#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Descriptors that say when their packet is to leave, by a queue that obeys.
# budget: 2
# kernels: 6.1 6.12
# long-kernels: debug
# needs: ip tc
# modules: veth sch_fq
. /trivet/lib.sh

modprobe veth
modprobe sch_fq
load netchannel
trap 'remove netchannel sch_fq veth' EXIT
nc_pace
