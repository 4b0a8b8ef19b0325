"""Names of people as they are written in different tables: with titles or without, family name first, initials, without accents."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field

TITLES = frozenset(
    (
        *("dr", "prof", "professor", "doctor", "mr", "mrs", "ms", "miss", "phd", "dphil", "msc", "bsc", "mba", "dipl", "mag", "hab"),
        *("habil", "assoc", "asst", "associate", "assistant", "adj", "adjunct", "emeritus", "herr", "frau", "doz", "docent", "mgr"),
        *("lic", "rndr", "phdr", "mudr", "judr", "csc", "drsc", "rer"),
    )
)
WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
BRACKETS = re.compile(r"\([^)]*\)")
# Letters that have no accent that could be taken off.
PLAIN_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name without case, accents, titles and marks, in an order that says nothing."""
    folded = unicodedata.normalize("NFKD", BRACKETS.sub(" ", name).casefold().translate(PLAIN_LETTERS))
    words = WORD.findall("".join(letter for letter in folded if not unicodedata.combining(letter)))
    return tuple(sorted(word for word in words if word not in TITLES) or sorted(words))


def are_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether both may be one person's: each word of the shorter is one of the longer, or its initial, and a word is the same in both."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < 2:
        return False
    # Whole words first, so that an initial does not take the word that another one needs.
    rest = list(longer)
    is_any_same = False
    for word in sorted(shorter, key=len, reverse=True):
        found = next((each for each in rest if each == word), None)
        if found is not None:
            is_any_same |= len(word) > 1
        else:
            found = next((each for each in rest if 1 in (len(each), len(word)) and each[0] == word[0]), None)
        if found is None:
            return False
        rest.remove(found)
    return is_any_same


@dataclass
class PeopleIndex:
    """Codes by their names."""

    _by_words: dict[tuple[str, ...], dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    _by_word: dict[str, set[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(set))

    def add(self, code: str, name: str) -> None:
        words = name_words(name)
        if words:
            self._by_words[words][code] = None
            for word in words:
                self._by_word[word].add(words)

    def named(self, name: str) -> list[str]:
        """The codes of those who have this name; where nobody does, of those who may be meant: initials, or a name left out."""
        words = name_words(name)
        if words in self._by_words:
            return list(self._by_words[words])
        possible: set[tuple[str, ...]] = set().union(*(self._by_word.get(word, set()) for word in words if len(word) > 1))
        return sorted({code for other in possible if are_alike(words, other) for code in self._by_words[other]})
