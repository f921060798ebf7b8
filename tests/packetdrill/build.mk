# SPDX-License-Identifier: GPL-2.0
# N42: public packetdrill scripts against the stack in virtual time. SCRIPTS= others: folders,
# or files *.pkt.

.PHONY: check-packetdrill
check-packetdrill: lib
	$(Q)tests/packetdrill/run $(SCRIPTS)
