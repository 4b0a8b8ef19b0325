"""The words of days, months, weeks and periods by language: names from CLDR (Babel), and what people write beside them."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from itertools import pairwise

from babel import Locale
from babel.dates import get_day_names, get_month_names

LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "tr", "ru", "ja", "zh", "ko", "ar", "pl", "nl", "cs", "sv", "uk", "el")


class Kind(Enum):
    DAYS = auto()  # the ways to read it: each a tuple of (day, the letters that say it)
    AND = auto()
    TO = auto()
    FILLER = auto()
    MORNING = auto()
    AFTERNOON = auto()
    HOURS = auto()  # what is beside it are hours: Uhr
    PERIODS = auto()  # what is beside it are numbers of periods
    WEEKS = auto()
    NO_TIME = auto()
    CLOCK = auto()  # noon
    ORDINAL_DAY = auto()  # the a of 2a, which is Monday in Portuguese


Way = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Meaning:
    kind: Kind
    ways: tuple[Way, ...] = ()
    minute: int = 0


@lru_cache(maxsize=4096)
def fold_letter(letter: str) -> str:
    """Without accents, case and width; the Turkish dotless i is an i."""
    kept = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
    return kept.casefold().replace("ı", "i")


def fold(text: str) -> str:
    return " ".join("".join(fold_letter(letter) for letter in unicodedata.normalize("NFC", text)).replace(".", "").split())


# Words of people that CLDR has not.
MORE_DAYS: dict[str, dict[str, int]] = {
    "en": {"tues": 1, "weds": 2, "thur": 3, "thurs": 3, "thr": 3, "wdn": 2},
    "de": {"sonnabend": 5},
    "fr": {},
    "es": {"mier": 2, "mie": 2},
    "pt": {"segunda": 0, "terca": 1, "quarta": 2, "quinta": 3, "sexta": 4, "sb": 5},
    "it": {},
    "tr": {"pts": 0, "sl": 1, "crs": 2, "prs": 3, "cm": 4, "cts": 5, "pz": 6, "pzr": 6},
    "ru": {
        **{"понедельникам": 0, "вторникам": 1, "средам": 2, "четвергам": 3, "пятницам": 4, "субботам": 5, "воскресеньям": 6},
        "среду": 2,
        "пятницу": 4,
        "субботу": 5,
        "пнд": 0,
        "втр": 1,
        "срд": 2,
        "чтв": 3,
        "птн": 4,
        "суб": 5,
        "вск": 6,
    },
    "ja": {},
    "zh": {"星期天": 6, "周天": 6, "礼拜一": 0, "礼拜二": 1, "礼拜三": 2, "礼拜四": 3, "礼拜五": 4, "礼拜六": 5, "礼拜天": 6},
    "ko": {},
    "ar": {"الاتنين": 0, "اثنين": 0, "ثلاثاء": 1, "اربعاء": 2, "خميس": 3, "جمعة": 4, "سبت": 5, "احد": 6},
    "pl": {"pn": 0, "wt": 1, "sr": 2, "czw": 3, "cz": 3, "pt": 4, "sob": 5, "nd": 6, "ndz": 6},
    "nl": {},
    "cs": {"stredu": 2, "sobotu": 5, "nedeli": 6, "pon": 0, "ute": 1, "str": 2, "ctv": 3, "pat": 4, "sob": 5, "ned": 6},
    "sv": {"man": 0, "tis": 1, "ons": 2, "tors": 3, "tor": 3, "fre": 4, "lor": 5, "son": 6},
    "uk": {
        **{"п'ятниця": 4, "п’ятниця": 4, "пятниця": 4, "п'ятницю": 4, "п’ятницю": 4, "пятницю": 4},
        **{"середу": 2, "суботу": 5, "неділю": 6, "пон": 0, "втр": 1, "срд": 2, "чтв": 3, "птн": 4, "суб": 5},
    },
    "el": {"πεμτη": 3},
}
PLURALS = {"en": "s", "de": "s", "fr": "s", "es": "s", "pt": "s", "it": "s", "sv": "ar"}
# A beginning of a day's name that says something else: нед. is a week, in Ukrainian files too.
NO_DAYS: dict[str, frozenset[str]] = {"uk": frozenset({"нед"})}
# Their narrow names are numerals, or letters of other words; of Polish and Dutch people write more than a letter.
WITHOUT_LETTERS = ("zh", "ar", "pl", "nl", "cs", "sv", "uk")
# One or two letters that stand for a day in lists such as MWF, beside CLDR's narrow names. A letter may be two days.
MORE_LETTERS: dict[str, dict[str, tuple[int, ...]]] = {
    "en": {"r": (3,), "h": (3,), "u": (6,), "m": (0,), "w": (2,), "f": (4,)},
    "es": {"m": (1, 2), "x": (2,)},
}
_WORDS: dict[Kind, dict[str, str]] = {
    Kind.AND: {
        "en": "and|plus|also",
        "de": "und|u|sowie",
        "fr": "et",
        "es": "y|e",
        "pt": "e",
        "it": "e|ed",
        "tr": "ve",
        "ru": "и",
        "ja": "と",
        "zh": "和|及",
        "ko": "및",
        "cs": "a|i",
        "sv": "och|samt",
        "uk": "і|й|та",
        "el": "και",
    },
    Kind.TO: {
        "en": "to|til|till|until|thru|through",
        "de": "bis",
        "fr": "a|au|jusqu'a",
        "es": "a|al|hasta|a las",
        "pt": "a|as|ao|ate|ate as",
        "it": "a|al|alle|all|fino a|fino alle",
        "tr": "ile",
        "ru": "до|по",
        "ja": "から|より",
        "zh": "至|到",
        "ko": "부터",
        "cs": "do|az",
        "sv": "till|t o m",
        "uk": "до|по",
        "el": "εως|μεχρι|ως",
    },
    Kind.FILLER: {
        "en": "at|from|on|every|each|weekly|day|days|time|times|hours|class|classes",
        "de": "von|um|am|jeden|jede|jeweils|ab|wochentlich|woch|wo|zeit|st",
        "fr": "de|le|les|chaque|du|des|hebdomadaire",
        "es": "de|del|el|los|la|las|desde|cada|todos los|semanal",
        "pt": "de|da|das|do|dos|na|nas|aos|toda|todas as|feira|feiras|semanal",
        "it": "di|dalle|dal|dalla|il|la|ogni|settimanale",
        "tr": "gunu|gunleri|her",
        "ru": "с|в|во|каждый|каждую|каждое|еженедельно",
        "ja": "毎週|曜日|曜|に|の|まで|第|講義",
        "zh": "第|每周",
        "ko": "매주|까지",
        "ar": "من|يوم|ايام|كل",
        "cs": "od|v|ve|kazdy|kazde|kazdou|tydne",
        "sv": "fran|pa|varje",
        "uk": "з|із|в|у|о|щотижня|кожен|кожну|кожний",
        "el": "απο|στις|καθε|ωρα|ημερα",
    },
    Kind.HOURS: {
        "en": "hr|hrs|o'clock",
        "de": "uhr|h",
        "fr": "h|heures|heure",
        "es": "h|hs|hrs|horas",
        "pt": "h|hs|hrs|horas",
        "it": "h|ore",
        "tr": "saat",
        "ru": "ч|час|часа|часов",
        "ja": "",
        "cs": "h|hod|hodin",
        "sv": "h|tim|kl|klockan",
        "uk": "год|година|годин",
    },
    Kind.PERIODS: {
        "en": "period|periods|p|pd|slot|slots|lesson|lessons|block|blocks|class hour|per",
        "de": "stunde|stunden|std|block|einheit|einheiten|doppelstunde|doppelstunden|ds",
        "fr": "creneau|creneaux|periode|periodes|seance|seances",
        "es": "hora|modulo|modulos|bloque|bloques|periodo|periodos",
        "pt": "aula|aulas|tempo|tempos|bloco|blocos|horario|horarios|periodo|periodos",
        "it": "ora|lezione|lezioni|blocco|periodo",
        "tr": "ders|dersler|blok",
        "ru": "пара|пары|пару|пар|урок|уроки",
        "ja": "限|時限|限目|時限目|時間目|校時|コマ|講目|講時",
        "zh": "节|節|节课|大节",
        "ko": "교시",
        "ar": "الحصة",
        "cs": "hodina|hodiny|vyuc hodina",
        "sv": "pass|lektion|lektionspass",
        "uk": "пара|пари|пару|пар|урок|уроки",
    },
    Kind.WEEKS: {
        "en": "week|weeks|wk|wks|odd|even|alternate|alternating|biweekly|fortnightly|module|modules|half|first half|second half|quarter"
        "|every other|every second",
        "de": "woche|wochen|kw|gerade|ungerade|geraden|ungeraden|vierzehntaglich|zweiwochentlich|semesterhalfte",
        "fr": "semaine|semaines|sem|paire|paires|impaire|impaires|quinzaine|quinzaines",
        "es": "semana|semanas|sem|par|pares|impar|impares|quincenal|cuatrimestre",
        "pt": "semana|semanas|sem|par|pares|impar|impares|quinzenal|quinzenalmente|bimestre",
        "it": "settimana|settimane|sett|pari|dispari",
        "tr": "hafta|haftalar|haftasi|tek|cift",
        "ru": "неделя|недели|недель|неделю|нед|чет|нечет|четная|нечетная|четные|нечетные|четным|нечетным|числитель|знаменатель",
        "ja": "週|隔週|奇数週|偶数週|春学期|秋学期|春|秋|前期|後期|学期|前半|後半|通年",
        "zh": "周|单周|双周|奇数周|偶数周|隔周",
        "ko": "주|격주",
        "cs": "tyden|tydny|lichy|sudy|liche|sude|lichy tyden|sudy tyden",
        "sv": "vecka|veckor|udda|jamna|varannan|lasvecka|lasveckor",
        "uk": "тиждень|тижні|тижня|тиж|чисельник|знаменник|непарний|парний|непарні|парні|непарн|парн",
        "el": "εβδομαδα|εβδομαδες|ζυγες|μονες|αρτιες|περιττες",
    },
    Kind.NO_TIME: {
        "en": "by arrangement|arr hrs|by appointment|by appt|to be announced|to be arranged|to be determined|to be confirmed"
        "|to be scheduled|arranged|arrange|arr|independent study|no meeting|no meetings|does not meet|not scheduled|unscheduled"
        "|distance|distance learning|remote|on demand|web based",
        "de": "nv|n v|nach vereinbarung|nach absprache|n a|wird bekanntgegeben|wird noch bekanntgegeben|termin folgt|kein termin"
        "|blockveranstaltung|blockseminar|blockkurs|fernlehre",
        "fr": "a definir|a preciser|a determiner|a convenir|en ligne|a distance|sur rendez vous|non planifie|horaire a definir",
        "es": "a convenir|por definir|a definir|por asignar|por confirmar|en linea|a distancia|sin horario|no presencial"
        "|asincrono|asincronica",
        "pt": "a definir|a combinar|a confirmar|a distancia|ead|sem horario|assincrono|assincrona|nao presencial",
        "it": "da definire|da concordare|da stabilire|da confermare|a distanza|in linea|su appuntamento|asincrono|asincrona",
        "tr": "belirlenecek|duyurulacak|ilan edilecek|uzaktan|cevrimici|cevrim ici|asenkron",
        "ru": "по договоренности|по согласованию|онлайн|дистанционно|уточняется|будет объявлено|асинхронно",
        "ja": "集中|集中講義|随時|応談|応相談|要相談|未定|オンデマンド|オンライン|対面|非同期",
        "zh": "待定|线上|网课|另行通知|网络",
        "ko": "미정|온라인|추후공지",
        "ar": "عن بعد|يحدد لاحقا",
        "cs": "dle dohody|po dohode|bude upresneno|blokove|blokova vyuka",
        "sv": "enligt overenskommelse|meddelas senare|pa distans|distans",
        "uk": "за домовленістю|дистанційно|онлайн|уточнюється",
        "el": "κατοπιν συνεννοησης|εξ αποστασεως|θα ανακοινωθει",
    },
    Kind.MORNING: {"ja": "午前", "tr": "oo", "zh": "上午", "ko": "오전", "ar": "ص|صباحا", "el": "πμ"},
    Kind.AFTERNOON: {"ja": "午後", "tr": "os", "zh": "下午", "ko": "오후", "ar": "م|مساء", "el": "μμ"},
}
# Understood in every language.
_EVERYWHERE: dict[Kind, str] = {
    Kind.NO_TIME: "tba|tbd|tbc|tbn|tban|online|on line|virtual|async|asynchronous|none|nn|n a|na|web|internet|hybrid",
    Kind.MORNING: "am|a m",
    Kind.AFTERNOON: "pm|p m",
}
_CLOCK_WORDS: dict[str, dict[str, int]] = {
    "en": {"noon": 720, "midday": 720, "midnight": 1440},
    "fr": {"midi": 720, "minuit": 1440},
    "es": {"mediodia": 720, "medianoche": 1440},
    "it": {"mezzogiorno": 720, "mezzanotte": 1440},
    "ja": {"正午": 720},
}
LONGEST_PHRASE = 4
FEWEST_LETTERS = 3


def _cldr_names(language: str) -> Iterator[tuple[str, str, int]]:
    locale = Locale.parse(language)
    for width in ("wide", "abbreviated", "short"):
        for context in ("format", "stand-alone"):
            for day, name in get_day_names(width, context, locale).items():
                yield width, fold(name), day


@lru_cache(maxsize=16)
def day_words(language: str) -> Mapping[str, int]:
    """By folded name; also the beginnings of names that only one day has, and their plurals."""
    names: dict[str, int] = {}
    beginnings: dict[str, set[int]] = defaultdict(set)
    for width, name, day in _cldr_names(language):
        names.setdefault(name, day)
        if width == "wide":
            names.setdefault(name.replace("-", ""), day)
            if ending := PLURALS.get(language):
                names.setdefault(name + ending, day)
            if language == "ar":
                names.setdefault("و" + name, day)  # the word *and* is written to the name
            for length in range(FEWEST_LETTERS, len(name)):
                beginnings[name[:length]].add(day)
    for word, days in beginnings.items():
        if len(days) == 1 and word.isalpha() and word not in NO_DAYS.get(language, ()):
            names.setdefault(word, next(iter(days)))
    return names | MORE_DAYS[language]


@lru_cache(maxsize=16)
def day_letters(language: str) -> Mapping[str, tuple[int, ...]]:
    """The pieces of lists such as MWF, MTuWThF or SegQua, with the days that each may be."""
    pieces: dict[str, set[int]] = defaultdict(set)
    for word, day in day_words(language).items():
        if len(word) <= 4 and " " not in word and "-" not in word:
            pieces[word].add(day)
    for context in ("format", "stand-alone") if language not in WITHOUT_LETTERS else ():
        for day, name in get_day_names("narrow", context, Locale.parse(language)).items():
            pieces[fold(name)].add(day)
    for letter, days in MORE_LETTERS.get(language, {}).items():
        pieces[letter] = set(days)
    return {piece: tuple(sorted(days)) for piece, days in pieces.items()}


@lru_cache(maxsize=1)
def month_words() -> Mapping[str, int]:
    """Of all languages: no word is two months."""
    months: dict[str, int] = {}
    for language in LANGUAGES:
        locale = Locale.parse(language)
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for month, name in get_month_names(width, context, locale).items():
                    if not fold(name)[0].isdecimal():
                        months.setdefault(fold(name), month)
    return months | {"sep": 9, "set": 9, "jan": 1, "feb": 2, "jun": 6, "jul": 7, "dez": 12, "сен": 9, "ноя": 11, "фев": 2}


@lru_cache(maxsize=16)
def lexicon(language: str) -> Mapping[str, Meaning]:
    """By folded word or phrase. Days come last, so that a day's name is a day whatever else it is."""
    found: dict[str, Meaning] = {}
    for kind, listed in _EVERYWHERE.items():
        found.update({word: Meaning(kind) for word in listed.split("|")})
    for kind, by_language in _WORDS.items():
        found.update({fold(word): Meaning(kind) for word in by_language.get(language, "").split("|") if word})
    found.update({word: Meaning(Kind.CLOCK, minute=minute) for word, minute in _CLOCK_WORDS.get(language, {}).items()})
    found.update({word: Meaning(Kind.DAYS, (((day, word),),)) for word, day in day_words(language).items()})
    return found


@lru_cache(maxsize=1)
def phrases() -> frozenset[str]:
    """Every entry of more than one word, and its words' number is at most LONGEST_PHRASE."""
    return frozenset(entry for language in LANGUAGES for entry in lexicon(language) if " " in entry)


@lru_cache(maxsize=1)
def phrase_beginnings() -> frozenset[str]:
    return frozenset(entry.partition(" ")[0] for entry in phrases())


@lru_cache(maxsize=20_000)
def meaning(word: str, language: str) -> Meaning | None:
    if found := lexicon(language).get(word):
        return found
    ways = _ways(word, day_letters(language))
    return Meaning(Kind.DAYS, ways) if ways else None


def _ways(word: str, pieces: Mapping[str, tuple[int, ...]]) -> tuple[Way, ...]:
    """All ways to cut a word into days. Days are in the order of the week, which may begin on Sunday; else in any, without repeats."""
    if not 0 < len(word) <= 28:
        return ()
    found = tuple(_cut(word, pieces))
    in_order = tuple(way for way in found if is_in_order([day for day, _ in way]))
    return in_order or found


def _cut(word: str, pieces: Mapping[str, tuple[int, ...]], used: frozenset[int] = frozenset()) -> Iterator[Way]:
    """At most seven deep, since no day comes twice."""
    if not word:
        yield ()
        return
    for length in range(1, min(4, len(word)) + 1):
        piece = word[:length]
        for day in pieces.get(piece, ()):
            if day not in used:
                for rest in _cut(word[length:], pieces, used | {day}):
                    yield ((day, piece), *rest)


def is_in_order(days: list[int]) -> bool:
    """Monday to Sunday, or with Sunday first."""
    counted = [day - 7 if not place and day == 6 and len(days) > 1 else day for place, day in enumerate(days)]
    return all(one < other for one, other in pairwise(counted))
