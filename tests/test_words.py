"""The field's and the framework's words, in names and in sentences: a dialect of our own does not come back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("academics", "erp", "generation", "progress")
# Words that no name is made of, and what is said instead.
INSTEAD = {
    "told": "messages, text, on_progress, reported",
    "asked": "requested, lookup, get_...",
    "teller": "reporter, observer",
    "speaker": "writer",
    "hears": "handlers, receives",
    "astray": "unseated, missing",
    "surely": "required",
    "owes": "pending",
    "mates": "related",
    "judge": "evaluator",
    "judged": "evaluated, scored",
    "judging": "evaluating",
    "desk": "board",
    "shelf": "cache",
}
# Names that stay: fields of the REST interface, of stored rows and of libraries, and what is called so outside.
STAYS = {
    "asked": "a field of the readiness check in the REST interface",
    "not_judged": "a field of the comparison in the REST interface",
    "JudgedSerializer": "the name of its shape there",
}
# Names that are still to be changed, by room: they may go, and none may come. The kernels (`mates`) are compiled anew everywhere
# when their file changes, so that their names change only together with something else.
NOT_YET = {
    "generation/engine/infeasibility": "_mates mates",
    "generation/engine/search": "_mates mates mates_delta",
    "generation/engine/stages": "_tie_mates mates mates_delta",
}

SENTENCES = {
    r"\bbr(?:ing|ought|ings) (?:\w+ ){0,3}in\b": "import",
    r"\bto mend first\b": "fix these first",
    r"\b[Mm]end(?:ed)?\b": "fix, correct",
    r"\bthe judge\b|\b[Jj]udged (?:by|under|again|anew|against)\b": "the evaluator; evaluated, scored",
}


def _parts(name: str) -> set[str]:
    return {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(), filename=str(path))


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                yield name
            case ast.alias(asname=str(name)) | ast.keyword(arg=str(name)):
                yield name


def _sentences(tree: ast.Module) -> Iterator[str]:
    """Every string but docstrings: what people may read."""
    statements = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    docstrings = {id(value) for value in statements if isinstance(value, ast.Constant)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def _offences(names: Iterable[str], where: str) -> set[str]:
    known = {name for room, left in NOT_YET.items() if where.startswith(room) for name in left.split()}
    return {name for name in names if _parts(name) & set(INSTEAD)} - set(STAYS) - known


@pytest.fixture(scope="module")
def sources() -> list[tuple[str, ast.Module]]:
    return list(_sources())


def test_names_are_the_fields_and_the_frameworks(sources: list[tuple[str, ast.Module]]) -> None:
    found = {where: names for where, tree in sources if (names := _offences({*_names(tree), *Path(where).with_suffix("").parts}, where))}

    assert not found, {word: INSTEAD[word] for names in found.values() for name in names for word in _parts(name) & set(INSTEAD)}


def test_sentences_are_those_that_a_registrar_would_write(sources: list[tuple[str, ast.Module]]) -> None:
    texts = [(where, "\n".join(_sentences(tree))) for where, tree in sources]
    pages = [
        path
        for folder in ("templates", "static/js")
        for path in sorted((ROOT / folder).rglob("*.*"))
        if path.suffix in (".html", ".txt", ".js")
    ]
    texts += [(path.relative_to(ROOT).as_posix(), path.read_text()) for path in pages]

    found = [
        (where, match[0], instead)
        for where, text in texts
        for pattern, instead in SENTENCES.items()
        for match in re.finditer(pattern, text)
    ]

    assert not found
