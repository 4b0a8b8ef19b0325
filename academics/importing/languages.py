"""Headings, sheets and words of German and French spreadsheets, beside the English ones of `kinds`."""

from __future__ import annotations

# By kind: other names of files and sheets.
TABLES: dict[str, tuple[str, ...]] = {
    "departments": ("fachbereiche", "fakultäten", "institute", "départements", "facultés"),
    "buildings": ("gebäude", "standorte", "bâtiments"),
    "rooms": ("räume", "raumliste", "raumverzeichnis", "hörsäle", "salles", "liste des salles"),
    "instructors": ("lehrende", "dozenten", "lehrpersonal", "lehrkräfte", "personal", "enseignants", "professeurs", "intervenants"),
    "terms": ("zeitraster", "semester", "stundenraster", "créneaux", "grille horaire", "semestres"),
    "courses": ("module", "modulliste", "fächer", "lehrveranstaltungen", "cours", "matières", "unités d enseignement"),
    "curricula": ("studiengänge", "studiengruppen", "jahrgänge", "parcours", "formations", "filières"),
    "can_teach": (
        *("lehrbefähigung", "kann lehren", "wer kann lehren", "lehrbefugnis", "peut enseigner", "habilitations", "puede enseñar"),
        *("pode lecionar", "può insegnare", "okutabilir", "кто может вести", "может вести", "担当可能科目"),
    ),
    "groups": (
        *("gruppen", "klassen", "seminargruppen", "studierendengruppen", "groupes", "groupes d étudiants", "classes et groupes"),
        *("grupos", "turmas", "turmas e subturmas", "gruppi", "gruplar", "şubeler", "группы", "учебные группы"),
        *("クラス", "班", "学生グループ"),
    ),
    "offerings": ("lehrangebot", "angebot", "veranstaltungsplan", "offre de cours", "enseignements"),
    "holidays": ("feiertage", "ferien", "vorlesungsfreie tage", "jours fériés", "vacances"),
    "sections": ("parallelgruppen", "übungsgruppen", "groupes de td", "groupes de tp"),
    "students": ("studierende", "studenten", "étudiants", "élèves"),
    "enrolments": ("belegungen", "anmeldungen", "einschreibungen", "inscriptions"),
    "room_preferences": ("raumwünsche", "wunschräume", "préférences de salles", "salles souhaitées"),
    "timetable": ("stundenplan", "stundenpläne", "vorlesungsplan", "emploi du temps", "horaires", "edt"),
    "availability": ("verfügbarkeit", "sperrzeiten", "abwesenheiten", "disponibilités", "indisponibilités"),
}
_CODE = ("kürzel", "nr", "nummer", "kennung", "numéro", "identifiant", "sigle", "abrégé")
_PERSON_NAME = ("nom",)
_NAME = ("bezeichnung", "titel", "nom", "intitulé", "libellé", "désignation")
_DEPARTMENT = ("fachbereich", "fakultät", "institut", "abteilung", "département", "faculté")
_BUILDING = ("gebäude", "haus", "standort", "bâtiment", "edifício", "edificio")
_INSTRUCTOR = (
    "dozent",
    "dozentin",
    "dozenten",
    "lehrende",
    "lehrperson",
    "lehrkraft",
    "enseignant",
    "enseignants",
    "professeur",
    "intervenant",
)
_COURSE = ("modul", "modulnr", "modulnummer", "fach", "veranstaltung", "lehrveranstaltung", "cours", "matière", "code cours", "module")
_CURRICULUM = ("studiengang", "studiengruppe", "jahrgang", "parcours", "formation", "filière")
_STUDENT = ("matrikelnr", "matrikelnummer", "étudiant", "numéro étudiant", "n étudiant")
_TERM = ("semestre",)
_GROUPS = ("studierendengruppen", "seminargruppen", "groupes d étudiants", "grupos", "turmas", "gruppi", "gruplar", "группы", "クラス")
_DAY = ("tag", "wochentag", "tage", "jour", "jours")
_PERIOD = ("block", "blöcke", "stunde", "stunden", "einheit", "créneau", "créneaux", "période")
# By kind and column: other headings that mean the same.
HEADINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "departments": {"code": (*_CODE, *_DEPARTMENT), "name": _NAME},
    "buildings": {"code": (*_CODE, *_BUILDING), "name": _NAME},
    "rooms": {
        "code": ("nome sala", "nome da sala", "raum nr", "raumnr", "raumnummer", "raum", "salle", "numéro de salle", *_CODE),
        "name": ("raumname", *_NAME),
        "building": _BUILDING,
        "capacity": ("plätze", "sitzplätze", "kapazität", "capacité", "nombre de places"),
        "kind": ("raumart", "raumtyp", "art", "typ", "type de salle"),
        "features": ("ausstattung", "geräte", "équipement", "équipements", "matériel"),
    },
    "instructors": {
        "code": ("personal nr", "personalnr", "personalnummer", "matricule", *_CODE, *_INSTRUCTOR),
        "name": ("name vorname", "nachname vorname", "nom prénom", "nom et prénom", *_PERSON_NAME),
        "department": _DEPARTMENT,
        "email": ("e mail adresse", "mailadresse", "courriel", "adresse électronique"),
        "max_weekly_periods": ("sws max", "sws", "deputat", "lehrdeputat", "charge hebdomadaire", "heures par semaine"),
    },
    "terms": {
        "term": ("semester", *_TERM),
        "name": _NAME,
        "academic_year": ("studienjahr", "année universitaire"),
        "starts_on": ("vorlesungsbeginn", "semesterbeginn", "beginn", "début des cours", "premier jour"),
        "ends_on": ("vorlesungsende", "semesterende", "ende", "fin des cours", "dernier jour"),
        "period": _PERIOD,
        "starts_at": ("von", "uhrzeit von", "de", "début", "heure de début"),
        "ends_at": ("bis", "uhrzeit bis", "à", "fin", "heure de fin"),
        "num_days": ("tage pro woche", "jours par semaine"),
        "week_start": ("wochenbeginn", "erster wochentag", "début de semaine", "premier jour de la semaine"),
        "is_lunch": ("mittag", "mittagspause", "déjeuner"),
        "break_after": ("pause danach", "pause", "pause après"),
    },
    "courses": {"code": (*_COURSE, *_CODE), "name": ("modulname", "modultitel", *_NAME), "department": _DEPARTMENT},
    "curricula": {"code": (*_CODE, "studiengruppe", "jahrgang"), "name": ("studiengang", "formation", *_NAME), "department": _DEPARTMENT},
    "can_teach": {"instructor": (*_INSTRUCTOR, "profesor", "docente", "öğretim üyesi", "преподаватель", "担当者"), "course": _COURSE},
    "groups": {
        "code": (
            *("gruppe", "klasse", "seminargruppe", "groupe", "grupo", "turma", "gruppo", "grup", "şube", "группа", "クラス"),
            *_CODE,
        ),
        "name": _NAME,
        "parent": (
            *("teil von", "gehört zu", "übergruppe", "fait partie de", "groupe parent", "parte de", "parte di"),
            *("üst grup", "входит в"),
        ),
        "size": (
            *("studierende", "anzahl studierende", "größe", "stärke", "effectif", "nombre d étudiants", "alumnos"),
            *("número de alumnos", "alunos", "número de alunos", "n de alunos", "studenti", "numero di studenti"),
            *("öğrenci sayısı", "студентов", "число студентов", "人数"),
        ),
        "year": ("jahr", "studienjahr", "jahrgang", "année", "promotion", "año", "curso", "ano", "anno", "yıl", "sınıf", "курс", "学年"),
        "group": ("jahrgangsgruppe", "groupe de l année", "組"),
        "subgroup": (
            *("untergruppe", "laborgruppe", "sous groupe", "demi groupe", "subgrupo", "subturma", "sottogruppo", "alt grup"),
            *("подгруппа", "サブグループ"),
        ),
    },
    "offerings": {
        "course": _COURSE,
        "term": _TERM,
        "instructors": _INSTRUCTOR,
        "groups": _GROUPS,
        "taught_with": (
            *("gemeinsam mit", "zusammen mit", "polyvalent mit", "mutualisé avec", "commun avec", "conjunto con", "compartida con"),
            *("junto com", "em conjunto com", "mutuato da", "in comune con", "ortak ders", "совместно с", "合同"),
        ),
        "curricula": (*_CURRICULUM, "studiengänge", "studiengruppen", "formations", "filières"),
        "expected_students": ("teilnehmer", "teilnehmerzahl", "studierende", "effectif", "étudiants", "nombre d étudiants"),
        "max_section_size": ("gruppengröße", "teilnehmer je gruppe", "taille de groupe", "taille maximale"),
        "num_sections": ("gruppen", "anzahl gruppen", "parallelgruppen", "nombre de groupes", "groupes"),
        "part_of": ("gehört zu", "teil von", "vorlesung", "übung zu", "fait partie de", "rattaché à", "cours magistral"),
        "meetings": ("termine", "wochenstunden", "sws", "séances", "séances par semaine"),
        "building": ("wunschgebäude", *_BUILDING),
    },
    "holidays": {
        "term": _TERM,
        "name": ("anlass", "feiertag", *_NAME),
        "starts_on": ("datum", "beginn", "erster tag", "von", "date de début", "premier jour", "du"),
        "ends_on": ("ende", "letzter tag", "bis", "date de fin", "dernier jour", "au"),
    },
    "sections": {
        "course": _COURSE,
        "term": _TERM,
        "code": ("gruppe", "parallelgruppe", "groupe"),
        "size": ("plätze", "größe", "effectif", "places"),
        "instructors": _INSTRUCTOR,
        "parent": ("vorlesungsgruppe", "groupe de cours"),
        "groups": _GROUPS,
    },
    "students": {
        "code": (*_STUDENT, *_CODE),
        "name": ("name vorname", "nachname vorname", "nom prénom", "nom et prénom", *_PERSON_NAME),
        "department": _DEPARTMENT,
        "curriculum": _CURRICULUM,
    },
    "enrolments": {"student": _STUDENT, "course": _COURSE, "term": _TERM, "section": ("gruppe", "groupe")},
    "room_preferences": {
        "course": _COURSE,
        "term": _TERM,
        "room": ("raum", "wunschraum", "salle", "salle souhaitée"),
        "building": ("wunschgebäude", *_BUILDING),
        "choice": ("wahl", "rang", "priorität", "choix", "priorité"),
    },
    "availability": {
        "instructor": _INSTRUCTOR,
        "room": ("raum", "salle"),
        "course": _COURSE,
        "section": ("gruppe", "groupe"),
        "term": _TERM,
        "day": _DAY,
        "period": _PERIOD,
        "rating": ("bewertung", "wunsch", "préférence"),
    },
    "timetable": {
        "course": _COURSE,
        "section": ("gruppe", "parallelgruppe", "groupe"),
        "term": _TERM,
        "day": _DAY,
        "date": ("datum",),
        "start": ("beginn", "von", "uhrzeit von", "début", "heure de début"),
        "end": ("ende", "bis", "uhrzeit bis", "fin", "heure de fin"),
        "period": _PERIOD,
        "room": ("raum", "salle"),
        "instructors": _INSTRUCTOR,
        "weeks": ("wochen", "woche", "semaines", "semaine"),
    },
}
DAYS = (
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"),
    ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
)
MONTHS = (
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jänner feber maerz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
)
YES, NO = frozenset({"ja", "j", "oui", "o"}), frozenset({"nein", "non"})
BLOCKED = frozenset({"nicht verfügbar", "gesperrt", "abwesend", "indisponible", "absent", "absente"})


def day_named(word: str) -> int | None:
    """The weekday that the word, or its beginning, names; of the languages the first in which it names one."""
    for days in DAYS:
        named = [index for index, day in enumerate(days) if len(word) >= 2 and day.startswith(word)]
        if len(named) == 1:
            return named[0]
    return None


def month_named(word: str) -> int | None:
    """The month, from 1, that the word or its beginning names; of the languages the first in which it names one."""
    for months in MONTHS:
        named = [number for number, month in enumerate(months.split(), 1) if len(word) >= 3 and month.startswith(word)]
        if len(named) == 1:
            return named[0]
    return 9 if word == "sept" else None
