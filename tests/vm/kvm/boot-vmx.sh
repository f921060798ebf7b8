#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# As kvm/boot, on Intel's extension: to user space in a long run, else as far as the
# decompressor.
# on: bochs
# kernels: 6.1
# images: 6.1
# needs: jq
# budget: 3
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
linux_begins
[ -z "$LONG" ] || boot_linux
unload devkvm
