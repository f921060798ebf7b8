# SPDX-License-Identifier: GPL-2.0
# Unit tests: the pure parts, compiled for user space with sanitizers. A file
# tests/unit/test_NOUN.c defines `Suite *NOUN_suite(void)`; the suites that
# there are make up the program.

UNIT_TESTS := $(wildcard tests/unit/test_*.c)
UNIT_SUITES := $(patsubst tests/unit/test_%.c,%,$(UNIT_TESTS))
# The pure files under test, as their tests name them: `/* unit: FILE... */`.
UNIT_SUBJECTS := $(sort $(shell sed -n 's|^/\* unit: \(.*\) \*/|\1|p' $(UNIT_TESTS) /dev/null))
UNIT_OBJECTS := $(patsubst %.c,$(BUILD)/unit/%.o,$(UNIT_TESTS) $(UNIT_SUBJECTS) tests/unit/main.c)
# Compiled once and run once: with -O1 that takes half as long, and the tests no longer. The
# sanitizers name lines, for which -g1 is enough.
UNIT_CFLAGS = $(USER_CFLAGS) -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -I. \
	-Ilibnetchannel/include $(shell pkg-config --cflags check)

$(BUILD)/unit/%.o: %.c
	$(call echo-cmd,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(UNIT_CFLAGS) -c -o $@ $<

$(BUILD)/unit/tests/unit/main.o: $(BUILD)/unit/suites.h
$(BUILD)/unit/tests/unit/main.o: USER_CFLAGS += -I$(BUILD)/unit
# the folder is newer also where a test is gone
$(BUILD)/unit/suites.h: $(UNIT_TESTS) tests/unit
	$(Q)mkdir -p $(@D)
	$(Q)printf 'SUITE(%s)\n' $(UNIT_SUITES) > $@

# test_seeds.c has several fuzzers, which would all have the same name
$(BUILD)/unit/tests/fuzz/fuzz_%.o: UNIT_CFLAGS += -DLLVMFuzzerTestOneInput=$(notdir $*)

# tests/tcp/device.c is the kernel behind descriptors of its own
UNIT_WRAPS := $(DEVICE_WRAPS)
# test_allocation.c refuses memory
UNIT_WRAPS += -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=reallocarray
# test_tcp_scoreboard.c counts
UNIT_WRAPS += -Wl,--wrap=tcp_scoreboard_at

$(BUILD)/unit/run: $(UNIT_OBJECTS)
	$(call echo-cmd,LD,$@)
	$(Q)$(CC) -fsanitize=address,undefined $(UNIT_WRAPS) -o $@ $^ $(shell pkg-config --libs check jansson libpcap) -lm -lZydis
-include $(UNIT_OBJECTS:.o=.d)

check-unit: $(BUILD)/unit/run lib tools
	$(Q)$(BUILD)/unit/run
