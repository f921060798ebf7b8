#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Finds nothing of the test before.
. /trivet/lib.sh
check "no module of the test before" ! grep -q '^trivet_young ' /proc/modules
