# SPDX-License-Identifier: GPL-2.0
"""Runs a list of tests on one (bed, kernel): in one boot when all goes well,
in a fresh one after a test that took the machine down, or left it unclean."""

import shutil
import time
from pathlib import Path

from beds.image import test_image
from beds.machine import CHANNEL_DEVICE, Machine, is_bochs, nap, slot
from beds.paths import BUILD, Kernel

from .verdict import (BAD_LOG, BOOT_TAINT, FAIL, Record, Result, judge, leaks_of,
                      machine_is_suspect, taint_letters)

BAD_BOOTS = 3           # so many at most, of one group
LEAK_SCAN_S = 60        # host seconds that the scans at the end may take


def hard_limit_s(budget_s):
    """When a test is stopped: the host may be busy."""
    return min(15 * budget_s, 6 * budget_s + 300)


class Group:
    """All tests of one bed and kernel."""

    def __init__(self, bed, kernel_name, tests, append="", env=(), hang_grace_s=40,
                 directory=None, on_result=None, extra_areas=(), qemu=(), cpu=None):
        self.bed = bed
        self.kernel = Kernel(kernel_name)
        self.tests = tests
        self.append = append
        self.env = list(env)
        self.hang_grace_s = hang_grace_s
        self.name = f"{bed}/{kernel_name}"
        self.directory = Path(directory or BUILD / "vm" / self.name.replace("/", "-"))
        self.extra_areas = set(extra_areas)     # whose programs to bring too
        self.qemu = qemu                        # more options of QEMU's
        self.cpu = cpu                          # in place of the bed's
        self.on_result = on_result or (lambda result: None)
        self.results = []
        self.boots = 0
        self.bad_boots = 0

    def run(self, deadline=None):
        shutil.rmtree(self.directory, ignore_errors=True)
        todo = list(self.tests)
        while todo:
            if deadline and time.monotonic() > deadline:
                break
            outcome = Boot(self, todo, on_result=self._add).run(deadline)
            ended = {r.name for r in outcome.results}
            todo = [t for t in todo if t.name not in ended]
            if outcome.leaks:
                self._name_leaks(leaks_of(outcome.leaks, outcome.starts))
            if outcome.is_bad_boot and self.bad_boots < BAD_BOOTS:
                self.bad_boots += 1
                print(f"{self.name}: {outcome.died}: booted again")
            elif not ended:
                # The machine did not even reach its first test.
                self._add(Result(todo.pop(0).name, self.name, FAIL, outcome.died or "no boot"))
        return self.results

    def _add(self, result):
        self.results.append(result)
        self.on_result(result)

    def _name_leaks(self, leaks):
        for name, lines in leaks.items():
            result = next((r for r in self.results if r.name == name), None)
            if result is None:
                self._add(Result("leaks", self.name, FAIL, f"before the first test: {lines[0]}"))
            elif result.status != FAIL:
                result.fail(f"leak: {lines[0]}")
                result.record.kernel_log += lines
                self.on_result(result)


class Outcome:
    def __init__(self):
        self.results = []
        self.starts = []        # (jiffies, name of a test)
        self.leaks = []         # lines of the report at the end
        self.died = None        # why the machine ended early
        self.is_bad_boot = False


def add_wanted(image, tests):
    """What tests ask for beside programs and modules: files of this host, and
    the images of kernels, as /trivet/vmlinuz-NAME."""
    for path in {p for t in tests for p in t.files}:
        image.file(path, path)
    for name in {i for t in tests for i in t.images}:
        image.file(f"trivet/vmlinuz-{name}", Kernel(name).image)


class Boot:
    """One boot, from image to the last report."""

    def __init__(self, group, tests, on_result=lambda result: None):
        self.group = group
        self.on_result = on_result
        self.tests = tests
        self.by_name = {t.name: t for t in tests}
        group.boots += 1
        self.directory = group.directory / str(group.boots)
        self.outcome = Outcome()
        self.current = None         # Record of the test that runs
        self.started = 0
        self.last_ended = None
        self.taint = 0
        self.done = False
        self.booted = False

    def _job(self):
        lines = [f"channel {CHANNEL_DEVICE}"]
        lines += [f"env TRIVET_BED={self.group.bed}", f"env TRIVET_KERNEL={self.group.kernel.name}"]
        lines += [f"env {assignment}" for assignment in self.group.env]
        lines.append("leaks")
        if self.group.bed in ("qemu", "qemu4"):
            lines.append("pin trivet_pin")
        for t in self.tests:
            # on the bed of virtual time only the host's clock can be a limit
            limit = 0 if self.group.bed == "time" else \
                int(hard_limit_s(t.budget_s(self.group.bed, self.group.kernel.name))) + 1
            lines.append(f"test {t.name} {limit}")
        return "\n".join(lines) + "\n"

    def _image(self):
        programs = sorted({p for t in self.tests for p in t.needs})
        modules = sorted({m for t in self.tests for m in t.modules_of(self.group.kernel.name)})
        areas = sorted({t.area for t in self.tests} | self.group.extra_areas)
        scripts = {t.name: t.path for t in self.tests}
        path = self.directory / "initramfs.cpio"
        image = test_image(self.group.kernel, self._job(), scripts, programs, modules, areas)
        add_wanted(image, self.tests)
        image.write(path)
        return path

    def run(self, deadline=None):
        self.directory.mkdir(parents=True, exist_ok=True)
        with slot(self.group.bed):
            machine = Machine(self.group.bed, self.group.kernel, self._image(),
                              self.directory, self.group.append, qemu=self.group.qemu,
                              cpu=self.group.cpu,
                              wants_nics=any("virtio_net" in t.modules for t in self.tests))
            try:
                self._watch(machine, deadline)
            finally:
                machine.close()
        return self.outcome

    def _watch(self, machine, deadline):
        self.progress = time.monotonic()
        while True:
            alive = machine.running()
            for line in machine.lines():
                self._take(line)
            now = time.monotonic()
            if self.done:
                self._wait_end(machine)
                break
            if not alive:
                self._died("the machine ended" + self._last_words(machine))
                break
            if self.outcome.died:
                break
            if now - self.progress > self._patience_s():
                what = "hangs" if self.booted else "does not boot"
                self._died(f"the machine {what}: nothing heard for "
                           f"{now - self.progress:.0f} s" + self._last_words(machine))
                break
            if deadline and now > deadline:
                break
            nap(0.02)

    @staticmethod
    def _wait_end(machine):
        end = time.monotonic() + 5
        while machine.running() and time.monotonic() < end:
            nap(0.02)

    def _patience_s(self):
        group = self.group
        slow = (3 if group.kernel.is_debug else 1) * (4 if is_bochs(group.bed) else 1)
        if not self.booted:
            return 120 * slow
        if self.current is None:
            return LEAK_SCAN_S * slow
        test = self.by_name[self.current.name]
        return hard_limit_s(test.budget_s(group.bed, group.kernel.name)) + group.hang_grace_s

    def _take(self, line):
        if self.outcome.died:       # what follows in the same breath is not to be trusted
            return
        self.progress = time.monotonic()
        word, _, rest = line.partition(" ")
        if word == "@boot":
            if self.booted:     # an emulator that resets instead of ending
                self._died("the machine started again")
            self.booted = True
            self._look_at_boot(rest)
        elif word == "@start":
            name, _, jiffies = rest.partition(" ")
            if name in self.by_name:
                self.current = Record(name)
                self.outcome.starts.append((int(jiffies), name))
                self.started = time.monotonic()
        elif word == "@end":
            self._take_end(rest)
        elif word == "@leak":
            self.outcome.leaks.append(rest)
        elif word == "@done":
            self._take_done()
        elif self.current is not None:
            {"@o": self.current.output, "@k": self.current.kernel_log,
             "@left": self.current.left}.get(word, []).append(rest)
        elif word == "@k" and BAD_LOG.search(rest):
            self._blame_last(f"kernel log: {rest.strip()}")

    def _look_at_boot(self, rest):
        """What the kernel has reported before anything of ours was there is not a test's fault, and
        it has turned lockdep off. (6.12 with KASAN, once in a hundred boots on a busy host: an
        interrupt while identify_cpu() has LA57 cleared meets shadow memory that is not there.)"""
        taint = int(rest.partition("taint=")[2] or 0)
        if taint & BOOT_TAINT:
            self.outcome.is_bad_boot = True
            self.outcome.died = \
                f"the kernel has reported itself while it booted ({taint_letters(taint)})"

    def _add(self, name, status, why, seconds=0, record=None):
        result = Result(name, self.group.name, status, why, seconds, record)
        self.outcome.results.append(result)
        self.on_result(result)

    def _take_end(self, rest):
        words = rest.split()
        if self.current is None or len(words) != 4 or words[0] != self.current.name:
            return
        record = self.current
        record.end = {"how": words[1], **dict(w.split("=") for w in words[2:])}
        test = self.by_name[record.name]
        status, why = judge(test, record, self.taint)
        self.taint |= int(record.end["taint"])
        self._add(test.name, status, why, time.monotonic() - self.started, record)
        self.current = None
        if status == FAIL and machine_is_suspect(record):
            self.outcome.died = f"{test.name} left the machine unclean"

    def _take_done(self):
        """The end, says the machine. Whoever has not ended, has not run."""
        self.done = True
        ended = {r.name for r in self.outcome.results}
        for test in self.tests:
            if test.name not in ended:
                self._add(test.name, FAIL, "missing: the machine ended without it")

    def _died(self, why):
        self.outcome.died = why
        if self.current is not None:
            self._add(self.current.name, FAIL, why, time.monotonic() - self.started, self.current)
        else:
            self._blame_last(why)

    def _blame_last(self, why):
        """What goes wrong between tests, and in the scan for leaks, is the last one's."""
        last = self.outcome.results[-1] if self.outcome.results else None
        if last and last.status != FAIL:
            last.fail(f"after its end: {why}")
            self.group.on_result(last)

    def _last_words(self, machine):
        text = machine.console.read_bytes()[-20000:].decode("utf-8", "replace")
        bad = [line.strip() for line in text.splitlines() if BAD_LOG.search(line)]
        return f" ({bad[-1] if 'Kernel panic' in bad[-1] else bad[0]})" if bad else ""
