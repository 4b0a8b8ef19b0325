"""One grammar for cells of days and times: tokens become days, spans and weeks, and these weekly times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from academics.weekly_times.items import Item, ItemKind, ItemReader
from academics.weekly_times.meetings import Meetings
from academics.weekly_times.readings import Part, Reading
from academics.weekly_times.scanning import ORDINAL_SIGN, Piece, Token, scan
from academics.weekly_times.vocabulary import Vocabulary
from academics.weekly_times.words import LANGUAGES, LONGEST_PHRASE, Kind, Meaning, fold, meaning, phrase_beginnings, phrases

LONGEST_CELL = 2000


def read_weekly_times(text: str, vocabulary: Vocabulary | None = None, part: Part = "cell") -> Reading:
    """What a cell says. ``part``: what its column holds; in one of days alone, numbers are days. Never raises, whatever the text."""
    text = text.strip()
    vocabulary = vocabulary or Vocabulary()
    if not text:
        return Reading()
    if len(text) > LONGEST_CELL:
        return Reading(not_understood=(text[:80] + "…",))
    if (stands_for := _taught_cell(text, vocabulary)) is not None:
        return read_weekly_times(stands_for, vocabulary.without_taught, part)
    if not any(letter.isalnum() for letter in text):
        return Reading(has_no_weekly_time=True) if set(text) <= set("-–—.:_/ ") else Reading(not_understood=(text,))
    return _read(text, vocabulary, part)


def _taught_cell(text: str, vocabulary: Vocabulary) -> str | None:
    if not vocabulary.taught:
        return None
    found = vocabulary.taught.get(text)
    return found if found is not None else vocabulary.taught_by_folded_text.get(fold(text))


def _read(text: str, vocabulary: Vocabulary, part: Part) -> Reading:
    """Where some languages understand all of it otherwise than others, it is ambiguous."""
    found = interpretations(text, vocabulary, part)
    if len(found) == 1:
        return reading_of(text, found[0], vocabulary)
    readings = dict.fromkeys(reading_of(text, items, vocabulary) for items in found)
    understood = [reading for reading in readings if reading.is_understood]
    is_open = bool(understood) and any(reading.is_ambiguous for reading in readings)
    if len(understood) > 1 or is_open:
        return Reading(not_understood=(text,), is_ambiguous=True)
    return understood[0] if understood else min(readings, key=lambda reading: sum(map(len, reading.not_understood)))


def reading_of(text: str, items: list[Item], vocabulary: Vocabulary) -> Reading:
    """Of one interpretation. A text of fillers alone says nothing that is understood."""
    reading = Meetings(items, vocabulary).reading()
    is_silent = reading.is_empty and not any(item.kind is ItemKind.SILENT for item in items)
    return Reading(not_understood=(text,)) if is_silent else reading


def interpretations(text: str, vocabulary: Vocabulary, part: Part) -> list[list[Item]]:
    """What the languages that know the most words make of a text: several where they know other meanings of them."""
    tokens = _tokens(text, vocabulary)
    return [
        ItemReader(text, tokens, meanings, part, vocabulary, read_weekly_times).items() for meanings in _interpretations(tokens, vocabulary)
    ]


def languages_alike(text: str, vocabulary: Vocabulary) -> Iterator[list[str]]:
    """The languages, those together in which each word of the text means the same: it is read alike in them."""
    if vocabulary.taught:  # what stands for a word is read in the language too
        yield from ([language] for language in vocabulary.languages)
        return
    shape = tuple(map(_shape, _tokens(text[:LONGEST_CELL], vocabulary)))
    found: dict[object, list[str]] = {}
    for language in vocabulary.languages:
        found.setdefault(_interpretations_of(shape, (language,)) if shape else (), []).append(language)
    yield from found.values()


def _tokens(text: str, vocabulary: Vocabulary) -> list[Token]:
    return _with_phrases([token for token in scan(text) if token.piece is not Piece.MARK], vocabulary)


def _interpretations(tokens: Sequence[Token], vocabulary: Vocabulary) -> Sequence[tuple[Meaning | None, ...]]:
    """The meanings of all tokens, once for each way in which languages understand them."""
    return _interpretations_of(tuple(map(_shape, tokens)), vocabulary.languages)


def _shape(token: Token) -> Token:
    """A token with no more of it than its meaning depends on: a column's cells have many numbers, and few shapes."""
    if token.piece is Piece.WORD:
        return Token(token.piece, 0, 0, key=token.key, is_close=token.is_close)
    value = token.value if token.value in NUMBERS_WITH_MEANING else 0
    return Token(token.piece, 0, 0, value=value, is_close=token.is_close)


@lru_cache(maxsize=4096)
def _interpretations_of(tokens: tuple[Token, ...], languages: tuple[str, ...]) -> tuple[tuple[Meaning | None, ...], ...]:
    found: dict[tuple[Meaning | None, ...], tuple[int, bool, int]] = {}
    says_half = any(token.key in ("am", "pm") for token in tokens)
    for language in LANGUAGES:  # their order decides nothing
        if language not in languages:
            continue
        meanings = tuple(_meaning(tokens, place, language) for place in range(len(tokens)))
        unknown = sum(known is None and token.piece is Piece.WORD for known, token in zip(meanings, tokens, strict=True))
        cut = sum(
            known is not None and len(token.key) >= LEAST_OF_A_NAME and known.kind is Kind.DAYS and all(len(way) > 1 for way in known.ways)
            for known, token in zip(meanings, tokens, strict=True)
        )
        rank = (unknown, says_half and language not in WITH_HALVES, cut)
        found[meanings] = min(rank, found.get(meanings, rank))
    best = min(found.values())
    return tuple(meanings for meanings, rank in found.items() if rank == best)


WITH_HALVES = ("en", "es", "ja")  # where people write am and pm
NOON = 720
LEAST_OF_A_NAME = 4  # letters: a day's name in one language is not a list of letters of days in another (lunes: lune, s)
NUMBERS_WITH_MEANING = frozenset({*range(2, 8), 12, NOON})  # of which `_meaning` asks
ORDINAL_DAY_ENDINGS = ("a", "as", "f", "af", ORDINAL_SIGN, ORDINAL_SIGN + "s", ORDINAL_SIGN + "f")
ORDINAL_ENDINGS = {
    "en": frozenset({"st", "nd", "rd", "th"}),
    "fr": frozenset({"e", "er", "re", "eme", "ere"}),
    "es": frozenset({"a", "o", ORDINAL_SIGN}),
    "it": frozenset({"a", "o", ORDINAL_SIGN}),
    "pt": frozenset({"o", ORDINAL_SIGN}),
    "ru": frozenset({"я", "и", "ая", "ю"}),
    "uk": frozenset({"а", "я", "у", "ю", "ша", "га"}),
    "sv": frozenset({"e", "a"}),
}


def _meaning(tokens: Sequence[Token], place: int, language: str) -> Meaning | None:
    """Of a word; beside a number a letter may mean something else than alone."""
    token = tokens[place]
    if token.piece is not Piece.WORD:
        return None
    before = tokens[place - 1] if place else None
    if before is not None and token.is_close and before.piece in (Piece.NUMBER, Piece.CLOCK):
        if token.key == "h":
            return Meaning(Kind.HOURS)
        if language == "en" and token.key in ("a", "p"):
            return Meaning(Kind.MORNING if token.key == "a" else Kind.AFTERNOON)
        is_day_number = before.piece is Piece.NUMBER and 2 <= before.value <= 7
        if language == "pt" and is_day_number and token.key in ORDINAL_DAY_ENDINGS:
            return Meaning(Kind.ORDINAL_DAY)
        if token.key in ORDINAL_ENDINGS.get(language, ()) and _has_periods(tokens, language):
            return Meaning(Kind.FILLER)
        if token.key in ("a", "as", ORDINAL_SIGN):
            return None  # 2a is not 2 to
    if language in ("ru", "uk") and before is not None and before.piece is Piece.DASH and token.key in ORDINAL_ENDINGS[language]:
        return Meaning(Kind.FILLER) if place > 1 and tokens[place - 2].piece is Piece.NUMBER else None
    if language == "es" and token.key == "m" and before is not None and before.value in (12, NOON):
        return Meaning(Kind.CLOCK, minute=NOON)
    if before is not None and token.key == "am" and before.piece in (Piece.NUMBER, Piece.CLOCK):
        return Meaning(Kind.MORNING)
    return meaning(token.key, language)


def _has_periods(tokens: Sequence[Token], language: str) -> bool:
    """3ª hora is the third period; without the word, 3ª is no number of one."""
    return any(token.piece is Piece.WORD and (known := meaning(token.key, language)) and known.kind is Kind.PERIODS for token in tokens)


def _with_phrases(tokens: list[Token], vocabulary: Vocabulary) -> list[Token]:
    """Taught phrases, and those of several words, as one token each."""
    result: list[Token] = []
    place = 0
    while place < len(tokens):
        taught = _taught_phrase(tokens, place, vocabulary) if vocabulary.taught else None
        token, place = taught or _phrase(tokens, place) or (tokens[place], place + 1)
        result.append(token)
    return result


def _taught_phrase(tokens: list[Token], place: int, vocabulary: Vocabulary) -> tuple[Token, int] | None:
    for keys, value in vocabulary.taught_by_beginning.get(tokens[place].key, ()):
        end = place + len(keys)
        if tuple(token.key for token in tokens[place:end]) == keys:
            return Token(Piece.TAUGHT, tokens[place].first, tokens[end - 1].last, key=value), end
    return None


def _phrase(tokens: list[Token], place: int) -> tuple[Token, int] | None:
    """Words with spaces or dashes between them: on-line is on line."""
    if tokens[place].piece is not Piece.WORD or tokens[place].key not in phrase_beginnings():
        return None
    words = [tokens[place].key]
    found = None
    for at in range(place + 1, min(len(tokens), place + 2 * LONGEST_PHRASE)):
        token = tokens[at]
        if token.piece is Piece.WORD:
            words.append(token.key)
            if len(words) > LONGEST_PHRASE:
                break
            if (key := " ".join(words)) in phrases():
                found = Token(Piece.WORD, tokens[place].first, token.last, key=key), at + 1
        elif not (token.piece in (Piece.DASH, Piece.COMMA) and token.key in "-/" and at + 1 < len(tokens)):
            break
    return found
