# SPDX-License-Identifier: GPL-2.0
"""Machines: how each bed is booted and how its channel is read."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from . import nics
from .paths import CACHE, Missing

# norandmaps: a program that is where it was the last time is in the emulator's caches, and
# starts three times as fast
# no_timer_check: the kernel panics where too few ticks of its timer come in a given time,
# as they do when the host lets the emulator wait.
CMDLINE = ("no_timer_check rcupdate.rcu_cpu_stall_suppress=1 nowatchdog tsc=reliable "
           "panic=-1 oops=panic loglevel=5 net.ifnames=0 norandmaps")
CHANNEL_DEVICE = "/dev/ttyS1"
SLOTS = 2       # machines at a time, over all runs that share the cache
# On the bed of virtual time no test sees how fast the host is: one such machine more runs in
# what the others leave of the processors.
ASIDE_BED = "time"
# The bed whose machines have network devices of their own; with the debug kernel, whose driver
# is built in, only where a test wants them.
NICS_BED = "qemu"

BEDS = ("qemu", "qemu4", "time", "bochs", "bochs2", "bochs-svm")

QEMU_COMMON = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
               "-no-reboot", "-machine", "pc"]
# Where a processor has ERMS or FSRM, Linux copies and clears memory by bytes, of which TCG does
# (and counts) one at a time: with neither, a machine takes a tenth less of the host.
CPU = "max,-erms,-fsrm"
QEMU_BED = {
    # two CPUs, run in parallel: races, AMD SVM
    "qemu": ["-accel", "tcg,thread=multi", "-cpu", CPU, "-smp", "2", "-m", "2048"],
    # more of them than are often free at a time: one stands still where it hurts
    "qemu4": ["-accel", "tcg,thread=multi", "-cpu", CPU, "-smp", "4", "-m", "2048"],
    # one tick of the TSC is one instruction; idle time passes at once
    "time": ["-accel", "tcg,thread=single", "-cpu", CPU, "-smp", "1",
             "-icount", "shift=0,sleep=off", "-m", "2048"],
}


# More on the tests' command line. With mitigations EPT has no large pages on Bochs' processor:
# on two kernels there are some. What the debug kernel looks for does not depend on them, and it
# is slow enough; nor, on a bed without guests, on the levels of page tables.
TESTS_APPEND = {("bochs", "6.12"): "mitigations=off", ("bochs", "debug"): "mitigations=off",
                ("qemu", "debug"): "mitigations=off",
                ("time", "debug"): "mitigations=off no5lvl"}

BOCHS_CPUS = {"bochs": 1, "bochs2": 2, "bochs-svm": 1}
BOCHS_MODEL = {"bochs": "corei7_skylake_x", "bochs2": "corei7_skylake_x", "bochs-svm": "ryzen"}


def is_bochs(bed):
    return bed in BOCHS_CPUS


@contextlib.contextmanager
def slot(bed):
    """One of the places for a machine: more at a time than processors would
    only make each slower. Who has waited longest is next."""
    directory = CACHE / "slots"
    directory.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as places:
        files = [places.enter_context(open(directory / str(i), "w")) for i in range(SLOTS)]
        own = [places.enter_context(open(directory / "aside", "w"))] if bed == ASIDE_BED else []
        with open(directory / "queue", "w") as queue:
            if not own:
                fcntl.flock(queue, fcntl.LOCK_EX)
            while not (any(map(is_taken, own)) or is_taken(queue) and any(map(is_taken, files))):
                nap(0.2)
        yield


def nap(seconds):
    """Sleeps so long, or less: a host's kernel has let a code of its own (ERESTARTNOHAND)
    out of the system call, which ended a whole run."""
    with contextlib.suppress(OSError):
        time.sleep(seconds)


def is_taken(file):
    """Does the lock belong to us now?"""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Machine:
    """A booted bed. Its directory keeps console.log and channel.log."""

    def __init__(self, bed, kernel, initramfs, directory, append="", interactive=False, gdb=None,
                 qemu=(), cpu=None, wants_nics=False):
        self.bed = bed
        self.directory = Path(directory)
        self.console = self.directory / "console.log"
        self.channel = self.directory / "channel.log"
        self.interactive = interactive
        self.more = qemu        # options of QEMU's
        self.cpu = cpu          # another processor than the bed's, by the emulator's name for it
        for log in (self.console, self.channel):
            log.write_bytes(b"")
        cmdline = f"console=ttyS0 {CMDLINE} {append}".strip()
        has_nics = bed == NICS_BED and (wants_nics or not kernel.is_debug)
        # a debugger comes from the host's network
        has_taps = has_nics and not gdb and nics.can_have_taps()
        prefix = nics.prefix() if has_taps else []
        if is_bochs(bed):
            command = self._bochs(kernel, initramfs, cmdline)
        else:
            command = self._qemu(kernel, initramfs, cmdline, gdb)
            if has_nics:
                command += nics.arguments(has_taps)
        with open(self.directory / "emulator.log", "wb") as log:
            out = None if interactive else log
            # A runner that is killed takes its machines with it.
            self.process = subprocess.Popen(
                [*prefix, "setpriv", "--pdeathsig", "KILL", *command],
                stdin=None if interactive else subprocess.DEVNULL,
                stdout=out, stderr=out, start_new_session=not interactive)
        self._reader = open(self.channel, "rb")
        self._partial = b""

    def _qemu(self, kernel, initramfs, cmdline, gdb):
        # Nested page tables are as deep as the host's: five levels, and four on one kernel.
        if self.bed == "qemu" and kernel.name == "6.12":
            cmdline += " no5lvl"
        console = ["-serial", "mon:stdio"] if self.interactive else \
                  ["-serial", f"file:{self.console}"]
        return [*QEMU_COMMON, *QEMU_BED[self.bed], "-kernel", str(kernel.image),
                "-initrd", str(initramfs), "-append", cmdline, *console,
                "-serial", f"file:{self.channel}",
                *(["-gdb", f"tcp:127.0.0.1:{gdb}"] if gdb else []),
                *(["-cpu", self.cpu] if self.cpu else []), *self.more]

    def _bochs(self, kernel, initramfs, cmdline):
        bochs = CACHE / "bochs" / "bin" / "bochs"
        if not bochs.exists():
            raise Missing(f"no {bochs}: run 'make bootstrap'")
        iso = self.directory / "boot.iso"
        make_iso(iso, kernel.image, initramfs, cmdline)
        com1 = f"mode=term, dev={os.ttyname(0)}" if self.interactive else \
               f"mode=file, dev={self.console}"
        rc = self.directory / "bochsrc"
        msrs = self.directory / "msrs"
        msrs.write_text(BOCHS_MSRS)
        rc.write_text(BOCHSRC.format(model=self.cpu or BOCHS_MODEL[self.bed],
                                     cpus=BOCHS_CPUS[self.bed], iso=iso, com1=com1,
                                     channel=self.channel, msrs=msrs,
                                     log=self.directory / "bochs.log"))
        return [str(bochs), "-q", "-f", str(rc)]

    def lines(self):
        """The complete lines that came on the channel since the last call."""
        data = self._partial + self._reader.read()
        *lines, self._partial = data.split(b"\n")
        return [line.decode("utf-8", "replace").rstrip("\r") for line in lines]

    def running(self):
        return self.process.poll() is None

    def kill(self):
        if self.running():
            with contextlib.suppress(ProcessLookupError):
                if self.interactive:
                    self.process.kill()
                else:
                    os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self):
        self.kill()
        self._reader.close()
        for big in ("boot.iso", "initramfs.cpio"):
            with contextlib.suppress(FileNotFoundError):
                (self.directory / big).unlink()


def make_iso(iso, kernel_image, initramfs, cmdline):
    """What Bochs boots: isolinux with one entry and no prompt."""
    root = iso.with_suffix(".root")
    shutil.rmtree(root, ignore_errors=True)
    (root / "isolinux").mkdir(parents=True)
    for name in ("/usr/lib/ISOLINUX/isolinux.bin", "/usr/lib/syslinux/modules/bios/ldlinux.c32"):
        shutil.copy(name, root / "isolinux")
    shutil.copy(kernel_image, root / "vmlinuz")
    os.link(initramfs, root / "initrd")
    (root / "isolinux" / "isolinux.cfg").write_text(
        f"default trivet\nprompt 0\nlabel trivet\nkernel /vmlinuz\n"
        f"append initrd=/initrd {cmdline}\n")
    subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-o", iso, "-b", "isolinux/isolinux.bin",
                    "-c", "isolinux/boot.cat", "-no-emul-boot", "-boot-load-size", "4",
                    "-boot-info-table", root], check=True, stderr=subprocess.DEVNULL)
    shutil.rmtree(root)


# IA32_BIOS_SIGN_ID: a microcode so new that Linux trusts the TSC-deadline
# timer. The APIC's other timer runs at the TSC's pace here while CPUID says
# 25 MHz, so each timer fires far too early, again and again until it is due:
# a timer of 200 us left nothing of the processor for anything else.
# index, type, then pairs of high and low words: reset, reserved, writes ignored
BOCHS_MSRS = "0x8b 0 02007006 00000000 00000000 00000000 ffffffff ffffffff\n"

BOCHSRC = """\
config_interface: textconfig
display_library: nogui
cpu: model={model}, count={cpus}:1:1, quantum=32, ips=100000000, reset_on_triple_fault=0, ignore_bad_msrs=1, msrs={msrs}
memory: guest=1024, host=1024
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path={iso}, status=inserted
boot: cdrom
clock: sync=none, time0=local
com1: enabled=1, {com1}
com2: enabled=1, mode=file, dev={channel}
log: {log}
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
pci: enabled=1, chipset=i440fx
"""
