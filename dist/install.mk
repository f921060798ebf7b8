# SPDX-License-Identifier: GPL-2.0
## Installation (DESTDIR= and PREFIX=/usr/local)
##   install           modules, library, tools, headers, manual pages, completion
##   uninstall         takes them away again
##   dkms-install      the modules' sources for DKMS, built for each new kernel

INSTALL ?= install
D := $(DESTDIR)$(PREFIX)
MODULE_DIR = $(DESTDIR)/lib/modules/$(KRELEASE)/updates/trivet
DKMS_DIR := $(DESTDIR)/usr/src/trivet-$(TRIVET_VERSION)
UAPI := $(wildcard include/uapi/*.h)
MAN := $(wildcard docs/man/*.[1-8])
# Each function of a page of section 3 has a page that leads there.
MAN_ALIASES := $(shell cd docs/man && awk '/^\.Nd/ { names = 0 } \
	names && $$1 == ".Nm" { gsub(",", ""); for (i = 2; i <= NF; i++) print $$i ":" FILENAME } \
	/^\.Sh NAME/ { names = 1 }' *.3)
OWN_KO = $(MIRROR)/regdom/regdom.ko $(MIRROR)/netchannel/netchannel.ko $(MIRROR)/kvm/devkvm.ko

.PHONY: install uninstall install-modules install-lib install-tools install-headers install-man \
	dkms-install
install: install-modules install-lib install-tools install-headers install-man

install-modules: modules
	$(Q)$(INSTALL) -d $(MODULE_DIR)
	$(Q)$(INSTALL) -m 644 $(OWN_KO) $(MODULE_DIR)/
	$(Q)$(if $(DESTDIR),:,depmod $(KRELEASE))	# a package runs it where it is installed

install-tools: tools
	$(Q)$(INSTALL) -d $(D)/sbin $(D)/share/bash-completion/completions
	$(Q)for t in $(TOOLS); do \
		$(INSTALL) -m 755 $(BUILD)/bin/$$t $(D)/sbin/ && \
		$(BUILD)/bin/$$t completion > $(D)/share/bash-completion/completions/$$t || exit; \
	done
	$(Q)$(INSTALL) -m 755 $(HELPERS:%=$(BUILD)/bin/%) $(D)/sbin/

install-headers:
	$(Q)$(INSTALL) -d $(D)/include/trivet
	$(Q)$(INSTALL) -m 644 $(UAPI) $(D)/include/trivet/

install-man:
	$(Q)for m in $(MAN); do \
		dir=$(D)/share/man/man$${m##*.}; \
		$(INSTALL) -d $$dir && $(INSTALL) -m 644 $$m $$dir/ || exit; \
	done
	$(Q)for a in $(MAN_ALIASES); do \
		page=$${a#*:} alias=$(D)/share/man/man3/$${a%:*}.3; \
		[ -e $$alias ] || echo ".so man3/$$page" > $$alias || exit; \
	done

uninstall: uninstall-lib
	$(Q)rm -rf $(MODULE_DIR) $(D)/include/trivet
	$(Q)rm -f $(patsubst %,$(D)/sbin/%,$(TOOLS) $(HELPERS)) $(TOOLS:%=$(D)/share/bash-completion/completions/%)
	$(Q)rm -f $(foreach m,$(MAN),$(D)/share/man/man$(subst .,,$(suffix $(m)))/$(notdir $(m)))
	$(Q)rm -f $(foreach a,$(MAN_ALIASES),$(D)/share/man/man3/$(firstword $(subst :, ,$(a))).3)
	$(Q)$(if $(DESTDIR),:,depmod $(KRELEASE))	# a package runs it where it is installed

dkms-install:
	$(Q)$(INSTALL) -d $(DKMS_DIR)
	$(Q)cp -a modules.mk Kbuild VERSION compat include regdom netchannel kvm $(DKMS_DIR)/
	$(Q)cp dist/dkms.mk $(DKMS_DIR)/Makefile
	$(Q)sed 's/@VERSION@/$(TRIVET_VERSION)/' dist/dkms.conf > $(DKMS_DIR)/dkms.conf
