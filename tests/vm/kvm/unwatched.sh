#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A policy that is gone costs nothing: an exit takes as many instructions as before it.
# on: time
# kernels: 6.1 6.12
# budget: 2
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "before and after a policy" steady kvm_unwatched
unload devkvm
