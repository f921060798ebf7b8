# SPDX-License-Identifier: GPL-2.0
"""Two network devices that a host would give a virtual machine: virtio-net of two queues,
with the offloads of TAP, joined by a bridge. TAP devices and bridge are in a network
namespace of the emulator's own, so that the host's network stays as it is and no
privileges are needed."""

import functools
import os
import subprocess

NAMES = ("trivet0", "trivet1")
QUEUES = 2

# Nobody speaks on this network but the machine: no IPv6, no IGMP of the host's.
MAKE = """
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
ip link add bridge type bridge mcast_snooping 0 forward_delay 0 || exit
for tap in """ + " ".join(NAMES) + """; do
	ip tuntap add mode tap multi_queue name $tap && ip link set $tap master bridge up || exit
done
ip link set bridge up || exit
exec "$@"
"""


def prefix():
    """What to start an emulator with, so that the TAP devices are there."""
    unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    return [*unshare, "sh", "-c", MAKE, "sh"]


@functools.cache
def can_have_taps():
    return subprocess.run([*prefix(), "true"], stdin=subprocess.DEVNULL, check=False,
                          capture_output=True).returncode == 0


def arguments(taps):
    """QEMU's. Where the host lets us make no TAP devices: a hub, which has one queue."""
    given = []
    for i, name in enumerate(NAMES):
        backend = f"tap,id=n{i},ifname={name},queues={QUEUES},script=no,downscript=no" if taps \
            else f"hubport,id=n{i},hubid=0"
        device = f"virtio-net-pci,netdev=n{i},mac=52:54:00:00:00:0{i + 1},romfile="
        if taps:
            device += f",mq=on,vectors={2 * QUEUES + 2}"
        given += ["-netdev", backend, "-device", device]
    return given
