"""How many threads decoding should use on this machine."""

from __future__ import annotations

import os
from pathlib import Path

_CPUS = Path("/sys/devices/system/cpu")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def available() -> set[int]:
    """The logical processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return set(os.sched_getaffinity(0))
    return set(range(os.cpu_count() or 1))


def physical() -> int:
    """The number of physical cores among them, at least 1, no more than a container's quota allows.

    Decoding is bound by memory and by the vector units, which two threads of one core share: a thread more than
    there are cores slows it down.
    """
    cores = set()
    for cpu in available():
        try:
            siblings = (_CPUS / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text().strip()
        except OSError:
            siblings = str(cpu)
        cores.add(siblings)
    count = len(cores)
    quota = _quota()
    return max(1, min(count, quota) if quota else count)


def _quota() -> int | None:
    """Whole processors of the control group's quota, rounded up; None where there is none."""
    try:
        limit, period = _QUOTA.read_text().split()
    except (OSError, ValueError):
        return None
    if limit == "max" or not limit.isdigit() or not int(period):
        return None
    return max(1, -(-int(limit) // int(period)))


def memory_mib() -> int:
    """The machine's memory in MiB; 0 where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // (1 << 20)
    except (AttributeError, OSError, ValueError):
        return 0
