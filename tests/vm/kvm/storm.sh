#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A guest that exits all the time, by each instruction that can, keeps nobody else
# from the processor: in virtual time, a thread on the same CPU is woken within 10 ms,
# and a signal ends the run.
# covers: K38
# on: time
# kernels: 6.1 6.12
# budget: 2
. /trivet/lib.sh

load devkvm
check "storms" kvm_storm
unload devkvm
