# SPDX-License-Identifier: GPL-2.0
# The differential test of devkvm: one program, the known differences in it.

DIFF_SOURCES := $(wildcard tests/diff/*.c tests/diff/*.S)
DIFF_PROGRAM := $(TEST_BIN)/kvm/kvm_diff

$(DIFF_PROGRAM): $(DIFF_SOURCES) $(wildcard tests/diff/*.h tests/diff/*.txt)
	$(call echo-cmd,CC,tests/diff)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) -D_GNU_SOURCE -static -o $@ $(DIFF_SOURCES)
