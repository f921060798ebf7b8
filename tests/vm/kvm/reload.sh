#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Loaded and unloaded many times, a quarter of them while every CPU is busy, a guest run
# each tenth time; no descriptor, while one is open, lets it go; nothing of SVM is left on
# any CPU.
# covers: K22
# on: qemu bochs
# long-on: bochs2
# modules: msr
# budget: 8
. /trivet/lib.sh
. /trivet/lib-kvm.sh

count=$(reloads)
busy=
for i in $(seq $(nproc)); do
	while :; do :; done &
	busy="$busy $!"
done
trap 'kill $busy' EXIT
i=0
while [ $i -lt "$count" ]; do
	if [ $i = $((count / 4)) ]; then
		kill $busy
		trap - EXIT
	fi
	insmod /trivet/modules/devkvm.ko || fail "not loaded in round $i"
	[ $((i % 10)) != 0 ] || kvmctl run /trivet/guests/hello.bin >/dev/null || fail "guest in round $i"
	unload devkvm
	i=$((i + 1))
done
echo "ok: $count rounds"

load devkvm
check "an open descriptor of each kind keeps it" kvm_busy
if [ $vendor = svm ]; then
	modprobe msr || fail "modprobe msr"
	check "SVM is on while loaded" kvm_svm_state on
	unload devkvm
	check "SVM is off on every CPU" kvm_svm_state off
	remove msr
else
	unload devkvm
fi
