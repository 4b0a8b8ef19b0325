"""What the cells of a column say together of how each is to be read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from academics.week_labels import DAY_NAMES
from academics.weekly_times.clocks import FIRST_EVENING_HOUR, HALF_DAY, HOUR, is_early, range_of
from academics.weekly_times.day_groups import AmbiguousError, DayGroup, NotUnderstoodError, is_dashed_both_ways, is_range
from academics.weekly_times.grammar import interpretations, languages_alike, read_weekly_times
from academics.weekly_times.items import Item, ItemKind
from academics.weekly_times.meetings import Meetings, slashed_of
from academics.weekly_times.questions import Concerned, Question, question, said_of
from academics.weekly_times.readings import Part, Reading
from academics.weekly_times.scanning import SHIFT
from academics.weekly_times.text import reading_text
from academics.weekly_times.vocabulary import Vocabulary
from academics.weekly_times.words import Way

Cells = Mapping[tuple[Part, str], int]
LANGUAGE_NAMES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "pt": "Portuguese",
    "it": "Italian",
    "tr": "Turkish",
    "ru": "Russian",
    "ja": "Japanese",
    "zh": "Chinese",
    "ko": "Korean",
    "ar": "Arabic",
    "pl": "Polish",
    "nl": "Dutch",
    "cs": "Czech",
    "sv": "Swedish",
    "uk": "Ukrainian",
    "el": "Greek",
}
SLASHED = re.compile(r"(?<!\d)(\d{1,2})([/-])(\d{1,2})\2(?:\d{4}|\d{2})(?!\d)")


@dataclass(frozen=True)
class View:
    """A cell in one language: its reading, and where that is ambiguous the ways to read its days, so that languages can be told apart."""

    reading: Reading
    ways: frozenset[tuple[Way, ...]] = frozenset()
    has_unknown: bool = False

    @property
    def fits(self) -> bool:
        return self.reading.is_understood or (self.reading.is_ambiguous and not self.has_unknown)

    @property
    def text(self) -> str:
        if not self.reading.is_ambiguous:
            return reading_text(self.reading)
        return " or ".join(DAY_NAMES[day] for day in sorted({day for each in self.ways for way in each for day, _ in way}))


class Evidence:
    """Of the distinct cells of a column, with how often each occurs. Every step takes what the steps before have found."""

    def __init__(self, cells: Cells, vocabulary: Vocabulary) -> None:
        self.cells = cells
        self.vocabulary = replace(vocabulary, open_settings=())
        self.questions: list[Question] = []

    def decide(self) -> None:
        """Letters only where the language is decided: which days they may be depends on it."""
        self._decide_languages()
        is_language_open = bool(self.questions)
        meetings = [(part, text, count, self._meetings(part, text)) for (part, text), count in self.cells.items()]
        self._decide_dates([(text, each) for _, text, _, each in meetings])
        groups = [(text, count, group) for _, text, count, each in meetings for group in _day_groups(each)]
        self._decide_dashes(groups)
        self._decide_slashes(meetings)
        self._decide_shifts(meetings)
        if not is_language_open:
            self._decide_letters(groups)
        self._decide_day_numbers(meetings)
        self._decide_bare_numbers(meetings)
        self._decide_afternoon(meetings)

    def _items(self, part: Part, text: str, vocabulary: Vocabulary) -> list[Item]:
        return next(iter(interpretations(text, vocabulary, part)), [])

    def _meetings(self, part: Part, text: str) -> Meetings:
        """With what it has read; languages that are still open are read as the first of them."""
        meetings = Meetings(self._items(part, text, self.vocabulary), self.vocabulary)
        meetings.reading()
        return meetings

    def _decide_languages(self) -> None:
        """Those that read the most cells. A question where they read them differently."""
        candidates = self.vocabulary.languages
        if len(candidates) == 1:
            return
        views: dict[str, list[View]] = {language: [] for language in candidates}
        fits = dict.fromkeys(candidates, 0)
        alone = {language: replace(self.vocabulary, languages=(language,)) for language in candidates}
        for (part, text), count in self.cells.items():
            for languages in languages_alike(text, self.vocabulary):
                view = self._view(part, text, alone[languages[0]])
                for language in languages:
                    views[language].append(view)
                    fits[language] += count * view.fits
        best = [language for language in candidates if fits[language] == max(fits.values())]
        self.vocabulary = replace(self.vocabulary, languages=tuple(best))
        alike: dict[tuple[View, ...], list[str]] = defaultdict(list)
        for language in best:
            alike[tuple(views[language])].append(language)
        if len(alike) > 1:
            self._ask_language(alike)

    def _ask_language(self, alike: dict[tuple[View, ...], list[str]]) -> None:
        concerned = Concerned()
        for ((_, text), count), seen in zip(self.cells.items(), zip(*alike, strict=True), strict=True):
            if len(set(seen)) > 1:
                concerned.add(text, count)
        place = [text for _, text in self.cells].index(concerned.example)
        choices = [
            (f"{' or '.join(LANGUAGE_NAMES[language] for language in languages)}: {views[place].text}", {"languages": languages})
            for views, languages in alike.items()
        ]
        self.questions.append(question("languages", "In which language are the days written?", concerned, choices))

    def _view(self, part: Part, text: str, alone: Vocabulary) -> View:
        reading = read_weekly_times(text, alone, part)
        if not reading.is_ambiguous:
            return View(reading)
        items = self._items(part, text, alone)
        ways = frozenset(item.ways for item in items if item.kind is ItemKind.DAYS)
        return View(reading, ways, any(item.kind is ItemKind.UNKNOWN for item in items))

    def _decide_dates(self, meetings: list[tuple[str, Meetings]]) -> None:
        if self.vocabulary.day_first is not None:
            return
        votes: set[bool] = set()
        concerned = Concerned()
        for (_, text), count in self.cells.items():
            for found in SLASHED.finditer(text):
                one, two = int(found.group(1)), int(found.group(3))
                if 12 < one <= 31 and two <= 12:
                    votes.add(True)
                elif 12 < two <= 31 and one <= 12:
                    votes.add(False)
                elif one != two and max(one, two) <= 12:
                    concerned.add(found.group(), count)
        votes |= {vote for _, each in meetings for vote in self._votes_of_weekdays(each)} if not votes else set()
        if not concerned.count:
            return
        if len(votes) == 1:
            self.vocabulary = replace(self.vocabulary, day_first=votes.pop())
            return
        settings = [{"day_first": True}, {"day_first": False}]
        choices = [(said_of(concerned.example, self.vocabulary, each, "date"), each) for each in settings]
        self.questions.append(question("day_first", "Which comes first in the dates, the day or the month?", concerned, choices))

    def _votes_of_weekdays(self, meetings: Meetings) -> Iterator[bool]:
        """Fri 02/12/2022 is the second of December: the twelfth of February was no Friday."""
        for group in _day_groups(meetings):
            try:
                named = group.named_days(self.vocabulary) if group.items else []
            except (AmbiguousError, NotUnderstoodError):
                continue
            for item in group.dates:
                if item.date is None or item.other_date is None:
                    continue
                matches = item.date.weekday() in named, item.other_date.weekday() in named
                if matches[0] != matches[1]:
                    yield matches[0]

    def _decide_dashes(self, groups: list[tuple[str, int, DayGroup]]) -> None:
        if self.vocabulary.dashed_days is not None:
            return
        concerned = Concerned()
        has_list = has_range = False
        for text, count, group in groups:
            for chain in group.chains():
                has_list = has_list or len(chain) > 2
                has_range = has_range or is_range(chain)
                if len(chain) == 2 and is_dashed_both_ways(chain):
                    concerned.add(text, count)
        if not concerned.count:
            return
        if has_list != has_range:
            self.vocabulary = replace(self.vocabulary, dashed_days="list" if has_list else "range")
            return
        settings = [{"dashed_days": "list"}, {"dashed_days": "range"}]
        choices = [("these days alone", settings[0]), ("from the one day to the other, with those between them", settings[1])]
        self.questions.append(question("dashed_days", "What does the dash between two days mean?", concerned, choices))

    def _decide_slashes(self, meetings: list[tuple[Part, str, int, Meetings]]) -> None:
        """9:00/10:30. They are two starts where one of them is not before the other."""
        if self.vocabulary.slashed_times is not None:
            return
        concerned = Concerned()
        for _, text, count, each in meetings:
            for one, other in slashed_of(each.groups):
                if one.first and other.first and range_of(one.first, other.first, 0) is None:
                    self.vocabulary = replace(self.vocabulary, slashed_times="list")
                    return
                concerned.add(text, count)
        if concerned.count:
            settings = [{"slashed_times": "range"}, {"slashed_times": "list"}]
            choices = [("the start and the end of a meeting", settings[0]), ("the starts of two meetings", settings[1])]
            self.questions.append(question("slashed_times", "What are two times with a slash between them?", concerned, choices))

    def _decide_shifts(self, meetings: list[tuple[Part, str, int, Meetings]]) -> None:
        """24M12: the days 2 and 4, the first and second period of the morning. How many periods a morning has, only people know."""
        if self.vocabulary.shift_starts is not None:
            return
        concerned = Concerned()
        most = {"m": 1, "t": 1, "n": 1}
        for _, text, count, each in meetings:
            for item in each.items:
                if item.kind is ItemKind.AMBIGUOUS and (found := SHIFT.fullmatch(item.text.casefold())):
                    concerned.add(text, count)
                    most[found.group(2)] = max(most[found.group(2)], *map(int, found.group(3)))
        if not concerned.count:
            return
        possible = [(one, one + other) for one in (6, 5, 4, 7) for other in (6, 5, 4, 7) if one >= most["m"] and other >= most["t"]]
        choices = [
            (f"M1 is period 1, T1 is period {one + 1} and N1 is period {other + 1} of the day", {"shift_starts": [one, other]})
            for one, other in possible
        ]
        self.questions.append(question("shift_starts", "How many periods have morning (M) and afternoon (T)?", concerned, choices))

    def _decide_letters(self, groups: list[tuple[str, int, DayGroup]]) -> None:
        """A letter is the day that it is elsewhere in the column; else the one of its days that nothing else in the column stands for."""
        forms: dict[int, set[str]] = defaultdict(set)
        days_of: dict[str, set[int]] = defaultdict(set)
        open_days: dict[str, set[int]] = defaultdict(set)
        concerned: dict[str, Concerned] = defaultdict(Concerned)
        for text, count, group in groups:
            try:
                sequences = group.sequences(self.vocabulary)
            except (AmbiguousError, NotUnderstoodError):
                continue
            seen: dict[tuple[int, str], set[int]] = defaultdict(set)
            for sequence in sequences:
                for place, (day, piece) in enumerate(sequence):
                    seen[place, piece].add(day)
            for (_, piece), days in seen.items():
                if len(days) == 1:
                    day = next(iter(days))
                    days_of[piece].add(day)
                    if piece:
                        forms[day].add(piece)
                elif piece not in self.vocabulary.letters:
                    open_days[piece] |= days
                    concerned[piece].add(text, count)
        letters = dict(self.vocabulary.letters)
        for piece, days in open_days.items():
            left = days_of[piece] if len(days_of[piece]) == 1 else {day for day in days if not forms[day] - {piece}}
            if len(left) == 1:
                letters[piece] = next(iter(left))
            else:
                choices = [(DAY_NAMES[day], {"letters": {piece: day}}) for day in sorted(days)]
                self.questions.append(question(f"letter {piece}", f"Which day is {piece.upper()}?", concerned[piece], choices))
        self.vocabulary = replace(self.vocabulary, letters=letters)

    def _decide_day_numbers(self, meetings: list[tuple[Part, str, int, Meetings]]) -> None:
        if self.vocabulary.monday_number is not None:
            return
        concerned = Concerned()
        digits: set[int] = set()
        for part, text, count, each in meetings:
            numbers = [item.text for item in each.items if item.kind is ItemKind.AMBIGUOUS and item.text.isdecimal()]
            if part == "days" and numbers:
                concerned.add(text, count)
                digits |= {int(digit) for number in numbers for digit in number}
        possible = [monday for monday in (1, 2, 0) if all(max(monday - 1, 0) <= digit <= monday + 6 for digit in digits)]
        if not concerned.count or not possible:
            return
        first = min(digits)
        choices = [(f"{first} is {DAY_NAMES[(first - monday) % 7]}", {"monday_number": monday}) for monday in possible]
        self.questions.append(question("monday_number", "Which days are the numbers?", concerned, choices))

    def _decide_bare_numbers(self, meetings: list[tuple[Part, str, int, Meetings]]) -> None:
        """Hours, where the column has clock times, 11-1, or only numbers as hours are (8-10 to 16-18); alone they are periods."""
        if self.vocabulary.bare_numbers is not None:
            return
        bare = [(text, count, item) for _, text, count, each in meetings for item in each.bare]
        if not bare:
            return
        spans = {(item.first.number, item.last.number if item.last else None) for _, _, item in bare if item.first}
        ranges = {(first, last) for first, last in spans if last is not None}
        numbers = [number for span in spans for number in span if number is not None]
        has_clock = any(each.has_clock for *_, each in meetings)
        if has_clock or any(last < first for first, last in ranges):
            self.vocabulary = replace(self.vocabulary, bare_numbers="hours")
        elif max(numbers) > 24 or (not ranges and min(numbers) < FIRST_EVENING_HOUR):
            self.vocabulary = replace(self.vocabulary, bare_numbers="periods")
        elif len(ranges) >= 3 and ranges == spans and min(numbers) >= 7 and max(numbers) >= 15:
            self.vocabulary = replace(self.vocabulary, bare_numbers="hours")
        else:
            concerned = Concerned()
            for text, count, _ in bare:
                concerned.add(text, count)
            settings = [{"bare_numbers": "periods"}, {"bare_numbers": "hours"}]
            part = next(part for part, text, *_ in meetings if text == concerned.example)
            choices = [(said_of(concerned.example, self.vocabulary, each, part), each) for each in settings]
            self.questions.append(question("bare_numbers", "Are the numbers periods of the day or hours?", concerned, choices))
            self._leave_open("bare_numbers")

    def _leave_open(self, setting: str) -> None:
        self.vocabulary = replace(self.vocabulary, open_settings=tuple(sorted({*self.vocabulary.open_settings, setting})))

    def _decide_afternoon(self, meetings: list[tuple[Part, str, int, Meetings]]) -> None:
        """Where some begin before 7:00 and no time is after 12:59, or others say am or pm, it may be a clock of twelve hours."""
        if self.vocabulary.afternoon_below is not None:
            return
        concerned = Concerned()
        has_seven = has_late = has_half = False
        for _, text, count, each in meetings:
            for item in each.items:
                if item.kind is not ItemKind.SPAN or item.first is None or not self._is_clock(item, each):
                    continue
                values = [value for value in (item.first, item.last) if value is not None]
                has_late = has_late or any(value.half is None and value.minute >= HALF_DAY + HOUR for value in values)
                is_said = any(value.half for value in values)
                has_half = has_half or is_said
                if is_early(item.first, item.last):
                    concerned.add(text, count)
                has_seven = has_seven or (not is_said and item.first.minute // HOUR == FIRST_EVENING_HOUR)
        if not concerned.count or (has_late and not has_half):
            return
        part = next(part for part, text, *_ in meetings if text == concerned.example)
        hours = [FIRST_EVENING_HOUR, FIRST_EVENING_HOUR + 1, 0] if has_seven else [FIRST_EVENING_HOUR, 0]
        choices = []
        for hour in hours:
            said = said_of(concerned.example, self.vocabulary, {"afternoon_below": hour}, part)
            seven = {FIRST_EVENING_HOUR: "; 7:00 is in the morning", FIRST_EVENING_HOUR + 1: "; 7:00 is in the evening"}.get(hour, "")
            choices.append((said + (seven if has_seven else ""), {"afternoon_below": hour}))
        self.questions.append(question("afternoon_below", "Are these times in the afternoon?", concerned, choices))
        self._leave_open("afternoon_below")

    def _is_clock(self, item: Item, meetings: Meetings) -> bool:
        if item in meetings.bare:
            return self.vocabulary.bare_numbers == "hours"
        return any(value is not None and value.is_clock for value in (item.first, item.last))


def _day_groups(meetings: Meetings) -> list[DayGroup]:
    return [group for groups in meetings.groups for group in groups if isinstance(group, DayGroup)]
