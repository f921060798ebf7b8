# SPDX-License-Identifier: GPL-2.0
"""The test beds: images, machines, and what they are made of."""
