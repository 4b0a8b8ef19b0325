"""What a column of a person's table may be about, and the headings by which it is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from academics.restructuring.codes import name_folded
from academics.restructuring.frames import RestructuringRefusal, heading_plain

LEFT_OUT = ""


@dataclass(frozen=True)
class Role:
    """``is_single``: at most one column has it."""

    name: str
    label: str
    about: str
    headings: tuple[str, ...] = ()
    is_single: bool = True


ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role(
            "course",
            "Course code",
            "The code of the course, whole",
            (
                *("course", "course code", "course no", "course number", "course id", "code", "module", "module code", "subject code"),
                *("class code", "catalog", "coursecode", "kurs", "kursnummer", "modul", "modulnummer", "lv nummer", "veranstaltungsnummer"),
                *(
                    "fachnummer",
                    "code cours",
                    "code matière",
                    "code ue",
                    "código",
                    "codigo",
                    "código asignatura",
                    "código de la asignatura",
                ),
                *("código da disciplina", "código uc", "codice", "codice insegnamento", "ders kodu", "код", "код дисциплины", "科目番号"),
                *(
                    "科目コード",
                    "授業コード",
                    "時間割コード",
                    "course no.",
                    "modulnr",
                    "modul nr",
                    "nr",
                    "lv nr",
                    "lvnr",
                    "dersin kodu",
                    "code du cours",
                    "código del curso",
                    "codice corso",
                    "код предмета",
                    "subjects",
                    "courses",
                ),
            ),
        ),
        Role("subject", "Subject", "The first part of a code in two columns", ("subj", "subject", "subject area", "prefix", "dept prefix")),
        Role(
            "number",
            "Course number",
            "The second part of a code in two columns",
            ("crse", "number", "catalog number", "catalog nbr", "cat", "course nbr", "crs", "crse no", "cat nbr", "num"),
        ),
        Role(
            "title",
            "Title",
            "What the course is called",
            (
                *(
                    "title",
                    "course title",
                    "course name",
                    "name",
                    "long title",
                    "short title",
                    "module name",
                    "module title",
                    "class title",
                ),
                *("titel", "veranstaltung", "bezeichnung", "lehrveranstaltung", "veranstaltungstitel", "modulname", "fach", "intitulé"),
                *(
                    "descr",
                    "course description",
                    "subject name",
                    "libellé",
                    "matière",
                    "nom du cours",
                    "unité d enseignement",
                    "asignatura",
                    "nombre",
                    "nombre asignatura",
                    "materia",
                ),
                *(
                    "disciplina",
                    "unidade curricular",
                    "nome da disciplina",
                    "nome",
                    "uc",
                    "insegnamento",
                    "denominazione",
                    "ders adı",
                    "ders",
                ),
                *(
                    "дисциплина",
                    "предмет",
                    "название",
                    "наименование дисциплины",
                    "科目名",
                    "授業科目名",
                    "授業名",
                    "講義名",
                    "科目",
                    "description",
                    "titel der lehrveranstaltung",
                    "titel der veranstaltung",
                    "name der lehrveranstaltung",
                    "name der veranstaltung",
                    "bezeichnung der lehrveranstaltung",
                    "dersin adı",
                    "intitulé du cours",
                    "titre du cours",
                    "titre",
                    "nombre de la asignatura",
                    "nombre del curso",
                    "título",
                    "nome da unidade curricular",
                    "nome insegnamento",
                    "nome del corso",
                    "название дисциплины",
                    "наименование",
                ),
            ),
        ),
        Role(
            "section",
            "Section",
            "The parallel group of the course",
            (
                *("sec", "section", "section no", "section number", "section code", "class section", "sect", "sctn", "class nbr section"),
                *(
                    "gruppe",
                    "parallelgruppe",
                    "übungsgruppe",
                    "groupe",
                    "grupo",
                    "turno",
                    "gruppo",
                    "şube",
                    "sube",
                    "grup",
                    "группа потока",
                ),
                *("クラス", "組"),
            ),
        ),
        Role(
            "section_key",
            "Number of the class",
            "What the registration counts classes by, such as a CRN",
            ("crn", "class nbr", "class number", "call number", "reference number", "ccn", "class no", "com cod", "sln", "index number"),
        ),
        Role(
            "kind",
            "Kind of class",
            "Lecture, tutorial, lab, seminar",
            (
                *("type", "class type", "component", "instruction type", "schedule type", "kind", "activity", "format", "meeting type"),
                "itype",
                *("activity type", "instructional format", "art", "veranstaltungsart", "lehrform", "typ", "type de cours", "nature"),
                *("tipo", "tipo de aula", "tipo de clase", "tipologia", "ders türü", "вид занятия", "тип занятия", "вид", "授業形態"),
            ),
        ),
        Role(
            "capacity",
            "Most students",
            "How many may attend the class",
            (
                *(
                    "cap",
                    "capacity",
                    "max",
                    "enrl cap",
                    "enrollment cap",
                    "enrolment cap",
                    "max enrollment",
                    "class size",
                    "limit",
                    "maximum",
                ),
                *(
                    "enr cap",
                    "max enrl",
                    "seats",
                    "cap enrl",
                    "maximum enrollment",
                    "maximum enrolment",
                    "plätze",
                    "max teilnehmer",
                    "teilnehmerzahl max",
                    "capacité",
                    "effectif max",
                ),
                *("cupo", "vagas", "posti", "kontenjan", "kapasite", "мест", "定員", "enroll limit", "section capacity", "quota"),
            ),
        ),
        Role(
            "enrolled",
            "Students",
            "How many attend it",
            (
                *(
                    "act",
                    "enrolled",
                    "actual",
                    "enrollment",
                    "enrolment",
                    "tot enrl",
                    "students",
                    "current enrollment",
                    "enrl",
                    "num students",
                ),
                *("existing", "enr tot", "expected", "expected students", "headcount", "registered", "teilnehmer", "teilnehmerzahl"),
                *(
                    "studierende",
                    "effectif",
                    "inscrits",
                    "étudiants",
                    "matriculados",
                    "alumnos",
                    "inscritos",
                    "inscritos no turno",
                    "alunos",
                ),
                *("nº de alunos", "iscritti", "studenti", "öğrenci sayısı", "mevcut", "студентов", "количество студентов", "履修者数"),
                *("enrol", "size", "taken"),
            ),
        ),
        Role(
            "days",
            "Days",
            "Days of the week",
            (
                *(
                    "days",
                    "day",
                    "days of week",
                    "day s",
                    "meeting days",
                    "weekday",
                    "weekdays",
                    "meet days",
                    "class days",
                    "mtg days",
                    "wochentag",
                ),
                *("tag", "tage", "jour", "jours", "día", "días", "dia", "dias", "dia da semana", "día de la semana", "giorno", "giorni"),
                *("gün", "günler", "день", "день недели", "дни", "曜日"),
            ),
        ),
        Role(
            "times",
            "Days and times",
            "When it is held: days and times, or times alone beside a column of days",
            (
                *("time", "times", "days times", "days & times", "day time", "meeting time", "meeting times", "schedule", "class time"),
                *("days hours", "meeting pattern", "when", "meets", "meeting", "days and times", "date time", "day and time", "hours"),
                *(
                    "uhrzeit",
                    "zeit",
                    "zeiten",
                    "termin",
                    "termine",
                    "horaire",
                    "horaires",
                    "heure",
                    "créneau",
                    "hora",
                    "horario",
                    "horarios",
                ),
                *("horário", "horários", "ora", "orario", "saat", "saatler", "время", "время занятия", "расписание", "時限", "曜時限"),
                *("曜日時限", "開講曜時限", "曜日・時限", "時間", "timeslot", "time slot", "slot"),
                *(
                    "gün ve saat",
                    "gün saat",
                    "ders saatleri",
                    "tag und uhrzeit",
                    "tag uhrzeit",
                    "tag und zeit",
                    "tag zeit",
                    "wochentag und uhrzeit",
                ),
                *(
                    "jour et heure",
                    "jours et heures",
                    "jour heure",
                    "jour et horaire",
                    "día y hora",
                    "días y horas",
                    "día hora",
                    "dia e hora",
                ),
                *("dias e horários", "giorno e ora", "giorni e orari", "день и время", "дни и время"),
            ),
        ),
        Role(
            "start",
            "Starts",
            "The time at which it begins",
            (
                *("start time", "start", "begin", "begin time", "starts", "from", "mtg start", "start hour", "beginn", "von", "début"),
                *(
                    "heure de début",
                    "heure début",
                    "hora inicio",
                    "inicio",
                    "hora de inicio",
                    "hora início",
                    "hora início da aula",
                    "início",
                ),
                *("ora inizio", "inizio", "başlangıç", "başlangıç saati", "начало", "開始", "開始時刻"),
            ),
        ),
        Role(
            "end",
            "Ends",
            "The time at which it ends",
            (
                *("end time", "end", "ends", "to", "until", "mtg end", "finish", "end hour", "ende", "bis", "fin", "heure de fin"),
                *("heure fin", "hora fin", "hora de fin", "hora fim", "hora fim da aula", "fim", "ora fine", "fine", "bitiş"),
                *("bitiş saati", "конец", "окончание", "終了", "終了時刻"),
            ),
        ),
        Role(
            "period",
            "Period",
            "The number of the period of the day",
            (
                "period",
                "periods",
                "slot no",
                "stunde",
                "block",
                "période",
                "periodo",
                "período",
                "ders saati",
                "пара",
                "№ пары",
                "限",
                "コマ",
            ),
        ),
        Role(
            "date",
            "Date",
            "The date of one meeting",
            (
                *("date", "meeting date", "class date", "datum", "date du cours", "fecha", "data", "data da aula", "data lezione", "tarih"),
                *("дата", "日付", "開講日"),
            ),
        ),
        Role(
            "dates",
            "First and last date",
            "From when to when in the term it is held, or its weeks",
            (
                *("dates", "meeting dates", "date mm dd", "date range", "start end dates", "part of term", "session", "weeks", "week"),
                *("wochen", "kw", "semaines", "semanas", "settimane", "haftalar", "недели", "実施学期", "開講時期", "学期"),
            ),
        ),
        Role(
            "room",
            "Room",
            "Where it is held",
            (
                *("room", "location", "room no", "room number", "room code", "facility", "facil id", "classroom", "where", "place", "rm"),
                *(
                    "meeting location",
                    "room name",
                    "raum",
                    "ort",
                    "hörsaal",
                    "salle",
                    "lieu",
                    "aula",
                    "salón",
                    "sala",
                    "sala atribuída à aula",
                ),
                *("nome sala", "nome da sala", "derslik", "аудитория", "ауд", "кабинет", "教室", "講義室", "venue"),
            ),
        ),
        Role(
            "building",
            "Building",
            "The building of the room",
            (
                *(
                    "building",
                    "bldg",
                    "bldg code",
                    "building code",
                    "gebäude",
                    "haus",
                    "bâtiment",
                    "edificio",
                    "edifício",
                    "bina",
                    "корпус",
                ),
                *("здание", "建物", "棟", "site"),
            ),
        ),
        Role(
            "room_capacity",
            "Seats of the room",
            "How many seats the room has",
            (
                *("room cap", "room capacity", "seats of room", "seating capacity", "capacidade normal", "teaching capacity", "seats"),
                *("room size", "sitzplätze", "capacité salle", "capacidade", "aforo", "capienza", "вместимость", "収容人数"),
            ),
        ),
        Role(
            "room_kind",
            "Kind of room",
            "Classroom, lab, lecture hall",
            ("room type", "raumart", "raumtyp", "type de salle", "tipo de sala"),
        ),
        Role(
            "features",
            "What the room has",
            "Equipment, as a list",
            ("features", "equipment", "room features", "ausstattung", "équipement", "equipamiento", "características", "donanım", "設備"),
        ),
        Role(
            "instructor",
            "Instructor",
            "Who teaches it; several names may stand in a cell",
            (
                *("instructor", "instructors", "teacher", "teachers", "faculty", "professor", "lecturer", "instructor name", "taught by"),
                *("instructor s", "staff", "instructor in charge", "instructor in charge instructor", "primary instructor", "lecturers"),
                *("dozent", "dozenten", "dozentin", "lehrende", "lehrperson", "lehrender", "enseignant", "enseignants", "professeur"),
                *("intervenant", "profesor", "profesores", "docente", "docentes", "professores", "docenti", "öğretim üyesi"),
                *("dozent in", "dozenten innen", "dozent innen", "dozentinnen und dozenten", "dozierende", "dozierender", "lehrende r"),
                *("lehrbeauftragte", "lehrbeauftragter", "enseignant e", "enseignant s", "enseignante", "nom de l enseignant"),
                *("profesora", "profesor a", "profesorado", "nombre del profesor", "professor a", "docente s", "nome do docente"),
                *(
                    "nome docente",
                    "öğretim görevlisi",
                    "dersin öğretim üyesi",
                    "dersi veren",
                    "hoca",
                    "ф и о преподавателя",
                    "фио преподавателя",
                ),
                *("öğretim elemanı", "преподаватель", "преподаватели", "担当教員", "教員", "教員名", "担当"),
            ),
            is_single=False,
        ),
        Role(
            "department",
            "Department",
            "The unit that the course belongs to",
            (
                *(
                    "department",
                    "dept",
                    "school",
                    "academic group",
                    "college",
                    "unit",
                    "fachbereich",
                    "fakultät",
                    "institut",
                    "département",
                ),
                *("departamento", "dipartimento", "bölüm", "fakülte", "кафедра", "факультет", "開設組織", "学部", "学科"),
            ),
        ),
        Role("term", "Term", "The term's code", ("term", "term code", "semester", "yearterm", "semestre", "dönem", "семестр")),
        Role(
            "curriculum",
            "Curriculum or group",
            "Whose students attend it together; several may stand in a cell",
            (
                *("programme", "program", "curriculum", "cohort", "student group", "groups", "group", "turma", "curso", "studiengang"),
                *("studiengruppe", "filière", "parcours", "promotion", "grado", "carrera", "corso di laurea", "sınıf", "группа", "группы"),
                *("major", "対象", "対象学年", "student set", "class", "klasse", "classe"),
            ),
            is_single=False,
        ),
        Role(
            "cross_list",
            "Cross-list key",
            "What classes held together share",
            ("xlist", "cross list", "crosslist", "xl group", "combined section", "combined id", "cross listed", "cross list code", "xlst"),
        ),
        Role("hours_lecture", "Hours of lecture", "Hours of lecture a week"),
        Role("hours_tutorial", "Hours of tutorial", "Hours of tutorial or practice a week"),
        Role("hours_lab", "Hours of lab", "Hours of laboratory a week"),
        Role(
            "hours",
            "Hours",
            "Hours a week, whatever their kind",
            (
                "hours per week",
                "weekly hours",
                "contact hours",
                "sws",
                "semesterwochenstunden",
                "hours week",
                "wochenstunden",
                "horas semanales",
            ),
        ),
    )
}
# Headings of one letter say what they are only together: by the letters, the role of each.
HOURS_LETTERS: tuple[tuple[tuple[str, ...], Mapping[str, str]], ...] = (
    (("t", "u", "l"), {"t": "hours_lecture", "u": "hours_tutorial", "l": "hours_lab"}),
    (("l", "t", "p"), {"l": "hours_lecture", "t": "hours_tutorial", "p": "hours_lab"}),
    (("l", "p", "u"), {"l": "hours_lecture", "p": "hours_lab"}),  # U: units
    (("v", "ü", "p"), {"v": "hours_lecture", "ü": "hours_tutorial", "p": "hours_lab"}),
    (("v", "u", "p"), {"v": "hours_lecture", "u": "hours_tutorial", "p": "hours_lab"}),
    (("cm", "td", "tp"), {"cm": "hours_lecture", "td": "hours_tutorial", "tp": "hours_lab"}),
    (("t", "p", "l"), {"t": "hours_lecture", "p": "hours_tutorial", "l": "hours_lab"}),
    (("t", "tp", "pl"), {"t": "hours_lecture", "tp": "hours_tutorial", "pl": "hours_lab"}),
    (("лек", "пр", "лаб"), {"лек": "hours_lecture", "пр": "hours_tutorial", "лаб": "hours_lab"}),
    (("lec", "tut", "lab"), {"lec": "hours_lecture", "tut": "hours_tutorial", "lab": "hours_lab"}),
    (("lecture", "tutorial", "lab"), {"lecture": "hours_lecture", "tutorial": "hours_tutorial", "lab": "hours_lab"}),
    (("lecture", "tutorial", "practical"), {"lecture": "hours_lecture", "tutorial": "hours_tutorial", "practical": "hours_lab"}),
    (("l", "t"), {"l": "hours_lecture", "t": "hours_tutorial"}),
    (("t", "p"), {"t": "hours_lecture", "p": "hours_tutorial"}),
    (("l", "p"), {"l": "hours_lecture", "p": "hours_lab"}),
)
HOURS = {"hours_lecture": "lecture", "hours_tutorial": "tutorial", "hours_lab": "lab"}


def roles_check(given: Mapping[str, object], names: Sequence[str]) -> dict[str, str]:
    """Roles by column, as they came from outside. Raises `RestructuringRefusal`."""
    found: dict[str, str] = {}
    plain = {heading_plain(name): name for name in reversed(names)}
    for name, role in given.items():
        column = name if name in names else plain.get(heading_plain(str(name)))
        if column is None:
            known = ", ".join(names)[:400]
            raise RestructuringRefusal("column_unknown", field="roles", name=str(name)[:80], known=known)
        if not isinstance(role, str) or (role and role not in ROLES):
            raise RestructuringRefusal("role_unknown", field="roles", name=str(role)[:40], known=", ".join(ROLES))
        if role:
            found[column] = role
    for role in ROLES.values():
        several = [column for column, each in found.items() if each == role.name]
        if role.is_single and len(several) > 1:
            why = f"{role.label!r} is given to {len(several)} columns, {', '.join(several[:4])}; join them, or choose one"
            raise RestructuringRefusal("document_shape", field="roles", why=why)
    return found


def roles_by_heading(names: Sequence[str], taken: Mapping[str, str] | None = None) -> dict[str, str]:
    """The role of each column whose heading is known; each single role goes to the first heading that its list names."""
    found: dict[str, str] = dict(taken or {})
    plain = {name: heading_plain(name) for name in names}
    for letters, roles in HOURS_LETTERS:
        # ``CREDIT L`` below a heading that spans three columns ends in the letter.
        by_letter = {plain[name].split()[-1]: name for name in reversed(names) if plain[name] and len(plain[name].split()) <= 2}
        if all(letter in by_letter for letter in letters):
            found |= {by_letter[letter]: role for letter, role in roles.items() if by_letter[letter] not in found}
            found |= {by_letter[letter]: LEFT_OUT for letter in letters if letter not in roles and by_letter[letter] not in found}
            break
    bare = {name: heading_bare(name) for name in names}
    for role in ROLES.values():
        ranks = {heading_bare(word): rank for rank, word in reversed(list(enumerate(role.headings)))}
        possible = sorted((ranks[bare[name]], place, name) for place, name in enumerate(names) if bare[name] in ranks and name not in found)
        for _, _, name in possible[: None if not role.is_single else 1]:
            if not role.is_single or role.name not in found.values():
                found[name] = role.name
    return found


def heading_bare(heading: str) -> str:
    """A heading as it is compared: without accents too, as ``Gun ve Saat`` is written where there is no ü."""
    return name_folded(heading_plain(heading)).replace("ı", "i")
