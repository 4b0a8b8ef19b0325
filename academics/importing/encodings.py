"""In which encoding a file of text was saved: found by what its words would be in each, or left to whoever knows.

UTF-8 and UTF-16 prove themselves. All others can be distinguished only by what they make of the words: each candidate's words are rated by
the letters that follow one another in the languages that are written in it (``letters.json``, made by `tests.count_letters`). What is
not clearly better than every other reading is never taken in silence.
"""

from __future__ import annotations

import codecs
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from academics.importing.messages import EncodingUnclear, UnreadableFile

CENTRAL, BALTIC = ("pl", "cs", "sk", "hu", "ro", "hr", "de"), ("lt", "lv", "et", "de")
WESTERN = ("de", "fr", "es", "pt", "it", "nl", "sv", "da", "fi", "is", "ca", "ga", "en")
CYRILLIC = ("ru", "uk", "bg", "sr")
# UTF-8 that a program took for Windows-1252, and saved as UTF-8 once more: Genève became GenÃ¨ve.
TWICE = "utf-8-twice"
SAVED_TWICE = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]+"
)


@dataclass(frozen=True)
class Encoding:
    """One that can be chosen. ``rarity`` is what speaks against it before a word is read; those without languages are never guessed."""

    name: str
    label: str
    languages: tuple[str, ...] = ()
    rarity: float = 0.0


ENCODINGS: dict[str, Encoding] = {
    each.name: each
    for each in (
        Encoding("utf-8", "Unicode (UTF-8)"),
        Encoding(TWICE, "Unicode (UTF-8), saved twice"),
        Encoding("utf-16", "Unicode (UTF-16)"),
        Encoding("utf-16-le", "Unicode (UTF-16, little endian)"),
        Encoding("utf-16-be", "Unicode (UTF-16, big endian)"),
        Encoding("cp1252", "Western European (Windows-1252)", WESTERN),
        Encoding("cp1250", "Central European (Windows-1250)", CENTRAL, 1),
        Encoding("cp1251", "Cyrillic (Windows-1251)", CYRILLIC, 1),
        Encoding("cp1253", "Greek (Windows-1253)", ("el",), 1),
        Encoding("cp1254", "Turkish (Windows-1254)", ("tr",), 1),
        Encoding("cp1255", "Hebrew (Windows-1255)", ("he",), 1),
        Encoding("cp1256", "Arabic (Windows-1256)", ("ar", "fa"), 1),
        Encoding("cp1257", "Baltic (Windows-1257)", BALTIC, 1),
        Encoding("cp1258", "Vietnamese (Windows-1258)", ("vi",), 1),
        Encoding("cp874", "Thai (Windows-874)", ("th",), 1),
        Encoding("gb18030", "Simplified Chinese (GBK, GB18030)", ("zh-hans",), 1),
        Encoding("big5hkscs", "Traditional Chinese (Big5)", ("zh-hant",), 1),
        Encoding("cp932", "Japanese (Shift-JIS)", ("ja",), 1),
        Encoding("euc_jp", "Japanese (EUC-JP)", ("ja",), 3),
        Encoding("iso2022_jp", "Japanese (ISO-2022-JP)"),
        Encoding("cp949", "Korean (EUC-KR)", ("ko",), 1),
        Encoding("mac_roman", "Western European (Mac Roman)", WESTERN, 2),
        Encoding("mac_latin2", "Central European (Mac)", CENTRAL, 4),
        Encoding("mac_cyrillic", "Cyrillic (Mac)", CYRILLIC, 4),
        Encoding("mac_greek", "Greek (Mac)", ("el",), 5),
        Encoding("mac_turkish", "Turkish (Mac)", ("tr",), 5),
        Encoding("koi8_r", "Cyrillic (KOI8-R)", ("ru", "bg"), 2),
        Encoding("koi8_u", "Cyrillic (KOI8-U)", ("uk",), 2),
        Encoding("iso8859_2", "Central European (ISO 8859-2)", CENTRAL, 2),
        Encoding("iso8859_5", "Cyrillic (ISO 8859-5)", CYRILLIC, 3),
        Encoding("iso8859_6", "Arabic (ISO 8859-6)", ("ar",), 3),
        Encoding("iso8859_7", "Greek (ISO 8859-7)", ("el",), 2),
        Encoding("iso8859_9", "Turkish (ISO 8859-9)", ("tr",), 2),
        Encoding("iso8859_13", "Baltic (ISO 8859-13)", BALTIC, 3),
        Encoding("iso8859_15", "Western European (ISO 8859-15)", WESTERN, 2),
        Encoding("cp437", "Western European (DOS 437)", WESTERN, 5),
        Encoding("cp737", "Greek (DOS 737)", ("el",), 5),
        Encoding("cp775", "Baltic (DOS 775)", BALTIC, 5),
        Encoding("cp850", "Western European (DOS 850)", WESTERN, 4),
        Encoding("cp852", "Central European (DOS 852)", CENTRAL, 4),
        Encoding("cp857", "Turkish (DOS 857)", ("tr",), 5),
        Encoding("cp862", "Hebrew (DOS 862)", ("he",), 5),
        Encoding("cp864", "Arabic (DOS 864)"),
        Encoding("cp866", "Cyrillic (DOS 866)", CYRILLIC, 3),
    )
}
# Names that people and programs use for them, beside those that Python knows.
ALSO = {"ansi": "cp1252", "latin1": "cp1252", "iso8859-1": "cp1252", "gbk": "gb18030", "gb2312": "gb18030", "big5": "big5hkscs"}
ALSO |= {"shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "euc_kr": "cp949", "euc-kr": "cp949", "utf-8-sig": "utf-8"}
ALSO |= {"macintosh": "mac_roman", "mac": "mac_roman", "cp950": "big5hkscs", "unicode": "utf-16"}
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
DECOMPOSED = frozenset({"cp1258"})  # has accents as letters of their own
SIGNS = ("zh-hans", "zh-hant", "ja", "ko")
MOST_WORDS, MOST_BYTES = 800, 20_000  # that are rated: the most frequent ones
LONGEST = 100
MOST_CANDIDATES = 8
MARGIN = 7.0  # by how much (natural logarithm) the best reading must beat the next that differs
# The mean rating of a letter from which on no reading is believed: of an alphabet, and of thousands of signs.
BAD, BAD_SIGN = 5.5, 10.5
FAR = 40.0  # readings that are so much worse than the best are not offered
SAMPLES = 4
TOKEN = re.compile(rb"[^\x00-\x2f\x3a-\x3f]+")
JAPANESE_ESCAPE = b"\x1b$"
QUOTES = frozenset("–—‘’‚“”„…•«»\u00a0№‐·、。「」（）：；，・　”“％＆")
OPENING, CLOSING = frozenset("„“‘‚«"), frozenset("”»")
ORDINALS = frozenset("ªº°²³™®©½¼€£§±×")


@dataclass(frozen=True)
class Candidate:
    """One reading of a file, with some of the words that the others read differently."""

    encoding: str
    label: str
    sample: str


@dataclass(frozen=True)
class Detected:
    """``encoding`` is empty where it is not clear; the candidates then say what each reading would be."""

    encoding: str
    candidates: tuple[Candidate, ...] = ()


def encoding_named(name: str) -> str:
    """One of `ENCODINGS` by any usual name, such as Windows-1250 or latin2; empty where there is none."""
    plain = name.strip().lower().replace(" ", "-")
    plain = ALSO.get(plain, plain)
    if plain in ENCODINGS:
        return plain
    try:
        found = codecs.lookup(re.sub(r"^(windows|dos|mac)-?(?=\d)", "cp", plain)).name
    except (LookupError, ValueError):
        return ""
    python = {codecs.lookup(each).name: each for each in ENCODINGS if each != TWICE}
    return python.get(found, ALSO.get(found, ""))


def text_decoded(*, file: str, data: bytes, encoding: str) -> str:
    """The text in the encoding that was chosen. Raises `UnreadableFile` where the bytes are none of it."""
    mark = next((name for start, name in MARKS.items() if data.startswith(start)), "")
    python = mark if mark and encoding.startswith(mark[:6]) else "utf-8" if encoding == TWICE else encoding
    try:
        text = data.decode(python)
    except UnicodeError as error:
        label = ENCODINGS[encoding].label
        row = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise UnreadableFile("encoding_wrong", field="encoding", file=file, label=label, row=row) from None
    if "\0" in text:
        raise UnreadableFile("file_binary", field="files", file=file)
    text = text.removeprefix("\ufeff")
    return once(text) if encoding == TWICE else text


def once(text: str) -> str:
    """What was saved twice as it was before; what is no such thing stays."""
    return SAVED_TWICE.sub(_once, text)


def _once(found: re.Match[str]) -> str:
    try:
        # Browsers and databases let the five bytes that Windows-1252 leaves open stand for themselves.
        raw = b"".join(letter.encode("latin-1" if letter < "\u0100" else "cp1252") for letter in found.group())
        return raw.decode("utf-8")
    except UnicodeError:
        return found.group()


def encoding_unclear(file: str, found: Detected) -> EncodingUnclear:
    readings = "; ".join(f"{each.encoding} ({each.label}): {each.sample}" for each in found.candidates)
    refusal = EncodingUnclear("encoding_unclear", field="encoding", file=file, readings=readings)
    refusal.candidates = [{"file": file, **asdict(each)} for each in found.candidates]
    return refusal


def encoding_detect(*, file: str, data: bytes) -> Detected:
    """Raises `UnreadableFile` for what is no text in any encoding."""
    if any(data.startswith(mark) for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Detected("utf-16")
    if b"\0" in data:
        return _wide(file, data)
    if JAPANESE_ESCAPE in data and _is_decodable(data, "iso2022_jp"):
        return Detected("iso2022_jp")
    if _is_decodable(data, "utf-8"):
        return _saved_twice(data.decode("utf-8-sig")) or Detected("utf-8")
    return _rated(file, data)


def _saved_twice(text: str) -> Detected | None:
    """Both readings, where some of the text may have been saved twice: nobody's name is GenÃ¨ve, but a file may say so."""
    if text.isascii():
        return None
    words = dict.fromkeys(word for found in SAVED_TWICE.finditer(text) if _once(found) != found.group() for word in [_word_at(text, found)])
    if not words:
        return None
    samples = list(words)[:SAMPLES]
    readings = ((TWICE, [once(word) for word in samples]), ("utf-8", samples))
    return Detected("", tuple(Candidate(name, ENCODINGS[name].label, ", ".join(sample)) for name, sample in readings))


def _word_at(text: str, found: re.Match[str]) -> str:
    """The cell, or the part of it, that the letters stand in."""
    start = max(text.rfind(mark, max(0, found.start() - 30), found.start()) for mark in ' ,;\t\n"') + 1
    ends = [end for mark in ' ,;\t\r\n"' if (end := text.find(mark, found.end(), found.end() + 30)) >= 0]
    return text[max(start, found.start() - 30) : min(ends, default=found.end() + 30)]


def _is_decodable(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True


def _wide(file: str, data: bytes) -> Detected:
    """UTF-16 without its mark: separators and line ends have their zero on one side, and all letters exist."""
    rated = {}
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if "\0" not in text and all(unicodedata.category(letter) not in ("Cn", "Co", "Cs") for letter in set(text)):
            rated[encoding] = sum(text.count(mark) for mark in "\n\r,;\t ")
    best = max(rated, key=lambda name: rated[name], default="")
    if not best or not rated[best] or list(rated.values()).count(rated[best]) > 1:
        raise UnreadableFile("file_binary", field="files", file=file)
    return Detected(best)


def _rated(file: str, data: bytes) -> Detected:
    tokens = _tokens(data)
    readings: dict[tuple[str, ...], tuple[float, str]] = {}  # how good the best encoding is that reads these words, and its name
    for each in ENCODINGS.values():
        words = _words(tokens, each.name) if each.languages else None
        if words is None:
            continue
        rating = max(_rating(words, language) for language in each.languages) - each.rarity
        if words not in readings or rating > readings[words][0]:
            readings[words] = (rating, each.name)
    near: list[tuple[str, ...]] = []
    for words in sorted(readings, key=lambda words: -readings[words][0]):
        behind = readings[near[0]][0] - readings[words][0] if near else 0.0
        if behind > FAR or len(near) == MOST_CANDIDATES or (behind >= MARGIN and len(near) == 1 and _is_like_words(near[0], readings)):
            break
        if _is_whole(data, readings[words][1]):
            near.append(words)
    if not near:
        raise UnreadableFile("file_binary", field="files", file=file)
    is_clear = len(near) == 1 or readings[near[0]][0] - readings[near[1]][0] >= MARGIN
    if is_clear and _is_like_words(near[0], readings):
        return Detected(readings[near[0]][1])
    return Detected("", tuple(_candidate(readings[words][1], words, near) for words in near))


def _tokens(data: bytes) -> list[bytes]:
    """The most frequent words that are not ASCII alone, cut where they are no words any more."""
    found = Counter(token for match in TOKEN.finditer(data) if not (token := match.group()[:LONGEST]).isascii())
    kept, size = [], 0
    for token, _ in found.most_common(MOST_WORDS):
        size += len(token)
        if size > MOST_BYTES:
            break
        kept.append(token)
    return kept


def _is_like_words(words: tuple[str, ...], readings: Mapping[tuple[str, ...], tuple[float, str]]) -> bool:
    return -readings[words][0] < _most(words)


def _is_whole(data: bytes, encoding: str) -> bool:
    """Whether the whole file can be in this encoding, not only the words that were looked at."""
    try:
        text = data.decode(encoding)
    except UnicodeError:
        return False
    return not any(_is_impossible(letter) for letter in set(text))


def _most(words: Iterable[str]) -> float:
    """The rating from which on these words are none."""
    letters = [letter for word in words for letter in word if letter.isalpha() or not letter.isascii()]
    return sum(BAD_SIGN if letter >= "\u2e80" else BAD for letter in letters) + MARGIN


def _candidate(encoding: str, words: tuple[str, ...], readings: Sequence[tuple[str, ...]]) -> Candidate:
    different = [word for index, word in enumerate(words) if len({reading[index] for reading in readings}) > 1] or list(words)
    return Candidate(encoding, ENCODINGS[encoding].label, ", ".join(dict.fromkeys(word[:30] for word in different[:SAMPLES])))


def _words(tokens: Iterable[bytes], encoding: str) -> tuple[str, ...] | None:
    """The words in this encoding; None where they can't be in it."""
    try:
        # A word that was cut off may end within a letter.
        words = tuple([token.decode(encoding, "strict" if len(token) < LONGEST else "ignore") for token in tokens])
    except UnicodeError:
        return None
    if encoding in DECOMPOSED:
        words = tuple([unicodedata.normalize("NFC", word) for word in words])
    return None if any(_is_impossible(letter) for letter in set("".join(words))) else words


def _is_impossible(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category in ("Cn", "Co", "Cs") or (category == "Cc" and letter not in "\t\r\n\x0b\x0c\x1a\x1b")


@cache
def _letters() -> Mapping[str, Mapping[str, int]]:
    found: dict[str, dict[str, int]] = json.loads(Path(__file__).with_name("letters.json").read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class _Language:
    """How likely a letter is after another."""

    pairs: Mapping[str, int]
    before: Mapping[str, int]
    alone: Mapping[str, int]
    total: int

    def cost(self, before: str, letter: str) -> float:
        alone = (self.alone.get(letter, 0) + 0.02) / (self.total + 3)
        return -math.log((self.pairs.get(before + letter, 0) + 8 * alone) / (self.before.get(before, 0) + 8))


@cache
def _language(name: str) -> _Language:
    pairs = _letters()[name]
    before: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for pair, count in pairs.items():
        before[pair[:-1]] += count
        alone[pair[-1]] += count
    return _Language(pairs, before, alone, sum(pairs.values()))


def _rating(words: Iterable[str], language: str) -> float:
    rate = _sign_cost if language in SIGNS else _word_cost
    return -sum(rate(word, language) for word in words)


def _word_cost(word: str, language: str) -> float:
    """How unlikely the word is in the language: letter by letter, with what no spelling has in between."""
    known = _language(language)
    cost, before = 0.0, " "
    for index, letter in enumerate(word):
        if not (letter.isalpha() or unicodedata.combining(letter) or "\u0e30" <= letter <= "\u0e4e"):
            if before != " " and letter.isascii():
                cost += known.cost(before, " ")
            cost += 0.0 if letter.isascii() else _mark_cost(word, index)
            before = " "
            continue
        small = letter.lower()[:1]
        previous = word[index - 1] if index else ""
        if letter.isupper() and previous.islower() and not (letter.isascii() and previous.isascii()):
            cost += 6.0
        if previous.isalpha() and _script(letter) != _script(previous):
            cost += 8.0
        if before == " " and letter.islower() and not letter.isascii():
            cost += 2.0  # most cells begin with a capital, and ASCII words say nothing
        step = known.cost(before, small)
        # A name of another language is no proof: a letter costs only so much.
        cost += min(step, 5.0 if letter.isascii() else 10.0)
        before = small
    return cost + (min(5.0, known.cost(before, " ")) if before != " " else 0.0)


def _mark_cost(word: str, index: int) -> float:
    """A sign that is no letter: cheap where such signs stand, and hardly ever between letters."""
    letter, previous, following = word[index], word[index - 1 : index] if index else "", word[index + 1 : index + 2]
    is_inside = previous.isalpha() and following.isalpha()
    if letter == "\u00a0":
        return 3.0
    if letter in "’‘´" and is_inside:
        return 5.0
    if letter in QUOTES:
        is_turned = previous.isalpha() if letter in OPENING else following.isalpha() and letter in CLOSING
        return 9.0 if is_inside or is_turned else 3.0
    if letter in ORDINALS:
        return 12.0 if following.isalpha() else 7.0 if previous.isalpha() and letter not in "ªº°™®" else 4.0
    return 13.0


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


@cache
def _sign_single_cost(letter: str, language: str) -> float:
    """By how often the sign was counted; unknown ones by whether the country's first standard has them among the usual."""
    counts = _letters()[language]
    total = sum(counts.values())
    kinds = {"zh-hans": ("gb2312", 0xB0, 0xD7), "zh-hant": ("big5", 0xA4, 0xC6), "ja": ("euc_jp", 0xB0, 0xCF), "ko": ("euc_kr", 0xB0, 0xC8)}
    encoding, low, high = kinds[language]
    try:
        lead = letter.encode(encoding)[0]
    except UnicodeError:
        return 14.0
    script = _script(letter)
    if script in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"):
        usual = 4.5 if language == "ja" else 12.0
    elif letter in QUOTES or script == "FULLWIDTH":
        usual = 5.0
    elif low <= lead <= high:
        usual = 8.0
    elif script in ("CJK", "HANGUL"):
        usual = 11.0
    else:
        usual = 12.0
    seen = counts.get(letter, 0) / total
    return -math.log(0.6 * seen + math.exp(-usual))


def _sign_cost(word: str, language: str) -> float:
    cost, previous = 0.0, ""
    for letter in word:
        if letter.isascii():
            # Latin letters stand apart from signs: "Aé" read as one sign and a letter is hardly a word.
            cost += 3.0 if letter.isalpha() else 0.0
            cost += 6.0 if letter.islower() and previous and not previous.isascii() else 0.0
        elif "\uff61" <= letter <= "\uff9f":  # halfwidth kana: old, and what other encodings look like in this one
            cost += 6.0 if (previous.isascii() and not previous.isalpha()) or "\uff61" <= previous <= "\uff9f" else 12.0
        else:
            cost += _sign_single_cost(letter, language)
            cost += 6.0 if previous.islower() and previous.isascii() else 0.0
        previous = letter
    return cost
