#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# As kvm/boot, on Intel's extension: as far as the decompressor. (To user space:
# kvm/boot-vmx-user.)
# on: bochs
# kernels: 6.1
# images: 6.1
# needs: jq
# budget: 2
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
linux_begins
unload devkvm
