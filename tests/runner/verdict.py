# SPDX-License-Identifier: GPL-2.0
"""From what a machine reported to a verdict on each test."""

import re
from dataclasses import dataclass, field

from .suite import TAINT_LETTERS

PASS, FAIL, SKIP = "pass", "fail", "skip"

# What a healthy kernel never logs.
BAD_LOG = re.compile(
    r"WARNING: |\bBUG\b|\bOops\b|general protection fault|KASAN|KCSAN|UBSAN|ODEBUG"
    r"|INFO: (?:possible|suspicious|trying|inconsistent|task \S+ blocked|rcu)"
    r"|DEBUG_LOCKS_WARN|refcount_t: |sleeping function called|scheduling while atomic"
    r"|list_(?:add|del) corruption|Bad page|double fault|nobody cared"
    r"|unregister_netdevice: waiting|kmemleak: \d+ new|Kernel panic")

# An unsigned out-of-tree module sets O, and E where the kernel has MODULE_SIG.
OWN_TAINT = sum(1 << TAINT_LETTERS.index(c) for c in "OE")
BOOT_TAINT = sum(1 << TAINT_LETTERS.index(c) for c in "BW")


@dataclass
class Record:
    """What the agent said of one test."""
    name: str
    output: list = field(default_factory=list)
    kernel_log: list = field(default_factory=list)
    left: list = field(default_factory=list)
    end: dict = None        # the words of @end, None when it never came


@dataclass
class Result:
    name: str               # area/test
    where: str              # bed/kernel
    status: str
    why: str = ""
    seconds: float = 0
    record: Record = None
    # (passed, failed, skipped) when this stands for a program's many tests
    counts: tuple = None

    def __post_init__(self):
        self.counts = self.counts or tuple(int(self.status == s) for s in (PASS, FAIL, SKIP))

    def fail(self, why):
        """What came to light after its end."""
        self.status, self.why, self.counts = FAIL, why, (0, 1, 0)


def taint_letters(mask):
    return "".join(c for i, c in enumerate(TAINT_LETTERS) if mask >> i & 1)


def leaks_of(lines, starts):
    """The report of kmemleak: {name of a test: [line, ...] of its first leak}.
    An object is the test's during or after which it was allocated, that of
    `starts`, [(jiffies, name), ...] in order, None before the first."""
    leaks, leak = {}, []
    for line in lines:
        if line.startswith("unreferenced object"):
            leak = []
        leak.append(line)
        born = re.match(r"\s*comm .*, pid \d+, jiffies (\d+)", line)
        if born:
            owners = [name for jiffies, name in starts if jiffies <= int(born[1])]
            leaks.setdefault(owners[-1] if owners else None, leak)
    return leaks


def machine_is_suspect(record):
    """Does a test leave a machine that its successors could fail of? One that
    was cut short has cleaned nothing up, and the agent cannot find it all."""
    return bool(record.left) or record.end["how"].startswith(("limit", "signal="))


def judge(test, record, taint_before):
    """(status, why) of a test that ended by itself."""
    end = record.end
    bad = [line for line in record.kernel_log if BAD_LOG.search(line)]
    new_taint = int(end["taint"]) & ~(taint_before | OWN_TAINT | test.expected_taint())
    if end["how"] == "absent":
        return FAIL, "missing: its script is not in the machine"
    if end["how"] == "limit":
        return FAIL, "over its time limit"
    if end["how"].startswith("signal="):
        return FAIL, f"died by signal {end['how'][7:]}"
    code = int(end["how"].removeprefix("exit="))
    if bad and not test.expect_taint:
        return FAIL, f"kernel log: {bad[0].strip()}"
    if new_taint:
        return FAIL, f"kernel taint: {taint_letters(new_taint)}"
    left = f"left behind: {', '.join(record.left)}" if record.left else ""
    if code not in (0, 77):     # what failed comes first: the rest follows from it
        said = [line for line in record.output if line.strip()]
        why = said[-1] if said else f"exit status {code}"
        return FAIL, f"{why}; {left}" if left else why
    if left:
        return FAIL, left
    if code == 77:
        reasons = [line[6:] for line in record.output if line.startswith("SKIP: ") and line[6:].strip()]
        return (SKIP, reasons[-1]) if reasons else (FAIL, "skipped without a reason")
    return PASS, ""
