#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kvmctl runs guests as linkers make them, ELF of 32 and 64 bits and multiboot,
# through both protocols; shows their registers and memory afterwards, and
# makes an entry in their page tables. What is no guest is refused.
# on: qemu bochs
# kernels: 6.1 6.12
# budget: 5
. /trivet/lib.sh
. /trivet/lib-kvm.sh

kvmctl()
{
	steady_kvmctl "$@"
}

guests=/trivet/guests
load devkvm
echo typed >/tmp/typed
for abi in 12 2006; do
	got=$(kvmctl run $guests/hello.elf64 --abi $abi --input </tmp/typed)
	equal "64 bits ($abi)" "$(echo "$got" | sed -n 1,2p)" "Hello from long mode.
typed"
	check "it left through the port" sh -c "echo '$got' | grep -q 'with exit port, code 0, '"
done
equal "32 bits" "$(kvmctl run $guests/hello.elf32 | head -n 1)" "Hello from protected mode."
equal "multiboot" "$(kvmctl run $guests/hello.multiboot --mem 4 --cmdline 'one two' | sed -n 2p)" \
	"one two"
check "a guest that fails" ! kvmctl run $guests/hello.multiboot --mem 2
check "in JSON" sh -c "kvmctl -j run $guests/hello.elf64 | tr -d ' \n' | grep -q '\"exit_code\":0'"
for abi in 12 2006; do
	got=$(kvmctl run $guests/count.elf64 --vcpus 4 --abi $abi)
	equal "vCPUs together ($abi)" "$(echo "$got" | sed '/^\[/d' | sort | tr '\n' ,)" \
		"and the sum is right,vCPU 0 is through,vCPU 1 is through,vCPU 2 is through,vCPU 3 is through,"
done
# The descriptors, tables and stack are below 4 GiB, however much there is.
check "64 bits of much memory" kvmctl run $guests/hello.elf64 --mem 4097 --abi 2006
for kind in elf32 multiboot; do
	check "$kind of much memory" kvmctl run $guests/count.$kind --mem 4097
done
equal "an entry in much memory" "$(kvmctl map $guests/hello.elf64 0x8000000000 0x5000 --mem 4097 |
	tail -n 1)" "3 tables made, 0x8000000000 is 0x5000"
# One that has had its exits stops the others too, which have none.
# A port's instruction is done when it goes on. (CR8 is no exit of 2006.)
for kind in elf64:priority:12:100013 elf32:out:12:100004 elf32:out:2006:100004; do
	IFS=: read -r image last abi rip <<-EOF
	$kind
	EOF
	forever="$guests/forever.$image --vcpus 2 --max-exits 10 --abi $abi"
	equal "stopped ($image, $abi)" "$(kvmctl run $forever | sed 's/exits.*/exits/')" \
		"[protocol $abi: stopped after $last, 10 exits"
	equal "where ($image, $abi)" "$(kvmctl regs $forever | grep -o 'rip *[0-9a-f]*')" \
		"rip    0000000000$rip"
done
check "no vCPU too many" ! kvmctl run $guests/count.elf64 --vcpus 65

for abi in 12 2006; do
	kvmctl regs $guests/hello.elf64 --abi $abi >/tmp/regs || fail "regs ($abi)"
	check "long mode shows ($abi)" \
		grep -q '^cs     0010 base 0\{16\} limit ffffffff type b dpl 0 present 64-bit$' /tmp/regs
	equal "memory ($abi)" \
		"$(kvmctl dump $guests/hello.elf32 --at 0x101000 --size 16 --abi $abi | tail -n 1)" \
		"$(printf '%016x  48656c6c6f2066726f6d2070726f7465  Hello from prote' 0x101000)"
	check "linear is physical ($abi)" sh -c "kvmctl dump $guests/hello.elf64 --abi $abi \
		--at 0x101000 --linear | grep -q 'Hello from long '"
done
check "and in JSON" sh -c "kvmctl -j regs $guests/hello.elf32 | tr -d ' \n' | grep -q '\"selector\":16'"
check "in JSON" sh -c "kvmctl -j dump $guests/hello.elf32 --at 0x102000 --size 4 | grep -q '\"78563412\"'"
check "no memory there" ! kvmctl dump $guests/hello.elf32 --at 0x7ffffff0
equal "an entry" "$(kvmctl map $guests/hello.elf64 0x8000000000 0x5000 --write | tail -n 1)" \
	"3 tables made, 0x8000000000 is 0x5000"
equal "an entry (2006)" "$(kvmctl map $guests/hello.elf64 0x8000000000 0x5000 --abi 2006 | tail -n 1)" \
	"3 tables made, 0x8000000000 is 0x5000"
check "in JSON" sh -c "kvmctl -j map $guests/hello.elf64 0x8000000000 0x5000 | tr -d ' \n' | grep -q '\"tables\":3,'"
check "none without paging" ! kvmctl map $guests/hello.elf32 0x400000 0x5000

head -c 100 $guests/hello.elf64 >/tmp/cut
: >/tmp/empty
for bad in /tmp/cut /tmp/empty /trivet; do
	check "$bad is no guest" ! kvmctl run $bad
done
check "too little memory" ! kvmctl run $guests/hello.elf64 --mem 1
check "no such port" ! kvmctl run $guests/hello.elf64 --exit-port 65536
check "no machine is left" sh -c "kvmctl info | grep -q '^0 virtual machines now'"
rm /tmp/typed /tmp/regs /tmp/cut /tmp/empty
unload devkvm
