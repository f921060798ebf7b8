#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Takes longer than 15 times its budget.
# budget: 0.5
# expect: over its time limit
touch /run/overtime
sleep 30
