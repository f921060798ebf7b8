# SPDX-License-Identifier: GPL-2.0
# N52 and N44: the library and Debian's lwIP in one program of a machine's; lwIP's headers
# replace the system's, so that its host is apart.

LWIP_PROGRAM := $(TEST_BIN)/tcp/tcp_lwip
LWIP_HOST := $(BUILD)/lwip/host.o

$(LWIP_HOST): tests/lwip/host.c
	$(call echo-cmd,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) -I. -isystem /usr/include/lwip -c -o $@ $<

$(LWIP_PROGRAM): tests/lwip/channels.c $(LWIP_HOST) $(LIB_STATIC)
	$(call echo-cmd,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) -Ilibnetchannel/include $(LDFLAGS) -pthread -o $@ $^ -llwip
-include $(LWIP_HOST:.o=.d) $(LWIP_PROGRAM).d
