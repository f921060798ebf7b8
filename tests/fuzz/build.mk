# SPDX-License-Identifier: GPL-2.0
# Fuzzers of the pure parts (libFuzzer, with ASan and UBSan): a file
# tests/fuzz/fuzz_NOUN.c is build/fuzz/NOUN.

FUZZ_CC ?= clang
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SUBJECTS := tests/fuzz/fuzz.c $(wildcard regdom/db*.c) regdom/domain.c \
	$(addprefix regdom/,coarse.c intersect.c power.c verdict.c) \
	$(wildcard tools/regdomctl/dbtext*.c tools/regdomctl/encode_*.c) \
	$(addprefix tools/regdomctl/,arena.c buffer.c classes.c draft.c) \
	$(wildcard $(addprefix libnetchannel/,tcp/*.c wire/*.c stack/*.c)) \
	libnetchannel/link/joined.c $(addprefix tests/tcp/,message.c network.c observer.c twin.c) \
	$(addprefix kvm/x86/,access.c alu.c decode.c emulate.c) \
	tools/kvmctl/image.c
FUZZ_OBJECTS := $(FUZZ_SUBJECTS:%.c=$(BUILD)/fuzz/object/%.o)
FUZZ_SANITIZE := address,undefined -fno-sanitize-recover=all
FUZZ_CFLAGS := -std=gnu11 -Wall -O1 -g -I. -Iinclude/uapi -MMD -MP \
	-fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE)

$(BUILD)/fuzz/object/%.o: %.c
	$(call echo-cmd,FUZZ,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -c -o $@ $<

$(FUZZ_TARGETS): $(BUILD)/fuzz/%: $(BUILD)/fuzz/object/tests/fuzz/fuzz_%.o $(FUZZ_OBJECTS)
	$(call echo-cmd,LD,$@)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,$(FUZZ_SANITIZE) -o $@ $^ -lm
-include $(FUZZ_OBJECTS:.o=.d) $(FUZZ_TARGETS:$(BUILD)/fuzz/%=$(BUILD)/fuzz/object/tests/fuzz/fuzz_%.d)

.PHONY: fuzz
fuzz: $(FUZZ_TARGETS) tools
	$(Q)tests/fuzz/run '$(T)'
