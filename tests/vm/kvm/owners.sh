#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Whose a machine is: not its owner's child's; kvm_run mapped in every form, also
# beyond its end and not at all; users without rights, read-only descriptors, a
# confined process; and nothing that one has left is found by another. Their threads keep
# segments that have a base.
# covers: K14 K15 K16 K17 K35 K55
# on: qemu bochs
# not-on: bochs/debug
# long-on: bochs
# kernels: 6.1 debug
# needs: setpriv
# budget: 3
. /trivet/lib.sh
. /trivet/lib-kvm.sh

load devkvm
check "owners" steady kvm_owners
check "their segments" kvm_bases
chown 0:65534 /dev/kvm
for program in "kvm_legacy $emulator" kvm_threads kvm_map; do
	check "$program by a user of the node's group, without other rights" \
		steady /usr/bin/setpriv --reuid 65533 --regid 65534 --clear-groups $program
done
unload_ours
