"""Words in cells that say what a class is, or that there is no room or nobody yet."""

from __future__ import annotations

import functools
import re

from academics.restructuring.codes import name_folded
from academics.without_room import LABELS, ONLINE, room_kind_read

COMPONENTS = ("lecture", "tutorial", "lab")
SUFFIX = {"tutorial": "T", "lab": "LAB"}
# Beginnings of words, folded. What is none of them is a lecture's for want of a better place, and is said.
_COMPONENT_WORDS: dict[str, tuple[str, ...]] = {
    "lecture": (
        *(
            "lec",
            "lecture",
            "lcd",
            "vorlesung",
            "vl",
            "cours magistral",
            "cm",
            "clase teorica",
            "teoria",
            "teorica",
            "aula teorica",
            "lezione",
        ),
        *(
            "ders",
            "teorik",
            "лекция",
            "лек",
            "講義",
            "seminar",
            "sem",
            "discussion section lecture",
            "online",
            "independent study",
            "ind",
            "m",
        ),
        *("prednaska", "predn", "forelasning", "forel", "forelesning", "forelaesning", "лекція", "wyklad", "wyk", "διαλεξη", "θεωρια"),
        *("hoorcollege", "hc", "eloadas", "curs", "محاضرة", "نظري", "理论", "讲授", "강의", "luento"),
    ),
    "tutorial": (
        *(
            "tut",
            "tutorial",
            "discussion",
            "dis",
            "recitation",
            "rec",
            "exercise",
            "ubung",
            "ubungen",
            "ue",
            "travaux diriges",
            "td",
            "problemas",
        ),
        *("teorico pratica", "tp", "esercitazione", "uygulama", "практика", "семинар", "пр", "演習"),
        *("cviceni", "cvic", "cv", "ovning", "ovn", "lektion", "ovelse", "ovelser", "практичне", "практичне заняття", "семінар"),
        *("cwiczenia", "cw", "konwersatorium", "φροντιστηριο", "ασκησεις", "werkcollege", "wc", "gyakorlat", "seminaari", "تمارين", "习题"),
    ),
    "lab": (
        *(
            "lab",
            "laboratory",
            "laboratories",
            "practical",
            "practicals",
            "prac",
            "pra",
            "prk",
            "wsh",
            "computing",
            "studio",
            "pract",
            "workshop",
            "praktikum",
            "travaux pratiques",
            "laboratorio",
        ),
        *("laboratorios", "pratica laboratorial", "pl", "laboratuvar", "лабораторная", "лаб", "実験", "実習"),
        *("laborator", "laboration", "laborationer", "labb", "лабораторна", "лабораторна робота", "εργαστηριο", "practicum", "labor"),
        *("laboratoriot", "مختبر", "معمل", "عملي", "实验", "上机", "실습", "실험"),
    ),
}
_BY_WORD = {name_folded(word): component for component, words in _COMPONENT_WORDS.items() for word in words}
# Neither a person nor a room yet: no name is any of these.
_TO_BE_SAID = (
    *("por asignar", "por definir", "por confirmar", "por designar", "por determinar", "por anunciar", "sin asignar", "a convenir"),
    *("a definir", "a designar", "a confirmar", "a determinar", "por atribuir", "a anunciar", "nao atribuido", "sem atribuicao"),
    *("da definire", "da assegnare", "da destinarsi", "da stabilire", "da nominare", "da confermare"),
    *("a determiner", "a preciser", "a confirmer", "non attribue", "non assigne", "non affecte", "a attribuer", "a affecter"),
    *("wird bekannt gegeben", "wird bekanntgegeben", "wird noch bekannt gegeben", "wird noch bekanntgegeben", "nach vereinbarung"),
    *("noch offen", "n v", "belirlenecek", "daha sonra belirlenecek", "atanmadi", "не назначен", "не назначена", "не определено"),
    *("будет объявлено", "не указано", "to be assigned", "to be advised", "to be decided", "to be confirmed", "not assigned"),
    *("not yet assigned", "unassigned", "to be named", "tba tba", "tbd tbd", "tbc", "未定", "待定", "미정"),
)
NO_ROOM = frozenset(
    name_folded(word)
    for word in (
        *_TO_BE_SAID,
        *(
            "online",
            "onl",
            "onl onl",
            "on line",
            "web",
            "zoom",
            "teams",
            "remote",
            "virtual",
            "distance",
            "internet",
            "no room",
            "no room needed",
        ),
        *(
            "none",
            "arr",
            "arranged",
            "tba",
            "tbd",
            "tba tba",
            "to be announced",
            "to be arranged",
            "off campus",
            "kein raum",
            "ohne raum",
            "digital",
        ),
        *("sans salle", "en ligne", "sin aula", "en linea", "nao necessita de sala", "sem sala", "a distancia", "senza aula", "uzaktan"),
        *("cevrimici", "онлайн", "дистанционно", "オンライン", "n a"),
    )
)
# Of these, those that say where else it is held; ``TBA`` does not.
HELD_ONLINE = frozenset(
    name_folded(word) for word in ("onl", "onl onl", "online online", "web web", "zoom", "teams", "internet", "digital", "cevrimici")
)
NOBODY = frozenset(
    name_folded(word)
    for word in (
        *_TO_BE_SAID,
        *("sin profesor", "sin docente", "sem docente", "sem professor", "vacante", "sans enseignant", "senza docente", "вакансия"),
        *(
            "tba",
            "tbd",
            "tbc",
            "nn",
            "n n",
            "n.n.",
            "staff",
            "vacant",
            "to be announced",
            "to be determined",
            "to be confirmed",
            "arranged",
        ),
        *(
            "alle dozenten",
            "alle lehrenden",
            "alle",
            "diverse",
            "div",
            "diverse dozenten",
            "verschiedene",
            "various",
            "multiple",
            "several",
        ),
        *("varios", "varias", "vários", "divers", "plusieurs", "vari", "çeşitli", "разные", "各教員", "全教員", "未分配", "待定教师"),
        *("the staff", "none", "unassigned", "instructor tba", "未定", "-", "?"),
        *("n a", "not applicable", "nobody", "nobody yet", "no instructor", "to be hired"),
        *("vakant", "unbesetzt", "niemand", "personne", "nadie", "ninguem", "nessuno", "никто", "вакантно", "教师待定"),
    )
)
# Between people, in no name; and what may stand inside a name too (Ortega y Gasset, Costa e Silva).
# A run of blanks is looked at from its first one alone: from each of them it would take hours in a cell of many.
JOINED = re.compile(r"(?:(?<!\s)\s+)?[&＆]\s*|(?<!\s)\s+(?:and|und|et(?!\s+al\b)|ve|и)\s+|^(?-i:and|und|et)\s+", re.IGNORECASE)
MAYBE_JOINED = re.compile(r"(?<!\s)\s+[ye]\s+", re.IGNORECASE)
IN_BRACKETS = re.compile(r"[(\[][^()\[\]]{0,200}[)\]]")
BRACKETED = re.compile(r"[(\[][^()\[\]]{1,12}[)\]]")


# A time that is still to come, unlike one by appointment.
_NO_TIME_EVER = frozenset(("a convenir", "nach vereinbarung", "n v", "arranged", "to be arranged", "none", "staff"))
TIME_TO_COME = (
    frozenset(map(name_folded, ("tba", "tbd", "tbc", "to be announced", "to be determined", "to be confirmed", *_TO_BE_SAID)))
    - _NO_TIME_EVER
)

# TP is practical work in French and teórico-prática in Portuguese: the other kinds of the column say which.
TP = "tp"
BESIDE_LABS, BESIDE_TUTORIALS = frozenset({"cm", "td", "cours", "travaux"}), frozenset({"t", "pl", "teorica", "teorico", "ot", "aula"})


# A seminar is a course of its own, or beside a lecture its small groups.
SEMINARS = frozenset({"seminar", "sem", "seminario", "séminaire", "seminaire", "seminer"})


def kind_number(text: str) -> str:
    """The number or letter of the group behind a kind of class: ``Seminar A``, ``TD 2``."""
    found = re.fullmatch(r"\D*?[^\W\d_]{2,}(?:[ .-]*(\d{1,2})|[ .-]+([A-Z]))", text.strip())
    return (found[1] or found[2]) if found and component_of(text) else ""


def kind_word(text: str) -> str:
    """The first word of a kind of class, without the number of the group behind it: ``TP2`` is ``tp``."""
    first = (name_folded(text).split() or [""])[0]
    bare = first.rstrip("0123456789")
    return bare if len(bare) > 1 and len(first) - len(bare) < 3 else first  # ``CM101`` is rather a course


@functools.lru_cache(maxsize=2_000)
def component_of(text: str) -> str:
    """Lecture, tutorial or lab, as the cell says; empty where it does not say."""
    folded = name_folded(text)
    if not folded:
        return ""
    if folded in _BY_WORD:
        return _BY_WORD[folded]
    first = kind_word(text)
    if first in _BY_WORD:
        return _BY_WORD[first]
    return next((component for word, component in _BY_WORD.items() if len(word) >= 4 and folded.startswith(word)), "")


@functools.lru_cache(maxsize=20_000)
def is_no_room(text: str) -> bool:
    folded, bare = name_folded(text), name_folded(IN_BRACKETS.sub(" ", text))
    return not folded or folded in NO_ROOM or bare in NO_ROOM or bool(without_room(text))


@functools.lru_cache(maxsize=20_000)
def without_room(text: str) -> str:
    """``online`` or ``none`` where the cell says that no room is needed; empty where it names a room, or says nothing yet."""
    if not text.strip():
        return ""
    bare = IN_BRACKETS.sub(" ", text)
    kind = room_kind_read(bare)
    if kind in LABELS:
        return kind
    return ONLINE if name_folded(bare) in HELD_ONLINE or room_kind_read(name_folded(bare)) == ONLINE else ""


@functools.lru_cache(maxsize=20_000)
def is_nobody(text: str) -> bool:
    folded = name_folded(text)
    return not folded or folded in NOBODY
