#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# On Intel's extension kvmctl alone boots Debian's own kernels, 6.1 and 6.12, to user space,
# and until that resets the machine.
# on: bochs
# kernels: none
# long-kernels: 6.1 6.12
# images: 6.1 6.12
# budget: 30
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
boot_linux 6.1
boot_linux 6.12
unload devkvm
