# SPDX-License-Identifier: GPL-2.0
# N58: the library with ThreadSanitizer, and threads that do what they like to it.

THREADS_SOURCES := tests/threads/hammer.c tests/tcp/shared.c tests/tcp/device.c $(LIB_SOURCES)
THREADS_OBJECTS := $(THREADS_SOURCES:%.c=$(BUILD)/threads/%.o)

$(BUILD)/threads/%.o: %.c
	$(call echo-cmd,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) -fsanitize=thread -I. -Ilibnetchannel/include -c -o $@ $<

$(BUILD)/threads/hammer: $(THREADS_OBJECTS)
	$(call echo-cmd,LD,$@)
	$(Q)$(CC) -fsanitize=thread -pthread $(DEVICE_WRAPS) -o $@ $^ $(LIB_LIBS)
-include $(THREADS_OBJECTS:.o=.d)

# ThreadSanitizer of GCC 12 knows no machine with more than 28 bits of random addresses
.PHONY: check-threads
check-threads: $(BUILD)/threads/hammer
	$(Q)TSAN_OPTIONS=halt_on_error=1 setarch -R $(BUILD)/threads/hammer
