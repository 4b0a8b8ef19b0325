"""The published checker of ITC-2019's solutions, a program of its own beside the published instances."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def published_counts(shared: Path, problem_file: Path, solution: Path) -> dict[str, int]:
    """``hard``, the four parts before their weights (``time``, ``room``, ``dist``, ``student``), and the weighted ``total``."""
    command = [sys.executable, str(shared / "tools" / "itc2019_validate.py"), str(problem_file), str(solution)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "feasible=" in run.stdout, run.stderr
    return {name: int(number) for name, number in re.findall(r"(hard|time|room|dist|student|total)=(\d+)", run.stdout.splitlines()[-1])}
