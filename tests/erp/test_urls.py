"""What reading the addresses loads, which each process of the web server does before it answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.processes import REPOSITORY

# The search and what it needs, and typesetting: the workers' business, and that of few pages.
LATER = ["deap", "fpdf", "networkx", "numba", "ortools", "pandas", "generation.engine.solve"]
CODE = f"""
import sys
from pathlib import Path
import django
django.setup()
from django.urls import resolve
resolve("/")
print([name for name in {LATER} if name in sys.modules])
"""


def test_the_addresses_are_read_without_the_search(tmp_path: Path) -> None:
    env = {"TIMELOOM_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "erp.settings", "PATH": ""}
    read = subprocess.run([sys.executable, "-c", CODE], cwd=REPOSITORY, env=env, capture_output=True, text=True, check=True)

    assert read.stdout.strip() == "[]"
