#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Is not there when its turn comes.
# expect: missing: its script is not in the machine
exit 0
