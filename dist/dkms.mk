# SPDX-License-Identifier: GPL-2.0
# The Makefile of the DKMS source tree: the modules, and nothing else.
TRIVET_VERSION := $(shell cat VERSION)
BUILD := .
MIRROR := $(CURDIR)/mirror
MODULE_SOURCES := Kbuild compat include regdom netchannel kvm
Q := @
echo-cmd = @:
export TRIVET_VERSION
include modules.mk
