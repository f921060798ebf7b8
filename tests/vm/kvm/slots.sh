#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Memory that the owner gives up while its slot is deleted or moved is the
# guest's no more, though a fault of another vCPU makes the change wait. Random
# changes are answered, and leave memory, as a model says.
# covers: K10
# on: qemu bochs
# not-on: bochs/debug
# long-on: qemu4 bochs2
# budget: 4
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
# It takes two vCPUs at a time.
[ $TRIVET_BED = bochs ] || check "slots that go" steady kvm_slots
check "as the model says" steady kvm_slot_model
unload_ours
