# SPDX-License-Identifier: GPL-2.0
"""What people see of a run: a line a test, the reasons, the slowest, the sum."""

import sys
import threading

from .verdict import FAIL, PASS, SKIP

OUTPUT_LINES = 25       # of a failed test, and as many of the kernel's log


class Report:
    def __init__(self):
        self.results = {}       # (where, name) -> Result; a later one replaces
        self.not_run = 0
        self.lock = threading.Lock()

    def add(self, result):
        with self.lock:
            self.results[result.where, result.name] = result
            mark = {PASS: "ok  ", FAIL: "FAIL", SKIP: "skip"}[result.status]
            print(f"{mark} {result.where:12} {result.name:36} {result.seconds:6.1f} s"
                  + (f"  {result.why}" if result.why else ""), flush=True)

    def note(self, text):
        with self.lock:
            print(f"--- {text}", flush=True)

    def count(self, status):
        index = (PASS, FAIL, SKIP).index(status)
        count = sum(r.counts[index] for r in self.results.values())
        if status == FAIL:      # a program that failed without counting why
            count += sum(r.status == FAIL and not r.counts[index] for r in self.results.values())
        return count

    def summary(self, expected_skips=None):
        """Prints it; returns the exit status of the run."""
        slow = sorted(self.results.values(), key=lambda r: -r.seconds)[:10]
        if len(self.results) > 10:
            print("\nThe ten slowest:")
            for r in slow:
                print(f"  {r.seconds:6.1f} s  {r.where} {r.name}")
        # Last, and a test's own words after the kernel's: who keeps the end of a log has why.
        for r in self.results.values():
            if r.status == FAIL:
                self._detail(r)
        skipped = self.count(SKIP)
        bad = self.count(FAIL) or self.not_run or not self.results
        if expected_skips is not None and skipped != expected_skips:
            print(f"\nskips: {skipped}, where {expected_skips} are expected")
            bad = True
        if self.not_run:
            print(f"\nnot run: {self.not_run}")
        print(f"\n{self.count(PASS)} passed, {self.count(FAIL)} failed, {skipped} skipped")
        sys.stdout.flush()
        return 1 if bad else 0

    @staticmethod
    def _detail(result):
        print(f"\n--- {result.where} {result.name}: {result.why}")
        if result.record is None:
            return
        for title, lines in (("kernel", result.record.kernel_log),
                             ("output", result.record.output)):
            for line in lines[-OUTPUT_LINES:]:
                print(f"    {title}: {line}")
