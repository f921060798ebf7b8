# SPDX-License-Identifier: GPL-2.0
# The kernel modules. kbuild writes beside the sources, so each kernel gets a
# mirror of the tree made of symbolic links, build/modules/<release>: builds
# for several kernels never meet, and the checkout stays clean.

## Modules
##   modules           regdom.ko, netchannel.ko, devkvm.ko (build/modules/<release>)
##     KERNEL=X        for a kernel of the cache: 6.1, 6.12 or debug
##     KDIR=DIR        for any header tree; default: the running kernel's
##     W=1 C=1         more warnings; sparse
##   modules-all       for 6.1, 6.12 (W=1, C=1) and debug (W=1); warnings are errors
##   modules-X         for one of them

ifdef KERNEL
KDIR := $(TRIVET_CACHE)/kernels/$(KERNEL)/build
# Links to what is there: from here the way to the mirror is the same in each checkout, and
# ccache knows again what it has compiled in another.
KBUILD_DIR := $(CURDIR)/$(BUILD)/kbuild/$(KERNEL)
else
KDIR ?= /lib/modules/$(shell uname -r)/build
KBUILD_DIR = $(KDIR)
endif
MODULE_SOURCES ?= Kbuild compat include regdom netchannel kvm tests/modules
KRELEASE = $(shell sed -n "s/.*UTS_RELEASE \"\(.*\)\"/\1/p" $(KDIR)/include/generated/utsrelease.h 2>/dev/null)
MIRROR ?= $(CURDIR)/$(BUILD)/modules/$(KRELEASE)

# The shadow headers of compat/ come before the kernel's own. The header
# packages of 6.12 ship a vmlinux for BTF, which needs pahole.
# (NOSTDINC_FLAGS comes first on the compiler's command line; the kernel's own
# value of it is -nostdinc, and set in the environment it would be lost.)
KBUILD_CALL = $(MAKE) -C $(KBUILD_DIR) M=$(MIRROR) \
	NOSTDINC_FLAGS='-nostdinc -I$(MIRROR)/compat' \
	$(if $(SAME_PATHS),KCFLAGS='$(strip $(KCFLAGS) $(SAME_PATHS))') \
	$(if $(Q),-s) $(if $(W),W=$(W)) $(if $(C),C=$(C)) \
	$(if $(shell command -v pahole),,CONFIG_DEBUG_INFO_BTF_MODULES=)

.PHONY: modules modules-all
modules:
	$(Q)test -n "$(KRELEASE)" || { \
		echo "make: no kernel headers in $(KDIR): install linux-headers-\$$(uname -r)," \
		     "or run 'make bootstrap' and say KERNEL=6.1 or KERNEL=6.12" >&2; exit 1; }
	$(call echo-cmd,MODULES,$(KRELEASE))
	$(Q)mkdir -p $(MIRROR)/tests
	$(Q)find $(MIRROR) -xtype l -delete
	$(Q)for s in $(MODULE_SOURCES); do \
		cp -asf $(CURDIR)/$$s $(MIRROR)/$$(dirname $$s)/ || exit; done
	$(if $(KERNEL),$(Q)mkdir -p $(KBUILD_DIR) && find $(KBUILD_DIR) -xtype l -delete && \
		ln -sfnt $(KBUILD_DIR) $(abspath $(KDIR))/* $(abspath $(KDIR))/.[!.]*)
	+$(Q)$(KBUILD_CALL) modules

# For the kernels of the cache, as tests use them: a warning is an error. What
# has warned is built anew the next time, since only what is compiled can warn.
# sparse would find nothing more in the debug kernel, which is 6.12 too; nor would kernel-doc,
# which reads only our sources, anywhere but where it is newest.
modules-all: modules-6.1 modules-6.12 modules-debug
modules-%: SHELL := /bin/bash -o pipefail
modules-%:
	$(Q)mkdir -p $(BUILD)/log
	$(Q)$(MAKE) modules KERNEL=$* W=1 $(if $(filter debug,$*),,C=1) \
		$(if $(filter 6.12,$*),,cmd_checkdoc=) 2>&1 | tee $(BUILD)/log/modules-$*.log
	$(Q)! grep -E 'warning:|error:|WARNING:|objtool:' $(BUILD)/log/modules-$*.log || { \
		rm -rf $(BUILD)/modules/$$(cat $(TRIVET_CACHE)/kernels/$*/release); exit 1; }
