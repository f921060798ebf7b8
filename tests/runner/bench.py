# SPDX-License-Identifier: GPL-2.0
"""Benchmarks: what the scripts of tests/bench print, put beside the peer's."""

import json
import statistics
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field

from beds.paths import BUILD, TOP

from .boot import Group
from .suite import read_header, read_test
from .verdict import PASS

BASELINE = TOP / "tests" / "bench" / "baseline.json"
TOLERANCE = 0.03


@dataclass
class Sample:
    metric: str
    unit: str
    who: str                # "ours" or the peer's name
    value: float
    checks: int


@dataclass
class Row:
    """A metric on one kernel, bed and command line: ours and all peers."""
    metric: str
    unit: str
    kernel: str
    bed: str
    cmdline: str
    samples: dict = field(default_factory=lambda: defaultdict(list))
    checks: dict = field(default_factory=lambda: defaultdict(int))

    def key(self):
        return " ".join(filter(None, (self.metric, self.kernel, self.bed, self.cmdline)))


def find_benches(area="*"):
    scripts = sorted((TOP / "tests" / "bench").glob("*.sh"))
    tests = []
    for path in scripts:
        name = path.stem
        if area == "*" or name == area or name.startswith(area + "-"):
            tests.append(read_test(f"bench/{name}", path))
    return tests


def targets(test):
    """{(metric, peer): ratio} from `# target: METRIC PEER RATIO` lines."""
    result = {}
    for line in read_header(test.path).get("target", []):
        metric, peer, ratio = line.split()[:3]
        result[metric, peer] = float(ratio)
    return result


def is_gated(test):
    """Not with `# gate: no`: rows without a baseline that take long."""
    return "no" not in read_header(test.path).get("gate", [])


def bed_name(test, bed):
    """The name that a reader of the figures knows the bed by."""
    if bed == "bochs":
        return "bochs-vmx"
    if test.name.split("/")[1].startswith("kvm"):
        return "qemu-svm"
    return "qemu-icount" if bed == "time" else "qemu-smp2"


def parse(lines):
    for line in lines:
        words = line.split()
        if len(words) == 6 and words[0] == "sample":
            yield Sample(words[1], words[2], words[3], float(words[4]), int(words[5]))


class BenchFailed(Exception):
    pass


def measure(test, bed, kernel, cmdline, repeat, deadline=None):
    """The rows of one script; its samples come from `repeat` fresh boots."""
    rows = {}
    for number in range(repeat):
        directory = BUILD / "vm" / f"{test.name}-{bed}-{kernel}-{cmdline or 'default'}-{number}".replace("/", "-")
        results = Group(bed, kernel, [test], append=cmdline, directory=directory).run(deadline)
        result = results[0] if results else None
        if result is None or result.status != PASS:
            raise BenchFailed(f"{test.name} on {bed}/{kernel}: {result.why if result else 'did not run'}")
        for s in parse(result.record.output):
            row = rows.setdefault(s.metric, Row(s.metric, s.unit, kernel, bed_name(test, bed), cmdline))
            row.samples[s.who].append(s.value)
            row.checks[s.who] += s.checks
    return list(rows.values())


def commit():
    result = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=TOP,
                            capture_output=True, text=True)
    return result.stdout.strip()


def table(rows, wanted):
    """One dict for each pair of ours and a peer, as build/bench has them."""
    out = []
    for row in rows:
        if not row.samples["ours"]:
            continue
        ours = statistics.median(row.samples["ours"])
        for peer, values in sorted(row.samples.items()):
            if peer == "ours":
                continue
            value = statistics.median(values)
            out.append({
                "metric": row.metric, "unit": row.unit, "ours": ours, "peer": value,
                "peer_name": peer, "ratio": round(ours / value, 4) if value else None,
                "target": wanted.get((row.metric, peer)), "kernel": row.kernel, "bed": row.bed,
                "samples": {"ours": row.samples["ours"], "peer": values},
                "checks": {"ours": row.checks["ours"], "peer": row.checks[peer]},
                "cmdline": row.cmdline or "default", "commit": commit()})
    return out


def write_area(area, entries):
    path = BUILD / "bench" / f"{area}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entries, indent=1) + "\n")
    return path


def print_table(entries):
    head = f"{'metric':18} {'kernel':6} {'bed':12} {'command line':16} {'ours':>12} {'peer':>12}  {'peer':14} {'ratio':>7} {'target':>7}"
    print(head + "\n" + "-" * len(head))
    for e in entries:
        target = "      -"
        if e["target"] is not None:
            target = f"{e['target']:7.2f} {'met' if e['ratio'] <= e['target'] else 'not met'}"
        print(f"{e['metric']:18} {e['kernel']:6} {e['bed']:12} {e['cmdline']:16} {e['ours']:12.1f} "
              f"{e['peer']:12.1f}  {e['peer_name']:14} {e['ratio']:7.3f} {target}")


def load_baseline():
    return json.loads(BASELINE.read_text()) if BASELINE.exists() else {}


def gate(rows, baseline=None):
    """What is worse than the baseline, gone from it or not in it yet: a list of reasons."""
    baseline = load_baseline() if baseline is None else baseline
    now = {row.key(): statistics.median(row.samples["ours"]) for row in rows if row.samples["ours"]}
    bad = [f"{key}: not in the baseline, which make bench-baseline writes"
           for key in now if key not in baseline]
    for key, before in baseline.items():
        if key not in now:
            bad.append(f"{key}: not measured any more")
        elif now[key] > before * (1 + TOLERANCE):
            bad.append(f"{key}: {now[key]:.1f} instructions, {before:.1f} before "
                       f"(+{100 * (now[key] / before - 1):.1f} %)")
    return now, bad
