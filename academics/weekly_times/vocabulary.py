"""What is known of how a column is written: its languages, the reading of what is ambiguous, and the words that somebody has taught."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Self, get_args

from academics.weekly_times.scanning import phrase_keys
from academics.weekly_times.words import LANGUAGES, fold

BareNumbers = Literal["periods", "hours"]
DashedDays = Literal["range", "list"]
SlashedTimes = Literal["range", "list"]
MOST_TAUGHT = 500
LONGEST_TAUGHT = 200


class BadVocabularyError(ValueError):
    """What was stored or sent is no vocabulary; the text says why."""


@dataclass(frozen=True)
class Vocabulary:
    """Everything of it is optional; ``None`` is: nothing known, so that what depends on it is ambiguous.

    ``letters``: the day that a letter is, where a language has two for it (``t``: Tuesday or Thursday). ``day_first``: 2/3/2026 is
    2 March. ``bare_numbers``: what 9-10 is. ``afternoon_below``: hours below it are in the afternoon where nothing says am or pm.
    ``dashed_days``: what T-Th is. ``slashed_times``: what 9:00/10:30 is. ``shift_starts``:
    the periods of the day before the first of the afternoon and of the evening, where codes such as 24M12 count each of them from 1.
    ``monday_number``: the number of Monday, where days are numbers. ``taught``: what a word or a phrase
    stands for, in words that are understood (``{"Blk A": "Mon 09:00-10:30"}``); empty: it says nothing.
    ``open_settings``: which of these are a question; until one is answered, no usual reading stands in for it.
    """

    languages: tuple[str, ...] = LANGUAGES
    letters: Mapping[str, int] = field(default_factory=dict)
    day_first: bool | None = None
    bare_numbers: BareNumbers | None = None
    afternoon_below: int | None = None
    dashed_days: DashedDays | None = None
    slashed_times: SlashedTimes | None = None
    shift_starts: tuple[int, int] | None = None
    monday_number: int | None = None
    taught: Mapping[str, str] = field(default_factory=dict)
    open_settings: tuple[str, ...] = ()

    def with_taught(self, taught: Mapping[str, str]) -> Self:
        return replace(self, taught={**self.taught, **taught})

    @cached_property
    def without_taught(self) -> Vocabulary:
        """What a taught word stands for is read without the taught words, so that none leads in a circle."""
        return replace(self, taught={})

    @cached_property
    def taught_by_folded_text(self) -> Mapping[str, str]:
        return {folded: value for phrase, value in self.taught.items() if (folded := fold(phrase))}

    @cached_property
    def taught_by_beginning(self) -> Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]:
        """By the first piece of a taught phrase: its pieces, and what it stands for; the longest first."""
        found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for phrase, value in self.taught.items():
            if keys := phrase_keys(phrase):
                found.setdefault(keys[0], []).append((keys, value))
        return {first: tuple(sorted(listed, key=lambda each: -len(each[0]))) for first, listed in found.items()}

    def is_open(self, setting: str) -> bool:
        return setting in self.open_settings and getattr(self, setting) is None

    def with_settings(self, settings: Mapping[str, Any]) -> Self:
        """With the settings of an answer (see `columns.Choice`) in place of its own; letters are added."""
        data = self.as_json()
        letters = {**data.get("letters", {}), **settings.get("letters", {})}
        return type(self).from_json({**data, **settings, **({"letters": letters} if letters else {})})

    def as_json(self) -> dict[str, Any]:
        """Only what is known, as lists, texts, numbers and truths."""
        data: dict[str, Any] = {"languages": list(self.languages)} if self.languages != LANGUAGES else {}
        for name in ("day_first", "bare_numbers", "afternoon_below", "dashed_days", "slashed_times", "monday_number"):
            if getattr(self, name) is not None:
                data[name] = getattr(self, name)
        if self.shift_starts is not None:
            data["shift_starts"] = list(self.shift_starts)
        if self.open_settings:
            data["open_settings"] = list(self.open_settings)
        for name in ("letters", "taught"):
            if getattr(self, name):
                data[name] = dict(getattr(self, name))
        return data

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Raises BadVocabularyError for what `as_json` would not write."""
        if not isinstance(data, dict):
            raise BadVocabularyError("A vocabulary is an object of names and values.")
        for name, value in data.items():
            check = CHECKS.get(name)
            if check is None:
                raise BadVocabularyError(f"A vocabulary has no {str(name)[:40]!r}. It has: {', '.join(CHECKS)}.")
            if not check(value):
                raise BadVocabularyError(f"{name} can't be {str(value)[:60]!r}. Allowed is {ALLOWED[name]}.")
        values = {name: value for name, value in data.items() if value is not None}
        if "languages" in values:
            values["languages"] = tuple(name for name in LANGUAGES if name in values["languages"])
        if "open_settings" in values:
            values["open_settings"] = tuple(values["open_settings"])
        if "shift_starts" in values:
            values["shift_starts"] = tuple(values["shift_starts"])
        return cls(**values)


def _is_number(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_taught(value: object) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= MOST_TAUGHT
        and all(isinstance(text, str) and len(text) <= LONGEST_TAUGHT for pair in value.items() for text in pair)
    )


def _are_letters(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(letter, str) and len(letter) <= 2 and _is_number(day, 0, 6) for letter, day in value.items()
    )


def _are_languages(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(name in LANGUAGES for name in value)


def _are_shift_starts(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(each, 1, 40) for each in value) and value[0] < value[1]


CHECKS: dict[str, Callable[[Any], bool]] = {
    "languages": _are_languages,
    "letters": _are_letters,
    "day_first": lambda value: value is None or isinstance(value, bool),
    "bare_numbers": lambda value: value is None or value in get_args(BareNumbers),
    "afternoon_below": lambda value: value is None or _is_number(value, 0, 12),
    "open_settings": lambda value: isinstance(value, list) and set(map(str, value)) <= {"bare_numbers", "afternoon_below"},
    "dashed_days": lambda value: value is None or value in get_args(DashedDays),
    "slashed_times": lambda value: value is None or value in get_args(SlashedTimes),
    "shift_starts": lambda value: value is None or _are_shift_starts(value),
    "monday_number": lambda value: value is None or _is_number(value, 0, 2),
    "taught": _is_taught,
}
ALLOWED = {
    "languages": f"a list of {', '.join(LANGUAGES)}",
    "letters": "an object of letters and days from 0 (Monday) to 6",
    "day_first": "true, false or nothing",
    "bare_numbers": "periods, hours or nothing",
    "afternoon_below": "an hour from 0 to 12, or nothing",
    "open_settings": "a list of bare_numbers and afternoon_below",
    "dashed_days": "range, list or nothing",
    "slashed_times": "range, list or nothing",
    "shift_starts": "a list of two numbers of periods, the larger one last, or nothing",
    "monday_number": "0, 1, 2 or nothing",
    "taught": f"an object of at most {MOST_TAUGHT} words and what each stands for, in at most {LONGEST_TAUGHT} characters",
}
