# SPDX-License-Identifier: GPL-2.0
# N52: the library and Debian's lwIP.

LWIP_OBJECTS := $(BUILD)/lwip/host.o $(BUILD)/lwip/interop.o

$(BUILD)/lwip/%.o: tests/lwip/%.c
	$(call echo-cmd,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) -I. -Ilibnetchannel/include -isystem /usr/include/lwip -c -o $@ $<

$(BUILD)/lwip/interop: $(LWIP_OBJECTS) $(LIB_STATIC)
	$(call echo-cmd,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -pthread -o $@ $^ -llwip
-include $(LWIP_OBJECTS:.o=.d)

.PHONY: check-lwip
check-lwip: $(BUILD)/lwip/interop
	$(Q)$(BUILD)/lwip/interop
