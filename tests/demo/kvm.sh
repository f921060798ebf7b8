#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# devkvm runs a small real-mode guest through both protocols of /dev/kvm, and one
# in long mode with four virtual CPUs.
# on: qemu bochs
# kernels: 6.1
# modules: kvm_amd kvm_intel
# budget: 10
. /trivet/lib.sh

load devkvm
echo "The module that owns /dev/kvm now:"
kvmctl info | head -n 3 | sed 's/^/    /'
echo
echo "A guest of $(wc -c < /trivet/guests/hello.bin) bytes, in real mode; it prints by OUT to the serial"
echo "port and halts. Each OUT ends the guest's run and comes to kvmctl."
echo
echo "Through the protocol of October 2006: open(/dev/kvm) is the machine, its"
echo "memory comes from the kernel:"
kvmctl run /trivet/guests/hello.bin --abi 2006 | sed 's/^/    /'
echo
echo "Through today's (API 12): KVM_CREATE_VM, memory of the process:"
kvmctl run /trivet/guests/hello.bin --abi 12 | sed 's/^/    /'
echo
echo "An ELF file in long mode: four virtual CPUs, each in a thread, add to one"
echo "counter; the first waits for all and looks whether anything was lost:"
kvmctl run /trivet/guests/count.elf64 --vcpus 4 | sed 's/^/    /'
echo "The registers of a guest that has ended, and where its own page tables map it:"
kvmctl regs /trivet/guests/hello.elf64 | grep -E '^(rip|cs|cr0|cr4)|Hello' | sed 's/^/    /'
kvmctl map /trivet/guests/hello.elf64 0x8000000000 0x101000 | tail -n 1 | sed 's/^/    /'
echo
if grep -q '\<svm\>' /proc/cpuinfo; then in_tree=kvm_amd; else in_tree=kvm_intel; fi
echo "Two hypervisors on one machine? modprobe $in_tree:"
modprobe $in_tree 2>&1 | sed 's/^/    /'
dmesg | grep 'refused: devkvm' | tail -n 1 | sed 's/.*devkvm:/    kernel log: devkvm:/'
unload devkvm
