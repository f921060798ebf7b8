# SPDX-License-Identifier: GPL-2.0
"""Where things are: the checkout, the cache, the kernels."""

import os
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
CACHE = Path(os.environ.get("TRIVET_CACHE") or
             Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trivet")
KERNELS = ("6.1", "6.12", "debug")


class Missing(Exception):
    """Something that a script of this project provides is not there."""


class Kernel:
    """A kernel of the cache, by series ("6.1", "6.12", "debug"), or any
    kernel image, by its path: then its modules are sought beside it."""

    def __init__(self, name):
        self.name = name
        if name in KERNELS:
            self.directory = CACHE / "kernels" / name
            self.image = self.directory / "vmlinuz"
        else:
            self.image = Path(name).resolve()
            self.directory = self.image.parent
        if not self.image.exists():
            raise Missing(f"no kernel {name} ({self.image}): run 'make bootstrap'")
        self.release = (self.directory / "release").read_text().strip()
        self.modules = self.directory / "modules" / "lib" / "modules" / self.release
        self.own_modules = BUILD / "modules" / self.release

    @property
    def is_debug(self):
        return self.name == "debug"
