# SPDX-License-Identifier: GPL-2.0
"""What tests there are, and what each says of itself in its header."""

import fnmatch
import re
from dataclasses import dataclass, field
from pathlib import Path

from beds.machine import BEDS, is_bochs
from beds.paths import KERNELS, TOP

TAINT_LETTERS = "PFSRMBUDAWCIOELKXTN"     # bit 0 is P (or G), bit 1 F, ...
SLOW = 5        # a debug kernel and Bochs run this many times slower


class BadHeader(Exception):
    """A test's header does not say what docs/testing.md asks for."""


@dataclass
class Test:
    name: str
    path: Path
    on: list = field(default_factory=lambda: ["qemu"])
    kernels: list = field(default_factory=lambda: list(KERNELS))
    not_on: list = field(default_factory=list)      # of their pairs, as BED/KERNEL
    long_on: list = field(default_factory=list)     # in a long run, on each of its kernels
    long_kernels: list = field(default_factory=list)    # in a long run, on each of its usual beds
    budget: float = 3
    needs: list = field(default_factory=list)
    modules: list = field(default_factory=list)
    stock_modules: list = field(default_factory=list)   # which the debug kernel has not
    files: list = field(default_factory=list)
    images: list = field(default_factory=list)
    covers: list = field(default_factory=list)
    expect_taint: str = ""
    repeat: int = 1
    cmdline: list = field(default_factory=lambda: [""])

    @property
    def area(self):
        return self.name.split("/")[0]

    def runs_on(self, bed, kernel, long=False):
        if kernel not in self.kernels:
            return long and kernel in self.long_kernels and bed in self.on
        usual = bed in self.on and f"{bed}/{kernel}" not in self.not_on
        return usual or long and bed in self.long_on

    def modules_of(self, kernel):
        return self.modules + ([] if kernel == "debug" else self.stock_modules)

    def budget_s(self, bed, kernel):
        slow = (SLOW if kernel == "debug" else 1) * (SLOW if is_bochs(bed) else 1)
        return self.budget * min(slow, 3 * SLOW)

    def expected_taint(self):
        return sum(1 << TAINT_LETTERS.index(c) for c in self.expect_taint)


def read_header(path):
    """The `# key: words` lines at the top of a script."""
    values = {}
    for number, line in enumerate(path.read_text().splitlines()):
        if not line.startswith("#"):
            break
        match = re.match(r"# ([a-z-]+): (.*)", line)
        if match and number:
            values.setdefault(match[1], []).append(match[2].strip())
    return values


def read_test(name, path):
    test = Test(name, path)
    for key, lines in read_header(path).items():
        words = " ".join(lines).split()
        if key in ("on", "kernels", "not-on", "long-on", "long-kernels", "needs", "modules",
                   "stock-modules", "files", "images", "covers"):
            setattr(test, key.replace("-", "_"), [] if words == ["none"] else words)
        elif key == "budget":
            test.budget = float(words[0])
        elif key == "expect-taint":
            test.expect_taint = words[0]
        elif key == "repeat":
            test.repeat = int(words[0])
        elif key == "cmdline":
            test.cmdline = ["" if line == "default" else line for line in lines]
    for bed in test.on + test.long_on:
        if bed not in BEDS:
            raise BadHeader(f"{path}: no bed named {bed}")
    for kernel in test.kernels + test.long_kernels + test.images:
        if kernel not in KERNELS:
            raise BadHeader(f"{path}: no kernel named {kernel}")
    for pair in test.not_on:
        bed, _, kernel = pair.partition("/")
        if bed not in test.on or kernel not in test.kernels:
            raise BadHeader(f"{path}: does not run on {pair} anyway")
    return test


def find_tests(root=TOP / "tests" / "vm"):
    return [read_test(f"{path.parent.name}/{path.stem}", path)
            for path in sorted(Path(root).glob("*/*.sh")) if path.stem != "lib"]


def select(tests, glob):
    return [t for t in tests if fnmatch.fnmatch(t.name, glob)]
