# SPDX-License-Identifier: GPL-2.0
.PHONY: lib
lib:
