#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The owner makes entries in the guest's page tables, in every paging mode and by
# both protocols, and the guest uses them; nested tables are filled beforehand.
# budget: 2
# on: qemu bochs
# not-on: bochs/debug
# long-on: bochs-svm bochs
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "pages mapped by the owner" steady kvm_map
check "no machine is left" sh -c "kvmctl info | grep -q '^0 virtual machines now'"
unload devkvm
