#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A real-mode guest prints through OUT exits and halts, through both protocols;
# the text must be the guest file's own, the exits one for each byte and HLT.
# budget: 2
# on: qemu bochs
# not-on: bochs/debug
# long-on: bochs-svm bochs
. /trivet/lib.sh

load devkvm
want="Hello from real mode."
for abi in 12 2006; do
	got=$(kvmctl run /trivet/guests/hello.bin --abi $abi)
	equal "what the guest printed ($abi)" "$(echo "$got" | head -n 1)" "$want"
	equal "how it ended ($abi)" "$(echo "$got" | tail -n 1)" \
		"[protocol $abi: guest ended with hlt, 23 exits, 22 OUT, 0 IN]"
done
check "the node is closed to others" test "$(stat -c %a /dev/kvm)" = 660
check "no machine is left" sh -c "kvmctl info | grep -q '^0 virtual machines now'"
check "bad usage is refused" ! kvmctl run
check "a guest that is not there is refused" ! kvmctl run /nowhere
unload devkvm
