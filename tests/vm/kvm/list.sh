#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kvmctl list finds the process that has a machine, and none when it has ended.
# budget: 2
# kernels: 6.1 6.12
# long-kernels: debug
. /trivet/lib.sh

load devkvm
check "nobody has one" test -z "$(kvmctl list)"
printf '\353\376' >/tmp/guest.bin		# jmp .
kvmctl run /tmp/guest.bin >/dev/null &
pid=$!
wait_for 5 sh -c "kvmctl list | grep -q ' 1 vCPUs'"
equal "it is" "$(kvmctl list)" "$(printf '%7u %-16s  1 machines   1 vCPUs   1 of the node' $pid kvmctl)"
check "a program sees it" sh -c "kvmctl -j list | tr -d ' \n' | grep -q '\"machines\":1,\"vcpus\":1'"
kill -9 $pid
wait $pid 2>/dev/null
check "it is gone" test -z "$(kvmctl list)"
check "list takes no arguments" ! kvmctl list all
rm /tmp/guest.bin
unload devkvm
