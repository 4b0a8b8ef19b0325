"""Problems for suites that look into the engine: published instances beside the large demo university."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from generation.engine.model.problem import Problem
from generation.formats.instances import problem_read
from tests.benchmarks.options import OptionError, Options

LARGE = "large"


def subjects(options: Options, *, usual: Sequence[str]) -> Iterator[tuple[str, Problem]]:
    """Those that ONLY names; otherwise the usual ones that the folder has (or all, where it has none), and the large demo."""
    files = {path.stem: path for path in options_files(options)}
    chosen = options.only or (*([name for name in usual if name in files] or files), LARGE)
    makers = {name: partial(problem_read, path) for name, path in files.items()} | {LARGE: large_university}
    for name in chosen:
        if name not in makers:
            raise OptionError(f"ONLY: there is no instance {name}; there are {', '.join(makers)}.")
    for name in chosen:
        yield name, makers[name]()


def options_files(options: Options) -> list[Path]:
    return Options(data=options.data).instances()


def large_university() -> Problem:
    return university_named("large")


def university_named(scale: str) -> Problem:
    """The demo university of that scale; Django is set up for its row types, and no database is touched."""
    django_set_up()
    from academics.demo import scale_named
    from tests.benchmarks.universities import university

    return university(scale_named(scale), name=f"demo {scale}")


def django_set_up() -> None:
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
    django.setup()
