"""What this container may use: the limits of its control group, version 2 or 1."""

import math
import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


def _number(path: Path) -> float:
    """The number in a file of the control group; infinite where there is no limit."""
    try:
        value = float(path.read_text().strip().replace("max", "inf"))
    except (OSError, ValueError):
        return math.inf
    return value if value > 0 else math.inf


def cpus(cgroup: Path = CGROUP) -> float:
    """CPUs, perhaps a part of one."""
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
        limit = math.inf if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        limit = _number(cgroup / "cpu/cpu.cfs_quota_us") / 100_000
    return min(limit, float(os.process_cpu_count() or 1))


def memory(cgroup: Path = CGROUP) -> float:
    """Bytes."""
    return min(_number(cgroup / "memory.max"), _number(cgroup / "memory/memory.limit_in_bytes"))
