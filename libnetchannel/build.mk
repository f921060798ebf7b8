# SPDX-License-Identifier: GPL-2.0
## Library
##   lib               libnetchannel, shared and static (build/lib)

LIB_DIR := $(BUILD)/lib
LIB_SONAME := libnetchannel.so.0
LIB_SHARED := $(LIB_DIR)/libnetchannel.so.$(TRIVET_VERSION)
LIB_STATIC := $(LIB_DIR)/libnetchannel.a
LIB_WHOLE := $(LIB_DIR)/libnetchannel.o
LIB_PCAP := $(LIB_DIR)/libnetchannel-pcap.o
OBJCOPY ?= objcopy
LIB_MAP := libnetchannel/libnetchannel.map
LIB_LIBS := -lpcap
LIB_PACKETDRILL := $(LIB_DIR)/libnetchannel-packetdrill.so
PACKETDRILL_SOURCES := $(wildcard libnetchannel/packetdrill/*.c)
PACKETDRILL_OBJECTS := $(PACKETDRILL_SOURCES:%.c=$(BUILD)/lib/obj/%.o)
PACKETDRILL_MAP := libnetchannel/packetdrill/packetdrill.map
LIB_SOURCES := $(filter-out $(PACKETDRILL_SOURCES),$(wildcard libnetchannel/*.c libnetchannel/*/*.c))
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(BUILD)/lib/obj/%.o)

# One noun a file, and small functions: the compiler has to see all of them at once, which
# saves a fifth of the library's instructions. Who sets CFLAGS has his own way; clang's
# linker makes no object of this kind.
# Functions twice as large as by gcc's own limit go into their callers: 7 % less to run, of
# two fifths more code.
LIB_INLINES = --param max-inline-insns-auto=60 --param inline-unit-growth=200
LIB_LTO = $(if $(findstring clang,$(CC)),,-flto=auto $(LIB_INLINES))
LIB_OPTIMIZE = $(if $(filter file,$(origin CFLAGS)),-O3 $(LIB_LTO))

.PHONY: lib install-lib uninstall-lib
lib: $(LIB_SHARED) $(LIB_STATIC) $(LIB_PACKETDRILL) $(LIB_DIR)/libnetchannel.pc

$(LIB_DIR)/obj/%.o: %.c
	$(call echo-cmd,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) $(LIB_OPTIMIZE) -fPIC -fvisibility=hidden -Ilibnetchannel/include -c -o $@ $<
-include $(LIB_OBJECTS:.o=.d) $(PACKETDRILL_OBJECTS:.o=.d)

$(LIB_SHARED): $(LIB_OBJECTS) $(LIB_MAP)
	$(call echo-cmd,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LIB_OPTIMIZE) $(LDFLAGS) -shared -Wl,-soname,$(LIB_SONAME) -Wl,-z,defs \
		-Wl,--version-script=$(LIB_MAP) -o $@ $(LIB_OBJECTS) $(LIB_LIBS)
	$(Q)ln -sf $(notdir $@) $(LIB_DIR)/$(LIB_SONAME)
	$(Q)ln -sf $(LIB_SONAME) $(LIB_DIR)/libnetchannel.so

# What packetdrill loads: the library and one symbol.
$(LIB_PACKETDRILL): $(PACKETDRILL_OBJECTS) $(LIB_OBJECTS) $(PACKETDRILL_MAP)
	$(call echo-cmd,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LIB_OPTIMIZE) $(LDFLAGS) -shared -pthread -Wl,-z,defs \
		-Wl,--version-script=$(PACKETDRILL_MAP) -o $@ $(PACKETDRILL_OBJECTS) \
		$(LIB_OBJECTS) $(LIB_LIBS)

# One object: who links with it needs to know nothing of how it was made, and finds no name
# in it but those of the headers; and one that wants libpcap, for who uses it. Of LDFLAGS,
# what says for which machine, and by which linker.
LIB_LTO_USED = $(findstring -flto,$(CFLAGS) $(LIB_OPTIMIZE))
LIB_LTO_ENDS = $(if $(LIB_LTO_USED),-flto-partition=one -flinker-output=nolto-rel)
$(LIB_WHOLE): $(filter-out %/pcap.o,$(LIB_OBJECTS))
$(LIB_PCAP): $(filter %/pcap.o,$(LIB_OBJECTS))
$(LIB_WHOLE) $(LIB_PCAP): libnetchannel/build.mk
	$(call echo-cmd,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LIB_OPTIMIZE) $(filter -m% -B% -fuse-ld=% --sysroot=%,$(LDFLAGS)) \
		-r $(LIB_LTO_ENDS) -o $@ $(filter %.o,$^)
	$(Q)$(OBJCOPY) --localize-hidden $@

# clang's -flto, of whom has it in his CFLAGS, leaves no such object behind.
LIB_IS_BITCODE = $(and $(findstring clang,$(CC)),$(LIB_LTO_USED))
LIB_MEMBERS = $(if $(LIB_IS_BITCODE),$(LIB_OBJECTS),$(LIB_WHOLE) $(LIB_PCAP))
$(LIB_STATIC): $(LIB_MEMBERS)
	$(call echo-cmd,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(LIB_DIR)/libnetchannel.pc: libnetchannel/libnetchannel.pc.in VERSION
	$(Q)mkdir -p $(@D)
	$(Q)sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(TRIVET_VERSION)|' $< > $@

install-lib: lib
	$(Q)$(INSTALL) -d $(D)/lib/pkgconfig $(D)/include/netchannel
	$(Q)$(INSTALL) -m 755 $(LIB_SHARED) $(D)/lib/
	$(Q)cp -P $(LIB_DIR)/$(LIB_SONAME) $(LIB_DIR)/libnetchannel.so $(D)/lib/
	$(Q)$(INSTALL) -m 644 $(LIB_STATIC) $(D)/lib/
	$(Q)$(INSTALL) -d $(D)/lib/netchannel
	$(Q)$(INSTALL) -m 755 $(LIB_PACKETDRILL) $(D)/lib/
	$(Q)$(INSTALL) -m 755 libnetchannel/packetdrill/sysctl $(D)/lib/netchannel/
	$(Q)sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(TRIVET_VERSION)|' \
		libnetchannel/libnetchannel.pc.in > $(D)/lib/pkgconfig/libnetchannel.pc
	$(Q)$(INSTALL) -m 644 libnetchannel/include/netchannel/*.h $(D)/include/netchannel/
	$(Q)$(if $(DESTDIR),:,[ $$(id -u) -ne 0 ] || ldconfig)	# else the program links, and does not start

uninstall-lib:
	$(Q)rm -f $(D)/lib/libnetchannel.so* $(D)/lib/libnetchannel-packetdrill.so $(D)/lib/libnetchannel.a $(D)/lib/pkgconfig/libnetchannel.pc
	$(Q)rm -rf $(D)/include/netchannel $(D)/lib/netchannel
