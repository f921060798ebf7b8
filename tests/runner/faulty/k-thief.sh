#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Takes the next test's script away.
rm /trivet/tests/faulty/l-missing.sh
