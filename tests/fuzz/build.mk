# SPDX-License-Identifier: GPL-2.0
# Fuzzers of the pure parts (libFuzzer, with ASan and UBSan): a file
# tests/fuzz/fuzz_NOUN.c is build/fuzz/NOUN.

FUZZ_CC ?= clang
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SUBJECTS := tests/fuzz/fuzz.c $(wildcard regdom/db*.c) regdom/domain.c \
	$(wildcard tools/regdomctl/dbtext*.c tools/regdomctl/encode_*.c) \
	$(addprefix tools/regdomctl/,arena.c buffer.c draft.c)
FUZZ_CFLAGS := -std=gnu11 -Wall -O1 -g -I. -Iinclude/uapi \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

$(BUILD)/fuzz/%: tests/fuzz/fuzz_%.c $(FUZZ_SUBJECTS) $(wildcard regdom/*.h tools/regdomctl/*.h) \
		tests/fuzz/fuzz.h include/uapi/regdom.h
	$(call echo-cmd,FUZZ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -o $@ $< $(FUZZ_SUBJECTS) -lm

.PHONY: fuzz
fuzz: $(FUZZ_TARGETS) tools
	$(Q)tests/fuzz/run '$(T)'
