#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs all the same, in a fresh boot.
. /trivet/lib.sh
check "true" true
