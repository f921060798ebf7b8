#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Claims the end of the run on the channel: it and the rest are missing.
# expect: missing: the machine ended without it
printf '@done\n' >/dev/ttyS1
sleep 2
