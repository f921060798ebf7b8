#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The runner's own tests: each script in faulty/ goes wrong in one way, and
says in its header what the runner must say of it (`# expect: PATTERN` for the
reason of a failure, `# expect-skip: PATTERN`; nothing: it must pass)."""

import re
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "scripts"), str(HERE.parent)]

from beds.machine import BEDS
from beds.paths import BUILD, KERNELS
from runner.bench import Row, gate
from runner.boot import Boot, Group
from runner.suite import Test, find_tests, read_header, read_test
from runner.verdict import FAIL, PASS, SKIP


def wanted(test):
    header = read_header(test.path)
    if "expect" in header:
        return FAIL, header["expect"][0]
    if "expect-skip" in header:
        return SKIP, header["expect-skip"][0]
    return PASS, ""


def check_group(kernel, tests):
    group = Group("qemu", kernel, tests, hang_grace_s=15, directory=BUILD / "vm" / f"runner-{kernel}")
    results = {}
    for result in group.run():
        results[result.name] = result
    passed = failed = 0
    for test in tests:
        status, pattern = wanted(test)
        got = results.get(test.name)
        if got and got.status == status and re.search(pattern, got.why):
            passed += 1
            print(f"ok   {kernel} {test.name}: {got.status} {got.why}")
        else:
            failed += 1
            print(f"FAIL {kernel} {test.name}: wanted {status} '{pattern}', got "
                  + (f"{got.status} '{got.why}'" if got else "nothing"))
    extra = set(results) - {t.name for t in tests}
    for name in extra:
        failed += 1
        print(f"FAIL {kernel}: a result of its own: {name}: {results[name].why}")
    return passed, failed


def play(tests, lines):
    """A machine that says this, and what is said of it later: for what takes too long in
    earnest, or happens one time in many."""
    said = []
    boot = Boot(Group("qemu", "debug", tests, on_result=said.append), tests)
    for line in lines:
        boot._take(line)
    return boot, said


def tell(what, ok):
    print(f"{'ok  ' if ok else 'FAIL'} {what}")
    return int(ok), int(not ok)


def check_late_end(tests):
    """A machine that dies in the scan for leaks."""
    name = tests[0].name
    boot, said = play(tests[:1], ("@boot", f"@start {name} 1", f"@end {name} exit=0 taint=0 ms=1"))
    boot._died("the machine ended")
    return tell("a machine that ends after its last test",
                bool(said) and said[-1].name == name and said[-1].status == FAIL)


def check_unclean(tests):
    """A test that ends before anybody has seen that the one before it left the machine
    unclean: it runs again, in the next machine."""
    one, two = tests[0].name, tests[1].name
    boot, _ = play(tests[:2], (
        "@boot", f"@start {one} 1", "@left module veth", f"@end {one} exit=0 taint=0 ms=1",
        f"@start {two} 2", f"@end {two} exit=0 taint=0 ms=1"))
    return tell("a test in a machine that was left unclean",
                [r.name for r in boot.outcome.results] == [one] and bool(boot.outcome.died))


def check_bad_boot(tests):
    """A kernel that has reported something before anything of ours was there: no test's fault."""
    boot, said = play(tests[:1], ("@boot 6.12 taint=32", f"@start {tests[0].name} 1"))
    good, _ = play(tests[:1], ("@boot 6.12 taint=0",))
    return tell("a kernel that has reported itself while it booted",
                not said and boot.outcome.is_bad_boot and not good.outcome.died)


def check_places():
    """Pairs that a header leaves out, and beds and kernels of long runs."""
    test = Test("a/b", HERE, on=["qemu", "bochs2"], long_on=["qemu4", "bochs2"],
                kernels=["6.1", "debug"], long_kernels=["6.12"], not_on=["bochs2/debug"])
    usual, long = ({f"{bed}/{kernel}" for bed in BEDS for kernel in KERNELS
                    if test.runs_on(bed, kernel, long)} for long in (False, True))
    wanted = {"qemu/6.1", "qemu/debug", "bochs2/6.1"}
    more = {"qemu4/6.1", "qemu4/debug", "bochs2/debug", "qemu/6.12", "bochs2/6.12"}
    return tell("the places that a header names", usual == wanted and long == wanted | more)


def check_modules():
    """Those that the debug kernel has not, of a header that names them."""
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as script:
        script.write("#!/bin/sh\n# It wants them.\n# modules: veth\n# stock-modules: ifb\n")
        script.flush()
        test = read_test("a/b", Path(script.name))
    return tell("the modules that a header names", test.modules_of("6.1") == ["veth", "ifb"] and
                test.modules_of("debug") == ["veth"])


def check_gate():
    """Rows that are as they were, worse, gone, and that nobody has written down."""
    rows = []
    for metric, value in (("same", 102.0), ("worse", 104.0), ("new", 1.0)):
        row = Row(metric, "insn", "6.1", "qemu-icount", "")
        row.samples["ours"].append(value)
        rows.append(row)
    _, bad = gate(rows, {f"{m} 6.1 qemu-icount": 100.0 for m in ("same", "worse", "gone")})
    return tell("the gate of the benchmarks",
                sorted(reason.split()[0] for reason in bad) == ["gone", "new", "worse"])


def main():
    tests = find_tests(HERE)
    stock = [t for t in tests if t.kernels != ["debug"]]
    debug = [t for t in tests if t.kernels == ["debug"]]
    passed, failed = check_places()
    for check in (check_modules, check_gate):
        p, f = check()
        passed += p
        failed += f
    for check in (check_late_end, check_unclean, check_bad_boot):
        p, f = check(stock)
        passed += p
        failed += f
    for kernel, group in (("6.1", stock), ("debug", debug)):
        if len(sys.argv) > 1 and kernel not in sys.argv[1:]:
            continue
        p, f = check_group(kernel, group)
        passed += p
        failed += f
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
