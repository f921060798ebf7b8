# SPDX-License-Identifier: GPL-2.0
## Tools
##   tools             regdomctl, netchanctl, kvmctl (build/bin)

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wformat=2 -Wno-unused-parameter
CFLAGS   ?= -O2 -g
USER_CFLAGS = -std=gnu11 $(WARNINGS) $(CFLAGS) $(SAME_PATHS) -Iinclude/uapi -MMD -MP \
	-DTRIVET_VERSION='"$(TRIVET_VERSION)"'

TOOLS := regdomctl netchanctl kvmctl
# What they run: beside them, but for nobody's command line.
HELPERS := regdomctl-signature
TOOL_COMMON := tools/common/tool.c tools/common/output.c
tool_objects = $(patsubst %.c,$(BUILD)/user/%.o,$(TOOL_COMMON) $(wildcard tools/$(1)/*.c) $(SOURCES_$(1))) $(OBJECTS_$(1))

# Libraries of each tool beside jansson: pkg-config names.
PKG_regdomctl := libnl-genl-3.0
# Pure parts of the module, and what else a tool needs.
SOURCES_regdomctl := regdom/db.c regdom/db_ext.c regdom/db_v20.c regdom/domain.c \
	regdom/power.c regdom/verdict.c
CFLAGS_regdomctl := -I.
LDLIBS_regdomctl := -lm
OBJECTS_regdomctl := $(BUILD)/user/iso3166.o
SOURCES_regdomctl-signature := tools/regdomctl/buffer.c
CFLAGS_regdomctl-signature := -I.
PKG_regdomctl-signature := libcrypto
PKG_netchanctl := libpcap
# Libraries of ours: their headers and archives.
CFLAGS_netchanctl := -Ilibnetchannel/include
LIBS_netchanctl = $(LIB_STATIC)

.PHONY: tools
tools: $(patsubst %,$(BUILD)/bin/%,$(TOOLS) $(HELPERS))

$(BUILD)/user/%.o: %.c
	$(call echo-cmd,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) $(EXTRA_CFLAGS) -c -o $@ $<

$(BUILD)/user/iso3166.o: $(BUILD)/user/iso3166.c
	$(call echo-cmd,CC,$<)
	$(Q)$(CC) $(USER_CFLAGS) -I. -c -o $@ $<
$(BUILD)/user/iso3166.c: scripts/iso3166
	$(Q)mkdir -p $(@D)
	$(Q)scripts/iso3166 > $@.new && mv $@.new $@

define tool_rules
$(BUILD)/bin/$(1): $$(call tool_objects,$(1)) $$(LIBS_$(1))
	$$(call echo-cmd,LD,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(shell pkg-config --libs jansson $$(PKG_$(1))) $$(LDLIBS_$(1))
$$(call tool_objects,$(1)): EXTRA_CFLAGS = $$(CFLAGS_$(1)) $$(if $$(PKG_$(1)),$$(shell pkg-config --cflags $$(PKG_$(1))))
-include $$(patsubst %.o,%.d,$$(call tool_objects,$(1)))
endef
$(foreach t,$(TOOLS) $(HELPERS),$(eval $(call tool_rules,$(t))))
