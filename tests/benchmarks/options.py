"""What `make bench` is asked for: the variables of its command line, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
INSTANCES = Path(__file__).resolve().parent / "instances"
SUFFIXES = (".ctt", ".json")


class OptionError(ValueError):
    """A variable that can't be meant so; its text says which and what is possible."""


@dataclass(frozen=True)
class Options:
    """One call. What is None takes the suite's own default (`or_else`)."""

    suite: str = "small"
    data: Path = INSTANCES
    time_s: float | None = None
    seeds: int | None = None
    workers: int | None = None
    only: tuple[str, ...] = ()
    jobs: int = 1
    iterations: int = 20
    requests: int | None = None
    seed: int = 1  # of suites that run once
    scale: str = "large"
    parts: tuple[str, ...] = ()
    streams: tuple[int, ...] = ()
    choice_seeds: int | None = None
    large_time_s: float | None = None
    best: Path | None = None
    base: Path | None = None
    validator: Path | None = None
    out: Path = ROOT / "var" / "bench"
    given: str = "make bench"  # the call as somebody would type it again

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Options:
        """The options that the variables name; empty ones count as left out."""
        known = {name: variables[name].strip() for name in NAMES if variables.get(name, "").strip()}
        options = cls(
            suite=known.get("SUITE", cls.suite),
            data=_path(known, "DATA", is_folder=True) or cls.data,
            time_s=_number(known, "TIME", 0.5, 86_400),
            seeds=_whole(known, "SEEDS", 1, 1_000),
            workers=_whole(known, "WORKERS", 1, 64),
            only=_names(known, "ONLY"),
            jobs=_whole(known, "JOBS", 1, 64) or cls.jobs,
            seed=_whole(known, "SEED", 0, 2**31 - 1) or cls.seed,
            scale=known.get("SCALE", cls.scale),
            parts=_names(known, "PART"),
            streams=tuple(_whole({"STREAMS": number}, "STREAMS", 1, 20_000) or 0 for number in _names(known, "STREAMS")),
            choice_seeds=_whole(known, "CHOICE_SEEDS", 2, 1_000),
            large_time_s=_number(known, "LARGE_TIME", 0.5, 86_400),
            iterations=_whole(known, "ITERATIONS", 1, 10**9) or cls.iterations,
            requests=_whole(known, "REQUESTS", 1, 10**6),
            best=_path(known, "BEST"),
            base=_path(known, "BASE"),
            validator=_path(known, "VALIDATOR"),
            out=Path(known["OUT"]) if "OUT" in known else cls.out,
        )
        return replace(options, given=" ".join(["make bench", *(f"{name}={value}" for name, value in known.items())]))

    def or_else(self, *, time_s: float, seeds: int = 1, workers: int = 1) -> Settled:
        """What one suite runs with."""
        return Settled(self.time_s or time_s, self.seeds or seeds, self.workers or workers)

    def instances(self, suffixes: Sequence[str] = SUFFIXES) -> list[Path]:
        """The instance files of the folder, or those of them that were asked for, in that order."""
        found = {path.stem: path for path in sorted(self.data.iterdir()) if path.suffix in suffixes}
        if missing := [name for name in self.only if name not in found]:
            raise OptionError(f"ONLY: there is no instance {missing[0]} in {self.data}; there are {', '.join(found) or 'none'}.")
        if not found:
            raise OptionError(f"DATA: there is no {' or '.join(suffixes)} instance in {self.data}.")
        return [found[name] for name in self.only or found]


@dataclass(frozen=True)
class Settled:
    time_s: float
    num_seeds: int
    workers: int

    @property
    def seeds(self) -> range:
        return range(1, self.num_seeds + 1)


# fmt: off
NAMES = (
    "SUITE", "DATA", "TIME", "SEEDS", "WORKERS", "ONLY", "JOBS", "ITERATIONS", "SEED", "SCALE", "PART", "CHOICE_SEEDS",
    "STREAMS", "REQUESTS", "LARGE_TIME", "BEST", "BASE", "VALIDATOR", "OUT",
)
# fmt: on


def _names(known: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in known.get(name, "").split(",") if part.strip())


def _number(known: Mapping[str, str], name: str, low: float, high: float) -> float | None:
    if name not in known:
        return None
    try:
        value = float(known[name])
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise OptionError(f"{name}: {known[name]} is not a number between {low:g} and {high:g}.")
    return value


def _whole(known: Mapping[str, str], name: str, low: int, high: int) -> int | None:
    value = _number(known, name, low, high)
    if value is not None and value != int(value):
        raise OptionError(f"{name}: {known[name]} is not a whole number.")
    return None if value is None else int(value)


def _path(known: Mapping[str, str], name: str, *, is_folder: bool = False) -> Path | None:
    if name not in known:
        return None
    path = Path(known[name]).expanduser().absolute()
    if not (path.is_dir() if is_folder else path.is_file()):
        raise OptionError(f"{name}: there is no {'folder' if is_folder else 'file'} {path}.")
    return path
