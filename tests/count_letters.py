"""Counts which letters follow which, by language, for `academics.importing.encodings`: `python -m tests.count_letters`.

The texts are the translations that Django and its companions bring with them (BSD), Faker's names of people and places (MIT), and
the words of universities in `tests/data/university_words.json`.
"""

from __future__ import annotations

import gettext
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import django
import django_filters
import faker.providers
import rest_framework

TARGET = Path(__file__).parent.parent / "academics" / "importing" / "letters.json"
WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f\u0e31-\u0e4e]+[^\W\d_]*)*")
MOST_PAIRS = 900  # of one language: what is rarer says nothing
WEIGHT = 40  # of the words of universities
# By language: Django's names of it, and Faker's.
LANGUAGES = {
    "en": (("en",), ("en_US", "en_GB")),
    "de": (("de",), ("de_DE", "de_AT", "de_CH")),
    "fr": (("fr",), ("fr_FR", "fr_CA")),
    "es": (("es",), ("es_ES", "es_MX", "es_CL", "es_CO")),
    "pt": (("pt", "pt_BR"), ("pt_PT", "pt_BR")),
    "it": (("it",), ("it_IT",)),
    "nl": (("nl",), ("nl_NL",)),
    "sv": (("sv",), ("sv_SE",)),
    "da": (("da", "nb", "nn"), ("da_DK", "no_NO")),
    "fi": (("fi",), ("fi_FI",)),
    "is": (("is",), ("is_IS",)),
    "ca": (("ca",), ("es_CA",)),
    "ga": (("ga",), ("ga_IE",)),
    "pl": (("pl",), ("pl_PL",)),
    "cs": (("cs",), ("cs_CZ",)),
    "sk": (("sk",), ("sk_SK",)),
    "hu": (("hu",), ("hu_HU",)),
    "ro": (("ro",), ("ro_RO",)),
    "hr": (("hr", "sl", "sr_Latn"), ("hr_HR", "sl_SI")),
    "lt": (("lt",), ("lt_LT",)),
    "lv": (("lv",), ("lv_LV",)),
    "et": (("et",), ("et_EE",)),
    "tr": (("tr",), ("tr_TR",)),
    "ru": (("ru",), ("ru_RU",)),
    "uk": (("uk",), ("uk_UA",)),
    "bg": (("bg",), ("bg_BG",)),
    "sr": (("sr", "mk"), ()),
    "el": (("el",), ("el_GR", "el_CY")),
    "he": (("he",), ("he_IL",)),
    "ar": (("ar",), ("ar_AA", "ar_EG", "ar_SA", "ar_PS")),
    "fa": (("fa",), ("fa_IR",)),
    "th": (("th",), ("th_TH",)),
    "vi": (("vi",), ("vi_VN",)),
    "zh-hans": (("zh_Hans",), ("zh_CN",)),
    "zh-hant": (("zh_Hant",), ("zh_TW",)),
    "ja": (("ja",), ("ja_JP",)),
    "ko": (("ko",), ("ko_KR",)),
}
SIGNS = {"zh-hans", "zh-hant", "ja", "ko"}
UNIVERSITY: dict[str, str] = json.loads((Path(__file__).parent / "data" / "university_words.json").read_text(encoding="utf-8"))


def texts_of(language: str) -> Iterator[str]:
    of_django, of_faker = LANGUAGES[language]
    folders = [Path(str(module.__file__)).parent for module in (django, rest_framework, django_filters)]
    for name in of_django:
        for path in sorted(file for folder in folders for file in folder.rglob(f"{name}/LC_MESSAGES/*.mo")):
            with path.open("rb") as stream:
                catalog = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]
            yield from (re.sub(r"%\(\w+\)\w|\{\w*\}|<[^>]*>|%\w", " ", value) for value in catalog.values() if value)
    providers = Path(str(faker.providers.__file__)).parent
    for name in of_faker:
        for kind in ("person", "address"):
            path = providers / kind / name / "__init__.py"
            if path.exists():
                yield from re.findall(r'"([^"\\{}%?#]*)"', path.read_text(encoding="utf-8"))
    yield from [UNIVERSITY.get(language, "")] * WEIGHT


def pairs_of(language: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    for text in texts_of(language):
        if language == "ro":  # the encodings before Unicode know only the forms with a cedilla
            text += " " + text.translate(str.maketrans("ȘșȚț", "ŞşŢţ"))
        if language in SIGNS:
            found.update(letter for letter in text if ord(letter) > 0x2E00)
            continue
        for word in WORD.findall(text):
            plain = f" {word.lower()} ".replace("i̇", "i")
            found.update(map("".join, pairwise(plain)))
    return dict(found.most_common(3000 if language in SIGNS else MOST_PAIRS))


def main() -> None:
    counts = {language: pairs_of(language) for language in LANGUAGES}
    lines = [f"{json.dumps(language)}: {json.dumps(pairs, ensure_ascii=False)}" for language, pairs in counts.items()]
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
