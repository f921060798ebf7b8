#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A policy that is gone costs nothing: an exit takes as many instructions as before it.
# on: time bochs
# kernels: 6.1 6.12
# budget: 2
. /trivet/lib.sh
. /trivet/lib-kvm.sh

# (Where Bochs' TSC is read, it may be some instructions behind.)
noise=4
[ $emulator = tcg ] || noise=16
load devkvm
check "before and after a policy" steady kvm_unwatched $noise
unload devkvm
