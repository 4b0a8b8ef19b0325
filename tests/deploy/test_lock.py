"""The locks name every library that is installed, each at one version and with hashes, and are those of the requirements."""

from __future__ import annotations

import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.processes import REPOSITORY

LOCKS = ("requirements.lock", "requirements-dev.lock")
ENTRY = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^ ;]+)(?: ; [^\\]+)?(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE
)


def _entries(name: str) -> dict[str, tuple[str, str]]:
    """Version and hashes of each library; nothing else stands in the file, neither an address nor a path."""
    text = (REPOSITORY / name).read_text()
    assert ENTRY.sub("", text).strip() == ""
    return {canonicalize_name(match["name"]): (match["version"], match["hashes"]) for match in ENTRY.finditer(text)}


def _pins(name: str) -> dict[str, str]:
    lines = (REPOSITORY / name).read_text().splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]
    return {canonicalize_name(each.name): str(each.specifier).removeprefix("==") for each in wanted}


@pytest.mark.parametrize(("lock", "requirements"), [(LOCKS[0], "requirements.txt"), (LOCKS[1], "requirements-dev.txt")])
def test_each_requirement_is_locked_at_its_version(lock: str, requirements: str) -> None:
    locked = {name: version for name, (version, _) in _entries(lock).items()}

    assert _pins(requirements).items() <= locked.items(), "run `make lock`"


def test_what_the_tests_run_with_is_what_an_installation_runs_with() -> None:
    assert _entries(LOCKS[0]).items() <= _entries(LOCKS[1]).items(), "run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_each_library_that_a_locked_one_brings_along_is_locked_too(lock: str) -> None:
    locked = _entries(lock)
    brought = {
        (name, canonicalize_name(needed.name))
        for name in locked
        for needed in _brought_along(name)
        if needed.marker is None or needed.marker.evaluate({"extra": ""})
    }

    assert {needed for _, needed in brought} <= locked.keys(), "run `make lock`"


def _brought_along(name: str) -> list[Requirement]:
    try:
        return [Requirement(text) for text in metadata.requires(name) or []]
    except metadata.PackageNotFoundError:
        return []  # of another platform


def test_everything_is_installed_from_the_locks_alone() -> None:
    installing = "\n".join((REPOSITORY / name).read_text() for name in ("Makefile", "Dockerfile"))
    asked = re.findall(r"pip install .*-r (\S+)", installing)

    assert set(asked) == set(LOCKS)
    assert all("--require-hashes" in line for line in installing.splitlines() if re.search(r"pip install .*-r ", line))
