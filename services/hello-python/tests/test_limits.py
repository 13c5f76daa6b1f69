import math
import os
from pathlib import Path

import pytest

from service import limits

ALL_CPUS = float(os.process_cpu_count() or 1)


def write(cgroup: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = cgroup / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return cgroup


@pytest.mark.parametrize(
    ("files", "cpus"),
    [
        ({"cpu.max": "50000 100000\n"}, 0.5),
        ({"cpu.max": "max 100000\n"}, ALL_CPUS),
        ({"cpu.max": "99900000 100000\n"}, ALL_CPUS),
        ({"cpu/cpu.cfs_quota_us": "25000\n"}, 0.25),
        ({"cpu/cpu.cfs_quota_us": "-1\n"}, ALL_CPUS),
        ({}, ALL_CPUS),
    ],
)
def test_cpus(tmp_path: Path, files: dict[str, str], cpus: float) -> None:
    assert limits.cpus(write(tmp_path, files)) == cpus


@pytest.mark.parametrize(
    ("files", "memory"),
    [
        ({"memory.max": "268435456\n"}, 2**28),
        ({"memory.max": "max\n"}, math.inf),
        ({"memory/memory.limit_in_bytes": "268435456\n"}, 2**28),
        ({}, math.inf),
    ],
)
def test_memory(tmp_path: Path, files: dict[str, str], memory: float) -> None:
    assert limits.memory(write(tmp_path, files)) == memory
