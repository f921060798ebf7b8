#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Ten thousand exits of a guest with vector registers in use, while its thread
# moves between CPUs: neither side finds the other's registers in its own.
# covers: K14 K31
# on: qemu bochs
# budget: 8
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "canaries" steady kvm_migrate $(count 10000 200000)
unload devkvm
