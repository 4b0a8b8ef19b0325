"""One door to all file formats: which one a file is, its problem, and its solution written back."""

from __future__ import annotations

import os
from pathlib import PurePath

from generation.engine.model.problem import Problem
from generation.engine.model.solution import Solution
from generation.formats import FormatError, ctt, ectt, fet, itc2019, json, unitime, xhstt
from generation.formats.xml_source import root_tag

FORMATS = ("ctt", "ectt", "itc2019", "fet", "unitime", "xhstt", "json")
TERM = "itc2019"  # a `TermProblem`, which `itc2019.read` reads
_BY_SUFFIX = {".ctt": "ctt", ".ectt": "ectt", ".xml": "itc2019", ".fet": "fet", ".json": "json"}
_BY_ROOT = {unitime.ROOT: "unitime", xhstt.ROOT: "xhstt", itc2019.ROOT: TERM}


def format_guess(path: str | os.PathLike[str]) -> str:
    """The format that the file's name ends in, or of XML its root element; ``ctt`` where they say nothing."""
    if PurePath(path).suffix.lower() == ".xml":
        return _BY_ROOT.get(root_tag(path), "itc2019")
    return _BY_SUFFIX.get(PurePath(path).suffix.lower(), "ctt")


def problem_read(
    path: str | os.PathLike[str], *, format_name: str = "auto", formulation: str = "", allow_unsupported: bool = False
) -> Problem:
    """The problem of a file.

    ``formulation`` is one of `ectt.FORMULATIONS`, of curriculum-based files; UD2 where none is named.

    What the file asks and cannot be kept is left out with ``allow_unsupported``, and counted under `unsupported.LEFT_OUT` in the
    problem's ``source``.

    Raises
    ------
    FormatError
        If it is not a file of the format, or holds a term with weeks, which is no `Problem`.
    UnsupportedError
        If it asks what cannot be kept.
    """
    name = format_guess(path) if format_name == "auto" else format_name
    formulation_check(path, format_name=name, formulation=formulation)
    if name == "ectt":
        return ectt.to_problem(ectt.read(path), formulation or ectt.DEFAULT, allow_unsupported=allow_unsupported)
    if name == "json":
        return json.read_problem(path)
    if name == "fet":
        return fet.to_problem(fet.read(path), allow_unsupported=allow_unsupported)
    if name == "unitime":
        return unitime.to_problem(unitime.read(path), allow_unsupported=allow_unsupported)
    if name == "xhstt":
        return xhstt.to_problem(xhstt.read(path), allow_unsupported=allow_unsupported)
    if name == TERM:
        raise FormatError(PurePath(path).name, 0, "", "a term of ITC-2019 has weeks, which the model of one week cannot hold.")
    return ectt.plain_problem(ctt.read(path), formulation or ectt.DEFAULT, file=PurePath(path).name)


def formulation_check(path: str | os.PathLike[str], *, format_name: str, formulation: str) -> None:
    """Refuse a formulation of a format that has none."""
    if formulation and format_name not in ("ctt", "ectt"):
        raise FormatError(PurePath(path).name, 0, "", "formulations are of .ctt and .ectt files; leave --formulation out.")


def solution_write(problem: Problem, solution: Solution, *, format_name: str) -> str:
    """A solution's text in the format's own solution format."""
    writers = {
        "json": json.write_solution,
        "fet": fet.write_solution,
        "unitime": unitime.write_solution,
        "xhstt": xhstt.write_solution,
    }
    return writers.get(format_name, ctt.write_solution)(problem, solution)
