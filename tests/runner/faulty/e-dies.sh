#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Dies.
# expect: died by signal 9
kill -9 $$
