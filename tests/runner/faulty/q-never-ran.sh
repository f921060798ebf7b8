#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Comes after the forged end.
# expect: missing: the machine ended without it
exit 0
