"""Lectures that need no room: those that are held online, and those whose place is nobody's concern."""

from __future__ import annotations

NONE, ONLINE = "none", "online"  # as a meeting's kind of room
# What people write for them, in any case.
WORDS = {
    **dict.fromkeys(("none", "no room", "without room", "without a room", "no room needed", "room not needed", "off campus"), NONE),
    **dict.fromkeys(("ohne raum", "kein raum", "extern", "sans salle", "aucune salle", "hors site", "sin aula", "sem sala"), NONE),
    **dict.fromkeys(("senza aula", "nessuna aula", "dersliksiz", "без аудитории", "教室なし", "無教室"), NONE),
    **dict.fromkeys(("online", "on line", "virtual", "remote", "distance", "web", "en ligne", "à distance", "distanciel"), ONLINE),
    **dict.fromkeys(("en línea", "virtual", "a distancia", "em linha", "à distância", "a distanza", "in linea", "çevrimiçi"), ONLINE),
    **dict.fromkeys(("uzaktan", "онлайн", "дистанционно", "オンライン", "遠隔"), ONLINE),
}
LABELS = {NONE: "no room", ONLINE: "online"}


def room_kind_read(text: str) -> str:
    """A kind of room as it is stored: words that say that there is none, or that it is online, in one way of writing."""
    return WORDS.get(" ".join(text.casefold().replace("-", " ").split()), text)
