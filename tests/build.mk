# SPDX-License-Identifier: GPL-2.0
## Tests (the last line of each: N passed, N failed, N skipped)
##   check             all of the following, as CI runs it
##   check-unit        the pure parts, in user space, with ASan and UBSan
##   check-threads     libnetchannel's sockets under ThreadSanitizer
##   check-packetdrill public packetdrill scripts against libnetchannel  SCRIPTS=paths
##   check-vm          on QEMU, stock kernels   KERNEL=6.1|6.12  T=glob
##   check-vmx         on Bochs (Intel VMX)     KERNEL=...       T=glob
##   check-debug       on QEMU, debug kernel                     T=glob
##   check-long        long counts, random seeds, mutants  T=glob TIME=minutes COUNT= SEED=
##   check-mutants     the product broken line by line: the tests must see it  T=glob
##   fuzz              parsers under libFuzzer, longer        T=name  TIME=minutes
##   check-entry       the barriers around the entry to a guest, in the objects
##   check-build       both kernels and the debug one, W=1 and sparse, no warning
##   bench             speed beside the peer's, in instructions  B=area
##   demo              the three systems at work, on real input
##   style             checks of form

T ?= *
TEST_BIN := $(BUILD)/tests

# A C program tests/vm/AREA/NAME.c, tests/bench/NAME.c is build/tests/AREA/NAME
# (area `bench`), static where it can be, so that an image needs nothing more;
# with libnetchannel, for those that use it.
TEST_SOURCES := $(wildcard tests/vm/*/*.c) $(wildcard tests/bench/*.c)
TEST_PROGRAMS := $(patsubst tests/%.c,$(TEST_BIN)/%,$(subst tests/vm/,tests/,$(TEST_SOURCES)))

.PHONY: test-programs guests
test-programs: $(TEST_BIN)/agent $(TEST_PROGRAMS) $(TEST_BIN)/kvm/kvm_diff $(TEST_BIN)/tcp/tcp_lwip guests

$(TEST_BIN)/agent: tests/agent/agent.c
	$(call echo-cmd,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) -static -o $@ $<

define test_program
$(2): $(1) $(LIB_STATIC)
	$$(call echo-cmd,CC,$(1))
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(USER_CFLAGS) -Ilibnetchannel/include -static -pthread -o $$@ $(1) $(LIB_STATIC)
-include $(2).d
endef
$(foreach s,$(TEST_SOURCES),$(eval $(call test_program,$(s),$(TEST_BIN)/$(patsubst tests/%.c,%,$(subst tests/vm/,tests/,$(s))))))

# What tests/profile has QEMU count with.
$(TEST_BIN)/profiler/count.so: tests/profiler/count.c
	$(call echo-cmd,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) -fPIC -shared -o $@ $<

# Guests of devkvm: one .S each, linked flat to run at 0x1000; those in elf/ as
# ELF of both classes, and with a multiboot header.
GUEST_SOURCES := $(wildcard tests/guests/*.S)
ELF_GUESTS := $(basename $(notdir $(wildcard tests/guests/elf/*.S)))
ELF_GUESTS := $(foreach g,$(ELF_GUESTS),$(addprefix $(BUILD)/guests/$(g).,elf32 elf64 multiboot))
GUESTS := $(patsubst tests/guests/%.S,$(BUILD)/guests/%.bin,$(GUEST_SOURCES))
GUEST_ORIGIN ?= 0x1000
guests: $(GUESTS) $(ELF_GUESTS)
$(BUILD)/guests/%.bin: tests/guests/%.S
	$(call echo-cmd,AS,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -MMD -MP -MT $@ -MF $(@:.bin=.d) -c -o $(@:.bin=.o) $<
	$(Q)$(LD) -Ttext $(GUEST_ORIGIN) -e 0 --oformat binary -o $@ $(@:.bin=.o)
elf_guest = $(CC) $(1) -c -o $@.o $< && $(LD) -m $(2) -z noexecstack -Ttext 0x100000 -o $@ $@.o && rm $@.o
$(BUILD)/guests/%.elf32: tests/guests/elf/%.S
	$(call echo-cmd,AS,$@)
	$(Q)mkdir -p $(@D) && $(call elf_guest,-m32,elf_i386)
$(BUILD)/guests/%.elf64: tests/guests/elf/%.S
	$(call echo-cmd,AS,$@)
	$(Q)mkdir -p $(@D) && $(call elf_guest,-m64,elf_x86_64)
$(BUILD)/guests/%.multiboot: tests/guests/elf/%.S
	$(call echo-cmd,AS,$@)
	$(Q)mkdir -p $(@D) && $(call elf_guest,-m32 -DMULTIBOOT,elf_i386)
-include $(GUESTS:.bin=.d)

# tests/tcp/device.c stands in for /dev/netchannel
DEVICE_WRAPS := $(foreach f,open ioctl close ppoll mmap,-Wl,--wrap=$(f))

include tests/diff/build.mk
include tests/unit/build.mk
include tests/fuzz/build.mk
include tests/threads/build.mk
include tests/lwip/build.mk
include tests/packetdrill/build.mk

# What a run in machines needs, for the kernels that it uses.
.PHONY: vm-ready
vm-ready: lib tools test-programs

QEMU_BEDS := --bed qemu --bed qemu4 --bed time
.PHONY: check check-unit check-vm check-vmx check-debug check-long check-build check-runner style
check-vm: vm-ready $(if $(KERNEL),modules-$(KERNEL),modules-6.1 modules-6.12)
	$(Q)tests/run $(QEMU_BEDS) $(if $(KERNEL),--kernel $(KERNEL),--kernel 6.1 --kernel 6.12) --test '$(T)'
check-vmx: vm-ready $(if $(KERNEL),modules-$(KERNEL),modules-all)
	$(Q)tests/run --bed bochs --bed bochs2 $(if $(KERNEL),--kernel $(KERNEL)) --test '$(T)'
check-debug: vm-ready modules-debug
	$(Q)tests/run $(QEMU_BEDS) --kernel debug --test '$(T)'
check-runner: vm-ready modules-6.1 modules-debug
	$(Q)tests/runner/selftest.py

bench: vm-ready modules-all
	$(Q)tests/benchmark $(if $(B),--area $(B))
.PHONY: bench bench-gate bench-baseline demo
bench-gate: vm-ready modules-6.1
	$(Q)tests/benchmark --gate
bench-baseline: vm-ready modules-6.1
	$(Q)tests/benchmark --gate --baseline

.PHONY: check-entry
check-entry: modules-6.1 modules-6.12
	$(Q)tests/entry

check-build:
	$(Q)$(MAKE) modules-all && echo "1 passed, 0 failed, 0 skipped"

# The README's two commands: they set up what they need.
demo:
	$(Q)scripts/bootstrap packages programs kernels bochs
	$(Q)$(MAKE) vm-ready modules-6.1 modules-6.12
	$(Q)tests/demonstrate

CHECK_LIMIT_MIN ?= 80
check:
	$(Q)scripts/bootstrap
	$(Q)$(MAKE) -j$$(nproc) vm-ready modules-all $(BUILD)/unit/run || \
		{ echo "0 passed, 1 failed, 0 skipped"; exit 1; }
	$(Q)tests/run --limit-min $(CHECK_LIMIT_MIN) --expect-skips 0 \
		--aside 'unit=make -s check-unit' \
		--aside 'style=make -s style' \
		--aside 'entry=tests/entry' \
		--aside 'threads=make -s check-threads' \
		--aside 'packetdrill=make -s check-packetdrill' \
		--aside 'install=tests/install' \
		--aside 'regdomctl=tests/regdomctl' \
		--command 'runner=tests/runner/selftest.py' \
		--aside 'bench-gate=tests/benchmark --gate'

.PHONY: check-mutants
check-mutants:
	$(Q)tests/mutate --test '$(T)'
# TIME= in minutes; COUNT= and SEED=, if given, reach every test.
export TIME COUNT SEED
check-long: vm-ready modules-all $(BUILD)/unit/run
	$(Q)tests/long '$(T)'

style:
	$(Q)scripts/style
