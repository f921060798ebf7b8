#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Skips and does not say why.
# expect: skipped without a reason
exit 77
