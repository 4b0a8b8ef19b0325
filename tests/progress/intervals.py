"""Intervals that tests shrink, or leave at their full length.

`TIMELOOM_FULL_INTERVALS=1 pytest tests/progress/test_faults.py tests/progress/test_worker_killed.py` plays every fault as
an installation would live through it, in about a quarter of an hour.
"""

from __future__ import annotations

import os

IS_FULL = os.environ.get("TIMELOOM_FULL_INTERVALS") == "1"
# So many times as long a test waits for what must come.
PATIENCE = 6 if IS_FULL else 1


def shrunk(**settings: str) -> dict[str, str]:
    """Settings for a test in a hurry; at full length everything has its own default."""
    return {} if IS_FULL else settings
