#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Skips with a reason.
# expect-skip: no moon tonight
. /trivet/lib.sh
skip "no moon tonight"
