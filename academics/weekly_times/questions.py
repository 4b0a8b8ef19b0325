"""Questions about a column whose cells can be read in several ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from academics.weekly_times.grammar import read_weekly_times
from academics.weekly_times.readings import Part
from academics.weekly_times.text import reading_text
from academics.weekly_times.vocabulary import Vocabulary


@dataclass(frozen=True)
class Choice:
    """``text``: what the example is then; ``settings``: what the answer changes (`Vocabulary.with_settings`)."""

    text: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """``about`` is its id within the column; ``count``: how many cells it concerns."""

    about: str
    text: str
    example: str
    count: int
    choices: tuple[Choice, ...]


@dataclass
class Concerned:
    """The cells that a question is about."""

    count: int = 0
    examples: dict[str, int] = field(default_factory=dict)

    def add(self, text: str, count: int) -> None:
        self.count += count
        self.examples[text] = self.examples.get(text, 0) + count

    @property
    def example(self) -> str:
        """The shortest of the most frequent."""
        return min(self.examples, key=lambda text: (-self.examples[text], len(text), text))


def question(about: str, text: str, concerned: Concerned, settings: Iterable[tuple[str, Mapping[str, Any]]]) -> Question:
    """Each setting comes with what the example is under it."""
    choices = tuple(Choice(said, dict(setting)) for said, setting in settings)
    return Question(about, text, concerned.example, concerned.count, choices)


def said_of(example: str, vocabulary: Vocabulary, settings: Mapping[str, Any], part: Part) -> str:
    return reading_text(read_weekly_times(example, vocabulary.with_settings(settings), part))
