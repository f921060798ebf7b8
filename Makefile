# SPDX-License-Identifier: GPL-2.0
# For people. `make help` lists the targets; kbuild reads Kbuild, not this.

TRIVET_VERSION := $(shell cat VERSION)
TRIVET_CACHE   ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/trivet
PREFIX         ?= /usr/local
BUILD          := build
export TRIVET_CACHE TRIVET_VERSION
# What one checkout has compiled serves all, since the paths in it are relative; not where nothing
# else is kept outside of the checkout. (Options by what is installed alone: who installs as root
# must not compile anew.)
ifneq ($(wildcard /usr/lib/ccache/gcc),)
SAME_PATHS := -fdebug-prefix-map=$(CURDIR)=.
CCACHE := $(abspath $(TRIVET_CACHE))/ccache
ifeq ($(shell test -d "$(TRIVET_CACHE)" && mkdir -p "$(CCACHE)" 2>&1 && test -w "$(CCACHE)" && \
	echo yes),yes)
export PATH := /usr/lib/ccache:$(PATH:/usr/lib/ccache:%=%)
export CCACHE_DIR := $(CCACHE)
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_MAXSIZE := 1G
export CCACHE_ABSSTDERR := 1
endif
endif

ifeq ($(V),1)
Q :=
else
Q := @
MAKEFLAGS += --no-print-directory
endif
echo-cmd = $(if $(Q),@printf '  %-7s %s\n' $(1) $(2),@:)

.PHONY: all
all: modules lib tools

include modules.mk
include libnetchannel/build.mk
include tools/build.mk
include tests/build.mk
include dist/install.mk

.PHONY: bootstrap clean help
bootstrap:
	$(Q)scripts/bootstrap

clean:
	$(Q)rm -rf $(BUILD)

help:
	$(Q)sed -n 's/^## //p' Makefile modules.mk libnetchannel/build.mk tools/build.mk tests/build.mk dist/install.mk

## Targets
##   all               modules, lib and tools
##   bootstrap         set up this machine: packages, kernels, Bochs (cached)
##   clean             remove build/ (the cache in ~/.cache/trivet stays)
## Variables for all of them
##   V=1               show the commands
