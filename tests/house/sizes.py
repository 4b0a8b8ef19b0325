"""How long functions and modules are, and how much of the source is comment."""

from __future__ import annotations

import ast
import io
import math
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

LONG_MODULE = 500


@dataclass(frozen=True)
class Sizes:
    functions: list[int]  # lines of each, its signature and docstring included
    modules: list[int]
    num_comments: int  # lines that hold one, alone or behind code
    num_lines: int  # that hold something

    @property
    def num_long_modules(self) -> int:
        return sum(size > LONG_MODULE for size in self.modules)

    @property
    def comment_share(self) -> float:
        return self.num_comments / self.num_lines if self.num_lines else 0.0


def sizes_of(paths: Iterable[Path]) -> Sizes:
    functions: list[int] = []
    modules: list[int] = []
    comments = lines = 0
    for path in paths:
        text = path.read_text()
        functions += [
            node.end_lineno - node.lineno + 1
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None
        ]
        modules.append(len(text.splitlines()))
        comments += sum(token.type == tokenize.COMMENT for token in tokenize.generate_tokens(io.StringIO(text).readline))
        lines += sum(bool(line.strip()) for line in text.splitlines())
    return Sizes(sorted(functions), sorted(modules), comments, lines)


def percentile(sizes: Sequence[int], share: float) -> int:
    """Of a sorted list: the smallest that so large a share does not exceed."""
    return sizes[max(0, math.ceil(share * len(sizes)) - 1)] if sizes else 0
