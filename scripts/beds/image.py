# SPDX-License-Identifier: GPL-2.0
"""One image builder for all beds: an initramfs (cpio, newc format) of the
programs, modules and files that a machine needs, with their libraries."""

import lzma
import os
import re
import shutil
import stat
import subprocess
import threading
from pathlib import Path

from .paths import BUILD, CACHE, TOP, Missing

FIRMWARE = ("regulatory.db", "regulatory.db.p7s")
OWN_MODULES = {
    "regdom": "regdom/regdom.ko",
    "netchannel": "netchannel/netchannel.ko",
    "devkvm": "kvm/devkvm.ko",
}
# Every machine has these: busybox, and ip because the agent brings up lo.
BASE_PROGRAMS = ("ip",)
# what the tests need: built here, unpacked into the cache, installed
UNPACKED = CACHE / "programs"
PROGRAM_PATH = f"{BUILD}/bin:{UNPACKED}/sbin:{UNPACKED}/usr/sbin:{UNPACKED}/usr/bin:" \
               f"{UNPACKED}/usr/libexec:/usr/sbin:/usr/bin:/sbin:/bin"
# what unpacked programs load by themselves, from where their packages have it
PLUGINS = {"NetworkManager": ["usr/lib/*/NetworkManager/*/libnm-device-plugin-wifi.so"]}


class Image:
    """Collects what goes in; write() makes the archive."""

    def __init__(self):
        self.entries = {}           # path in the machine -> (mode, bytes or Path)
        for name in ("proc", "sys", "dev", "tmp", "run", "root", "etc", "usr/sbin",
                     "usr/bin", "sys/kernel", "var/run", "usr/lib"):
            self.directory(name)
        for link in ("bin", "sbin", "lib"):
            self.link(link, f"usr/{link}")
        self.link("usr/lib64", "lib")
        self.link("lib64", "usr/lib")

    def directory(self, path):
        while path and path not in self.entries:
            self.entries[path] = (stat.S_IFDIR | 0o755, b"")
            path = os.path.dirname(path)

    def data(self, path, content, mode=0o644):
        path = path.lstrip("/")
        # the machine has a merged /usr
        path = re.sub(r"^(bin|sbin|lib|lib64)/", r"usr/\1/", path)
        path = re.sub(r"^usr/lib64/", "usr/lib/", path)
        self.directory(os.path.dirname(path))
        self.entries[path] = (stat.S_IFREG | mode, content)

    def link(self, path, target):
        self.directory(os.path.dirname(path))
        self.entries[path] = (stat.S_IFLNK | 0o777, target.encode())

    def file(self, path, source):
        source = Path(source)
        if not source.exists():
            raise Missing(f"no {source}")
        executable = 0o755 if os.access(source, os.X_OK) else 0o644
        self.data(path, source.resolve(), executable)

    def program(self, path, source):
        """A program and the libraries that its dynamic linker would load."""
        self.file(path, source)
        result = subprocess.run(["ldd", str(source)], capture_output=True, text=True)
        for library in re.findall(r"(/\S+) \(0x", result.stdout):
            self.file(library, library)

    def write(self, path):
        with open(path, "wb") as out:
            for number, name in enumerate(sorted(self.entries), 1):
                mode, content = self.entries[name]
                if isinstance(content, Path):
                    content = content.read_bytes()
                _record(out, number, name, mode, content)
            _record(out, 0, "TRAILER!!!", 0, b"")


def _record(out, number, name, mode, content):
    encoded = name.encode() + b"\0"
    header = "070701" + "".join(f"{field:08x}" for field in (
        number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(encoded), 0))
    out.write(header.encode() + encoded)
    out.write(b"\0" * (-(len(header) + len(encoded)) % 4))
    out.write(content)
    out.write(b"\0" * (-len(content) % 4))


def find_program(name):
    found = shutil.which(name, path=PROGRAM_PATH)
    if not found:
        raise Missing(f"no program {name}: add its package to scripts/bootstrap")
    return found


def add_stock_modules(image, kernel, names):
    """Stock modules with all that they depend on, for modprobe."""
    base = kernel.modules
    wanted, todo = {}, list(names)
    depends = {}
    for line in (base / "modules.dep").read_text().splitlines():
        path, _, needs = line.partition(":")
        depends[path] = needs.split()
    by_name = {re.sub(r"\.ko.*", "", os.path.basename(p)).replace("-", "_"): p for p in depends}
    built_in = {re.sub(r"\.ko$", "", os.path.basename(line)).replace("-", "_")
                for line in (base / "modules.builtin").read_text().splitlines()}
    for name in todo:
        key = name.replace("-", "_")
        if key in built_in:
            continue
        if key not in by_name:
            raise Missing(f"kernel {kernel.name} has no module {name}")
        for path in [by_name[key], *depends[by_name[key]]]:
            wanted[path] = True
    root = f"lib/modules/{kernel.release}"
    for path in wanted:
        content = (base / path).resolve()
        # this host does it faster, and once
        if path.endswith(".xz"):
            content = lzma.decompress(content.read_bytes())
        image.data(f"{root}/{path.removesuffix('.xz')}", content)
    image.data(f"{root}/modules.dep", "".join(
        f"{path}: {' '.join(depends[path])}\n" for path in wanted).replace(".ko.xz", ".ko").encode())
    # busybox modprobe is quiet about what is built in only if it knows
    image.data(f"{root}/modules.builtin", (base / "modules.builtin").read_bytes())
    for extra in ("modules.alias", "modules.symbols"):
        image.data(f"{root}/{extra}", b"")


def without_debug_info(module):
    """What a debugger reads is nine tenths of a module, and a machine would read all of it
    again at each loading. Made once for each build, perhaps by several runs at a time."""
    small = module.with_suffix(".ko.small")
    made = module.stat().st_mtime_ns
    if not small.exists() or small.stat().st_mtime_ns != made:
        new = small.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
        subprocess.run(["strip", "--strip-debug", "-o", str(new), str(module)], check=True)
        os.utime(new, ns=(made, made))  # its own could be later than that of the next build
        new.replace(small)
    return small


def add_own_modules(image, kernel):
    paths = dict(OWN_MODULES)
    for path in sorted(kernel.own_modules.glob("tests/modules/*.ko")):
        paths[path.stem] = path.relative_to(kernel.own_modules)
    for name, path in paths.items():
        source = kernel.own_modules / path
        if not source.exists():
            raise Missing(f"no {source}: run 'make modules KERNEL={kernel.name}'")
        image.file(f"trivet/modules/{name}.ko", without_debug_info(source))


def test_image(kernel, job, scripts, programs=(), modules=(), areas=()):
    """The image of a machine that carries out `job` (text, see agent.c).
    scripts: {name in the machine: path}, programs: what the tests need,
    modules: stock modules, areas: whose test programs to bring."""
    image = Image()
    image.program("bin/busybox", find_program("busybox"))
    applets = subprocess.run(["busybox", "--list"], capture_output=True, text=True, check=True)
    for applet in applets.stdout.split():
        if applet not in ("busybox", "ip"):
            image.link(f"usr/bin/{applet}", "busybox")
    image.program("init", BUILD / "tests" / "agent")
    for name in (*BASE_PROGRAMS, *programs):
        image.program(f"usr/bin/{os.path.basename(name)}", find_program(name))
        for pattern in PLUGINS.get(name, ()):
            plugins = list(UNPACKED.glob(pattern))
            if not plugins:
                raise Missing(f"no {UNPACKED}/{pattern}: run 'make bootstrap'")
            for plugin in plugins:
                image.program(str(plugin.relative_to(UNPACKED)), plugin)
    for tool in sorted((BUILD / "bin").glob("*")):
        image.program(f"trivet/bin/{tool.name}", tool)
    for library in sorted((BUILD / "lib").glob("*.so.*")):
        image.file(f"usr/lib/{library.name}", library)
    for area in areas:
        for program in sorted((BUILD / "tests" / area).glob("*")):
            if os.access(program, os.X_OK) and program.is_file():
                image.program(f"trivet/bin/{program.name}", program)
    for guest in sorted((BUILD / "guests").glob("*")):
        image.file(f"trivet/guests/{guest.name}", guest)
    for name in FIRMWARE:
        for directory in ("/lib/firmware", "/usr/lib/firmware"):
            if (Path(directory) / name).exists():
                image.file(f"lib/firmware/{name}", Path(directory) / name)
                break
    add_stock_modules(image, kernel, modules)
    add_own_modules(image, kernel)
    for name, path in scripts.items():
        image.file(f"trivet/tests/{name}.sh", path)
    image.file("trivet/lib.sh", TOP / "tests" / "vm" / "lib.sh")
    for path in sorted((TOP / "tests" / "vm").glob("*/lib.sh")):
        image.file(f"trivet/lib-{path.parent.name}.sh", path)
    image.data("trivet/job", job.encode())
    image.data("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n")
    image.data("etc/group", b"root:x:0:\nnogroup:x:65534:\n")
    image.data("etc/nsswitch.conf", b"passwd: files\ngroup: files\nhosts: files\n")
    image.data("etc/hosts", b"127.0.0.1 localhost\n::1 localhost\n")
    return image
