#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Descriptors that are ready for what their holders say: poll, select, epoll of each kind.
# covers: N11
# budget: 2
. /trivet/lib.sh

load netchannel
trap 'remove netchannel' EXIT
nc_readiness
