"""The words by which the columns of a table are known: by role, the more telling ones first."""

from __future__ import annotations

# Parted by bars. They are compared without case, accents and marks.
_WORDS: dict[str, str] = {
    "course": (
        "course | course code | course no | course number | course id | code | module | module code | subject code | class code"
        " | catalog | coursecode | kurs | kursnummer | modul | modulnummer | lv nummer | veranstaltungsnummer | fachnummer"
        " | code cours | code matière | code ue | código | codigo | código asignatura | código de la asignatura"
        " | código da disciplina | código uc | codice | codice insegnamento | ders kodu | код | код дисциплины | 科目番号"
        " | 科目コード | 授業コード | 時間割コード | course no. | modulnr | modul nr | nr | lv nr | lvnr | dersin kodu"
        " | code du cours | código del curso | codice corso | код предмета | subjects | courses | crs code | course nr"
        " | module no | module id | unit code | paper code | kurs nr | kurskürzel | kürzel | lv code | lv kennung | vnr | v nr"
        " | veranstaltungs nr | veranstaltungsnr | vorlesungsnummer | prüfungsnummer | code module | code ec | code apogée"
        " | code élément | clave | clave materia | clave asignatura | cve | cód | cód asignatura | sigla | código materia"
        " | código del ramo | código disciplina | cód disciplina | código da uc | código da unidade curricular | cod insegnamento"
        " | cod ins | codice esame | codice attività | ders kod | kod | kurzbezeichnung | шифр | код курса | 授業番号"
        " | 講義コード | 講義番号 | 科目ナンバー | 授業科目コード | 时间割代码 | 课程代码 | 课程号 | 课程编号 | 과목코드"
        " | 학수번호 | vakcode | kod przedmiotu | kurskod | emnekode | ects code "
        "| nummer | vakcode | course section code | coursecode"
    ),
    "subject": ("subj | subject | subject area | prefix | dept prefix | subj code | dept code | discipline | fach kürzel"),
    "number": (
        "crse | crse numb | number | catalog number | catalog nbr | cat | course nbr | crs | crse no | cat nbr | num | catalog no"
        " | catalogue number | course num | crs no | crs num | crs nbr | course no suffix"
    ),
    "title": (
        "title | course title | course name | name | long title | short title | module name | module title | class title | titel"
        " | veranstaltung | bezeichnung | lehrveranstaltung | veranstaltungstitel | modulname | fach | intitulé | descr"
        " | course description | subject name | libellé | matière | nom du cours | unité d enseignement | asignatura | nombre"
        " | nombre asignatura | materia | disciplina | unidade curricular | nome da disciplina | nome | uc | insegnamento"
        " | denominazione | ders adı | ders | дисциплина | предмет | название | наименование дисциплины | 科目名 | 授業科目名"
        " | 授業名 | 講義名 | 科目 | description | titel der lehrveranstaltung | titel der veranstaltung"
        " | name der lehrveranstaltung | name der veranstaltung | bezeichnung der lehrveranstaltung | dersin adı"
        " | crse title | intitulé du cours | titre du cours | titre | nombre de la asignatura | nombre del curso | título"
        " | nome da unidade curricular | nome insegnamento | nome del corso | название дисциплины | наименование | subject title"
        " | unit title | unit name | paper title | crs title | course long title | course short title | section title"
        " | offering title | lv titel | titel der lv | lv bezeichnung | thema | vorlesung | modulbezeichnung | intitulé du module"
        " | libellé matière | libellé ec | libellé de l enseignement | élément constitutif | enseignement | cours"
        " | nombre de la materia | nombre materia | nombre del ramo | ramo | nombre de asignatura | denominación | nome da uc"
        " | nome disciplina | unidade curricular uc | componente curricular | nome attività | attività didattica"
        " | attività formativa | nome corso | denominazione insegnamento | dersin ismi | ders ismi | наименование предмета"
        " | наименование курса | предмет дисциплина | название курса | 授業科目 | 講義題目 | 講義科目名 | 科目名称 | 课程名称"
        " | 课程 | 과목명 | 교과목명 | vak | vaknaam | przedmiot | nazwa przedmiotu | kursnamn | emne | course section title "
        "| summary | event | activité | activity description | libellé activité | zajęcia | omschrijving"
    ),
    "section": (
        "sec | section | seq numb | section no | section number | section code | class section | sect | sctn | class nbr section | gruppe"
        " | parallelgruppe | übungsgruppe | groupe | grupo | turno | gruppo | şube | sube | grup | группа потока | クラス | 組"
        " | class section code | section id | gpo | no grupo | núm grupo | sección | paralelo | comisión | gr | grp"
        " | übung gruppe | parallelgruppe nr | grupo clase | group no | group number | stream | section num | sec no | şubesi"
        " | sınıf şube | подгруппа | поток | 分班 | 班级 | 분반 | クラス名 | クラス番号 "
        "| 教学班 | 教学班号 | class group | tutorial group | groep | grupa zajęciowa"
    ),
    "section_key": (
        "crn | class nbr | class number | call number | reference number | ccn | class no | com cod | sln | index number | crn no"
        " | course reference number | nrc | clave nrc | class number nbr | class id | unique number | unique no | line number"
        " | schedule number | call no | synonym | sis class id | nº registro"
    ),
    "kind": (
        "type | class type | component | instruction type | schedule type | kind | activity | format | meeting type | itype"
        " | activity type | instructional format | art | veranstaltungsart | lehrform | typ | type de cours | nature | tipo"
        " | tipo de aula | tipo de clase | tipologia | ders türü | вид занятия | тип занятия | вид | 授業形態 | event type"
        " | section type | sec type | lesson type | teaching type | class component | ssr component | course component"
        " | instr type | meeting category | lv typ | lv art | form | kategorie | type d enseignement | type d activité"
        " | type de séance | type enseignement | modalidad clase | tipo de actividad | tipo actividad | tipo clase"
        " | tipo de sesión | tipo aula | tipologia aula | tipo lezione | tipologia lezione | tipo attività | ders tipi"
        " | ders şekli | форма занятия | форма занятий | 授業種別 | 授業区分 | 课程类型 "
        "| werkvorm | typ zajęć | rodzaj zajęć | forma zajęć"
    ),
    "capacity": (
        "cap | capacity | max | enrl cap | enrollment cap | enrolment cap | max enrollment | class size | limit | maximum"
        " | enr cap | max enrl | seats | cap enrl | maximum enrollment | maximum enrolment | plätze | max teilnehmer"
        " | teilnehmerzahl max | capacité | effectif max | cupo | vagas | posti | kontenjan | kapasite | мест | 定員"
        " | enroll limit | section capacity | quota | max students | max enrolled | max enroll | enrollment limit"
        " | enrolment limit | enrl limit | enroll cap | enrollment maximum | max seats | class capacity | class limit"
        " | section size | seats available total | total seats | max size | class max | mx | max tn | max teiln"
        " | max teilnehmerzahl | maximale teilnehmerzahl | teilnehmerbegrenzung | platzzahl | anzahl plätze | capacité max"
        " | capacité maximale | nb max | nombre max | places | nombre de places | cupos | cupo máximo | cupo max | capacidad"
        " | capacidad máxima | plazas | vagas oferecidas | vagas ofertadas | nº de vagas | capacidade turma | posti disponibili"
        " | numero massimo | capienza massima | kont | kontenjanı | лимит | макс студентов | 受入人数 | 受講上限 | 履修定員"
        " | 限选人数 | 容量 | 수강정원 | 정원 | max antal "
        "| enr limit | enroll max | enrl max | enr max | max enr | teilnehmer max | "
        "tn max | max anzahl teilnehmer | limit miejsc | max deelnemers"
    ),
    "enrolled": (
        "act | enrolled | actual | enrollment | enrolment | tot enrl | students | current enrollment | enrl | num students"
        " | existing | enr tot | expected | expected students | headcount | registered | teilnehmer | teilnehmerzahl"
        " | studierende | effectif | inscrits | étudiants | matriculados | alumnos | inscritos | inscritos no turno | alunos"
        " | nº de alunos | iscritti | studenti | öğrenci sayısı | mevcut | студентов | количество студентов | 履修者数 | enrol"
        " | size | taken | planned size | actual size | class total | total enrolled | total enrollment | enrl tot | enrl total"
        " | actual enrollment | actual enrolment | cur enrl | current enrolment | active student count | student count"
        " | no of students | number of students | students enrolled | reg students | demand | anzahl teilnehmer | anzahl tn | tn"
        " | angemeldet | belegungen | anmeldungen | nb étudiants | nombre d étudiants | effectifs | nb inscrits"
        " | nombre d inscrits | inscritos total | nº alumnos | número de alumnos | num alumnos | nº inscritos | alumnos inscritos"
        " | matriculados total | vagas ocupadas | nº inscritos turno | n studenti | numero studenti | num studenti | frequentanti"
        " | kayıtlı | kayıtlı öğrenci | öğrenci | число студентов | кол во студентов | чел | 受講者数 | 登録者数 | 履修登録者数"
        " | 选课人数 | 人数 | 수강인원 "
        "| enrolled count | registered count | registered students | aantal studenten | liczba studentów | deelnemers"
    ),
    "days": (
        "days | day | days of week | day s | meeting days | weekday | weekdays | meet days | class days | mtg days | wochentag"
        " | tag | tage | jour | jours | día | días | dia | dias | dia da semana | día de la semana | giorno | giorni | gün"
        " | günler | день | день недели | дни | 曜日 | mtg day | meeting day | day of week | dow | daypattern | day pattern"
        " | teaching day | tage der woche | wochentage | jour de la semaine | jour semaine | jours de cours | día semana"
        " | dias semana | giorno della settimana | giorno settimana | günü | gün adı | ders günü | дни недели | 开课星期 | 星期"
        " | 요일 | 曜 "
        "| scheduled days | dag | dzień | dzień tygodnia | dzien tygodnia | weekdag"
    ),
    "times": (
        "time | times | days times | days & times | day time | meeting time | meeting times | schedule | class time | days hours"
        " | meeting pattern | when | meets | meeting | days and times | date time | day and time | hours | uhrzeit | zeit"
        " | zeiten | termin | termine | horaire | horaires | heure | créneau | hora | horario | horarios | horário | horários"
        " | ora | orario | saat | saatler | время | время занятия | расписание | 時限 | 曜時限 | 曜日時限 | 開講曜時限"
        " | 曜日・時限 | 時間 | timeslot | time slot | slot | gün ve saat | gün saat | ders saatleri | tag und uhrzeit"
        " | tag uhrzeit | tag und zeit | tag zeit | wochentag und uhrzeit | jour et heure | jours et heures | jour heure"
        " | jour et horaire | día y hora | días y horas | día hora | dia e hora | dias e horários | giorno e ora | giorni e orari"
        " | день и время | дни и время | assigned time | time pattern assigned | class times | meeting patterns | meeting info"
        " | time slots | hour | day hour | day and hour | days and hours | schedule days times | zeit ort | zeitraum | uhrzeiten"
        " | wann | veranstaltungszeit | plage horaire | horaire du cours | horaires de cours | jour/horaire | créneau horaire"
        " | creneaux | hora clase | horario de clases | horario clase | horário da aula | horários de aula | giorno/ora"
        " | orario lezione | orario delle lezioni | ders saati ve günü | saati | ders günü ve saati | часы | время занятий"
        " | день/время | 曜日・講時 | 曜日講時 | 曜日・時間 | 開講曜日時限 | 曜日と時限 | 開講曜日・時限 | 講時 | 曜限 | 上课时间"
        " | 时间 | 강의시간 | 수업시간 "
        "| tijd | tijden | godzina | godziny | termin zajęć"
    ),
    "start": (
        "start time | start | begin | begin time | starts | from | mtg start | start hour | beginn | von | début | heure de début"
        " | heure début | hora inicio | inicio | hora de inicio | hora início | hora início da aula | início | ora inizio"
        " | inizio | başlangıç | başlangıç saati | начало | 開始 | 開始時刻 | time start | begin hour | start tm | from time"
        " | start hr | beg time | beg | anfang | anfangszeit | startzeit | uhrzeit von | zeit von | h début | hr inicio"
        " | hora comienzo | hora entrada | desde | das | ora di inizio | inizio lezione | dalle | alle ore | başlama"
        " | başlama saati | başlangıç zamanı | время начала | с | 開始時間 | 开始时间 | 시작시간 | starttid "
        "| begintijd | starttijd | godzina rozpoczęcia | godz rozpoczęcia | od godziny | from hour"
    ),
    "end": (
        "end time | end | ends | to | until | mtg end | finish | end hour | ende | bis | fin | heure de fin | heure fin"
        " | hora fin | hora de fin | hora fim | hora fim da aula | fim | ora fine | fine | bitiş | bitiş saati | конец"
        " | окончание | 終了 | 終了時刻 | finish time | time end | end tm | to time | end hr | stop | stop time | endzeit"
        " | uhrzeit bis | zeit bis | h fin | hr fin | hora termino | hora de término | hora salida | hasta | às | ora di fine"
        " | fine lezione | bitiş zamanı | bitme saati | время окончания | по | 終了時間 | 结束时间 | 종료시간 | sluttid "
        "| eindtijd | godzina zakończenia | godz zakończenia | do godziny | to hour"
    ),
    "period": (
        "period | periods | slot no | stunde | block | période | periodo | período | ders saati | пара | № пары | 限 | コマ"
        " | period no | period number | teaching period | lesson | lesson no | unterrichtsstunde | einheit | ue nr | séance no"
        " | bloque | módulo horario | ders no | номер пары | номер занятия | 講時番号 | 节次 | 교시 | lektion"
    ),
    "date": (
        "date | meeting date | class date | datum | date du cours | fecha | data | data da aula | data lezione | tarih | дата"
        " | 日付 | 開講日 | day date | session date | lesson date | event date | kurstag | veranstaltungsdatum | termin datum"
        " | date de la séance | date séance | fecha clase | fecha de clase | fecha sesión | data aula | giorno data"
        " | data della lezione | ders tarihi | дата занятия | 授業日 | 实施日 | 上课日期 | 날짜"
    ),
    "dates": (
        "dates | meeting dates | date mm dd | date range | start end dates | part of term | session | weeks | week | wochen | kw"
        " | semaines | semanas | settimane | haftalar | недели | 実施学期 | 開講時期 | 学期 | date pattern | meeting dates range"
        " | class dates | dates of class | start end date | session code | ptrm | pt term | part term | term part | sub term"
        " | subterm | sess | week pattern | teaching weeks | activity weeks | week numbers | weeks held | rhythmus | turnus"
        " | zyklus | periodicity | recurrence | frequency | zeitraum der veranstaltung | périodicité | fréquence"
        " | semaines de cours | n semaines | periodicidad | semanas de clase | periodicidade | periodicità | settimane di lezione"
        " | hafta | дни проведения | числитель знаменатель | неделя | 週 | 开课周次 | 周次 | 수업기간 | ターム | 開講期 "
        "| teaching week pattern | teaching week | weken | tygodnie | zweeks"
    ),
    "room": (
        "room | location | room no | room number | room code | facility | facil id | classroom | where | place | rm"
        " | meeting location | room name | raum | ort | hörsaal | salle | lieu | aula | salón | sala | sala atribuída à aula"
        " | nome sala | nome da sala | derslik | аудитория | ауд | кабинет | 教室 | 講義室 | venue | facility id | facility name"
        " | facil | assigned room | bldg room | building room | building and room | room s | rooms | class room | lecture room"
        " | teaching room | space | venue room | location name | allocated location | allocated room | veranstaltungsort"
        " | veranstaltungsraum | räume | raum nr | raumnummer | raumname | salles | nom de la salle | n salle | local"
        " | lieu du cours | aulas | aula asignada | nº sala | ambiente | espacio | sala de aula | salas | local da aula | aula/e"
        " | aula lezione | luogo | dersliği | dersin yapıldığı yer | sınıf no | yer | место | место проведения | аудитории"
        " | номер аудитории | 使用教室 | 授業教室 | 开课地点 | 上课地点 | 教室名 | 강의실 | 장소 | lokaal | sal "
        "| locations | section location | zaal | sala zajęć | salle s"
    ),
    "building": (
        "building | bldg | bldg code | building code | gebäude | haus | bâtiment | edificio | edifício | bina | корпус | здание"
        " | 建物 | 棟 | site | bldg name | building name | building no | facility building | bldg no | gebäudename | gebäude nr"
        " | nom du bâtiment | bât | edif | pabellón | bloco | bloque edificio | prédio | pavilhão | plesso | sede aula | blok"
        " | bina adı | корпуса | 楼 | 教学楼 | 건물 | byggnad"
    ),
    "room_capacity": (
        "room cap | room capacity | seats of room | seating capacity | capacidade normal | teaching capacity | seats | room size"
        " | sitzplätze | capacité salle | capacidade | aforo | capienza | вместимость | 収容人数 | room seats | max room capacity"
        " | venue capacity | location capacity | room size seats | raumkapazität | raumgröße | plätze im raum"
        " | capacité de la salle | capacidad aula | capacidad del aula | capacidad sala | capacidade da sala | capienza aula"
        " | derslik kapasitesi | вместимость аудитории | 教室定員 | 座席数 | 教室容量"
    ),
    "room_kind": ("room type | raumart | raumtyp | type de salle | tipo de sala"),
    "features": ("features | equipment | room features | ausstattung | équipement | equipamiento | características | donanım | 設備"),
    "instructor": (
        "instructor | instructors | teacher | teachers | faculty | professor | lecturer | instructor name | taught by"
        " | instructor s | staff | instructor in charge | instructor in charge instructor | primary instructor | lecturers"
        " | dozent | dozenten | dozentin | lehrende | lehrperson | lehrender | enseignant | enseignants | professeur"
        " | intervenant | profesor | profesores | docente | docentes | professores | docenti | öğretim üyesi | dozent in"
        " | dozenten innen | dozent innen | dozentinnen und dozenten | dozierende | dozierender | lehrende r | lehrbeauftragte"
        " | lehrbeauftragter | enseignant e | enseignant s | enseignante | nom de l enseignant | profesora | profesor a"
        " | profesorado | nombre del profesor | professor a | docente s | nome do docente | nome docente | öğretim görevlisi"
        " | dersin öğretim üyesi | dersi veren | hoca | ф и о преподавателя | фио преподавателя | öğretim elemanı | преподаватель"
        " | преподаватели | 担当教員 | 教員 | 教員名 | 担当 | faculty name | faculty names | instructor full name"
        " | instructor last name first name | instructor 1 | instructor 2 | instructor name s | instr | instr name"
        " | instructor of record | prof | professor name | professors | staff member | staff name | staff names | staff members"
        " | allocated staff | tutor | tutors | teaching staff | teacher name | lecturer name | lecturer s | module leader"
        " | leader | lehrkraft | lehrkräfte | dozentenname | dozierende/r | verantwortliche | verantwortlicher | referent"
        " | leitung | durchführende | prüfer | nom enseignant | nom prof | responsable | chargé de cours | intervenants"
        " | enseignant responsable | maestro | catedrático | profesor titular | nombre docente | nombre profesor"
        " | docente titular | nome professor | nome do professor | professor(es) | regente | docente responsável | titolare"
        " | nome del docente | cognome docente | professori | öğretim elemanları | dersin hocası | hocası | öğretmen"
        " | dersi veren öğretim üyesi | dersin öğretim elemanı | лектор | фио | ф и о | преподаватель фио | 担当者 | 担当教員名"
        " | 担当教官 | 授業担当者 | 代表教員 | 主担当教員 | 教师 | 任课教师 | 授课教师 | 교수 | 담당교수 | 교수명 | docent"
        " | prowadzący | lärare "
        "| organizer | organiser | docenten | prowadzący zajęcia | wykładowca | instructor in charge instructor name"
    ),
    "department": (
        "department | dept | school | academic group | college | unit | fachbereich | fakultät | institut | département"
        " | departamento | dipartimento | bölüm | fakülte | кафедра | факультет | 開設組織 | 学部 | 学科 | dept name"
        " | department name | department code | acad org | academic org | academic organization | owning department"
        " | offering department | school name | faculty of | fak | fachgruppe | lehrstuhl | organisationseinheit | ufr"
        " | composante | departamento académico | facultad | escuela | unidad académica | dpto | depto | departamento responsável"
        " | faculdade | facoltà | struttura | bölümü | bölüm adı | anabilim dalı | подразделение | институт | 学科名 | 学部名"
        " | 开课学院 | 开课单位 | 개설학과"
    ),
    "term": (
        "term | term code | semester | yearterm | semestre | dönem | семестр | term name | academic term | strm | sec term"
        " | acad term | semester code | period lectif | periodo académico | periodo lectivo | ciclo | ciclo escolar"
        " | ano semestre | ano letivo semestre | período letivo | anno accademico | yarıyıl dönem | 学期名 | 开课学期 | 개설학기"
        " | yearterm code"
    ),
    "curriculum": (
        "programme | program | curriculum | cohort | student group | groups | group | turma | curso | studiengang | studiengruppe"
        " | filière | parcours | promotion | grado | carrera | corso di laurea | sınıf | группа | группы | major | 対象"
        " | 対象学年 | student set | class | klasse | classe | program of study | degree program | degree programme"
        " | plan of study | academic plan | course of study | student groups | student sets | studiengänge | studiengruppen"
        " | sem gruppe | seminargruppe | matrikel | formation | année et filière | groupe d étudiants | titulación"
        " | grupo de alumnos | plan de estudios | programa | cursos | curso/turma | turmas | corso di studio | corso di studi"
        " | cds | percorso | программа | направление | специальность | учебная группа | номер группы | номер группы студентов"
        " | 対象学生 | 専攻 | 专业 | 上课班级 | 行政班 | 전공 | program adı | programı | opleiding | kierunek "
        "| groupes | groupe étudiants | gruppen | grupos | gruppi | gruplar | student set name | audience | public"
    ),
    "cross_list": (
        "xlist | cross list | crosslist | xl group | combined section | combined id | cross listed | cross list code | xlst"
        " | cross listings | crosslistings | cross listing | x list | xlst group | xl code | xlist group | combined sections"
        " | combined sections id | cross list group | also listed as | cross listed with | crosslisted with | cross list with"
        " | combined with | mutualisation | polymnie | mutuazione | comune con | ortak ders"
    ),
    "hours": (
        "hours per week | weekly hours | contact hours | sws | semesterwochenstunden | hours week | wochenstunden"
        " | horas semanales | hours a week | wk hours | hrs week | hrs | contact hrs | teaching hours | total hours"
        " | semesterstunden | std | stunden | volume horaire | heures | nb heures | horas | horas semana | carga horária | ch"
        " | ore | ore settimanali | ore totali | haftalık saat | haftalık ders saati | toplam saat | часов в неделю | всего часов"
        " | часов | 週時間 | 学时 | 周学时 | lessons per week | periods per week | lessons week | periods week"
    ),
    "first_date": (
        "start date | date start | first date | first day | begin date | beginning date | from date | date from"
        " | class start date | meeting start date | starts on | beg date | start dt | mtg start date | startdatum | beginndatum"
        " | datum von | anfangsdatum | erster termin | date début | date de début | premier jour | fecha inicio | fecha de inicio"
        " | fecha inicial | data início | data de início | data inizio | data di inizio | başlangıç tarihi | başlama tarihi"
        " | дата начала | 開始日 | 开始日期 | 시작일"
    ),
    "last_date": (
        "end date | date end | last date | last day | ending date | finish date | to date | date to | class end date"
        " | meeting end date | ends on | end dt | mtg end date | enddatum | datum bis | letzter termin | date fin | date de fin"
        " | dernier jour | fecha fin | fecha de fin | fecha final | fecha término | data fim | data de fim | data término"
        " | data fine | data di fine | bitiş tarihi | дата окончания | дата конца | 終了日 | 结束日期 | 종료일"
    ),
    "campus": (
        "campus | campus code | campus name | campus desc | campus description | camp | site name | site code | standort"
        " | campus standort | site géographique | sede | plantel | recinto | polo | yerleşke | kampüs | кампус | площадка"
        " | キャンパス | 校地 | 校区 | 캠퍼스 | location code | location campus"
    ),
    "email": (
        "email | e mail | e mail address | email address | instructor email | instructor e mail | faculty email | lecturer email"
        " | teacher email | staff email | instructor email address | mail | e mail adresse | mailadresse | courriel"
        " | adresse mail | adresse électronique | mail enseignant | correo | correo electrónico | correo profesor"
        " | correo del profesor | e mail do docente | endereço de email | email docente | indirizzo e mail | posta elettronica"
        " | e posta | eposta | почта | электронная почта | эл почта | メール | メールアドレス | 邮箱 | 이메일"
    ),
    "person_id": (
        "instructor id | instructor no | instructor number | instructor code | faculty id | staff id | staff no | staff number"
        " | staff code | employee id | employee number | emplid | teacher id | teacher code | lecturer id | lecturer code"
        " | professor id | personalnummer | personalnr | dozent nr | dozentennummer | dozentenkürzel | matricule"
        " | matricule enseignant | id enseignant | code enseignant | rut profesor | id profesor | clave profesor"
        " | número de empleado | num empleado | código docente | cod docente | id docente | matricola | matricola docente"
        " | codice docente | sicil no | sicil | табельный номер | код преподавателя | 教員番号 | 教員コード | 职工号 | 工号"
        " | 교번"
    ),
    "year": (
        "year of study | study year | year level | class year | student year | programme year | level | studienjahr"
        " | fachsemester | jahrgang | année | année d étude | niveau | año | año de carrera | nivel | ano curricular"
        " | ano do curso | anno | anno di corso | anno corso | sınıfı | yıl | yarıyıl | sem no | год обучения | курс | 配当年次"
        " | 学年 | 対象年次 | 年级 | 학년"
    ),
    "duration": (
        "duration | length | dur | class length | minutes | mins | dauer | durée | duree | duración | duração | durata | süre | "
        "продолжительность | длительность | 所要時間 | czas trwania | duur"
    ),
}
# Czech, Slovak, Ukrainian, Swedish, Norwegian, Danish, Greek, Arabic, Polish, Romanian and Hungarian, and of programs' own lists.
_FURTHER: dict[str, str] = {
    "course": (
        "zkratka předmětu | kód předmětu | kod predmetu | zkratka | kód kurzu | код дисципліни | шифр дисципліни | код предмета"
        " | kurskod | kursens kod | emnekode | kursuskode | fagkode | κωδικός | κωδικός μαθήματος | κωδ | κωδ μαθήματος"
        " | رمز المقرر | رقم المقرر | كود المقرر | رمز المادة | كود المادة | رقم المادة | kod zajęć | cod disciplină | tárgykód"
        " | kurzuskód | module hostkey | activity hostkey | vstnr | vst nr | course reference | subject code and number"
        " | code ecue"
    ),
    "title": (
        "název předmětu | název | předmět | názov predmetu | predmet | назва дисципліни | дисципліна | навчальна дисципліна"
        " | назва предмета | освітній компонент | kursbenämning | benämning | kursens namn | emnenavn | kursusnavn | fag"
        " | μάθημα | τίτλος | τίτλος μαθήματος | όνομα μαθήματος | اسم المقرر | المقرر | اسم المادة | المادة | nazwa zajęć"
        " | nazwa kursu | disciplină | denumire disciplină | tárgynév | tárgy neve | module description | title of course"
    ),
    "section": "paralelka | підгрупа | потік | ομάδα | الشعبة | شعبة | رقم الشعبة | رمز الشعبة | comisia",
    "kind": (
        "comp | typ akce | typ výuky | forma výuky | druh výuky | вид заняття | тип заняття | вид занять | форма заняття"
        " | undervisningstyp | undervisningsform | undervisningstype | moment | aktivitet | τύπος | είδος | τύπος μαθήματος"
        " | είδος διδασκαλίας | النوع | نوع الشعبة | نوع المحاضرة | rodzaj | rodzaj zajęć | tip activitate | kurzus típusa"
        " | óratípus | event category | activity category"
    ),
    "capacity": (
        "kapacita | max studentů | max počet studentů | макс кількість студентів | platser | antal platser | السعة"
        " | الحد الأعلى | سعة الشعبة | limit osób | férőhely"
    ),
    "enrolled": (
        "obsazení | obsazenost | počet studentů | studentů | zapsáno | zapsaných | počet študentov | кількість студентів"
        " | студенти | чисельність | кількість осіб | antal studenter | studenter | antal deltagare | antal deltagere"
        " | antall studenter | φοιτητές | αριθμός φοιτητών | εγγεγραμμένοι | العدد | عدد الطلاب | عدد الطلبة | المسجلين"
        " | عدد المسجلين | liczba osób | nr studenți | létszám | strength | class strength | real size | no of pax"
    ),
    "days": (
        "den | den v týdnu | deň | день тижня | дні | veckodag | ukedag | ugedag | ημέρα | μέρα | ημέρες | اليوم | الأيام | يوم"
        " | ziua | zi | nap | pat | mtg pat | meeting pat | days met | viikonpäivä | thứ"
    ),
    "times": (
        "čas | čas výuky | час | час заняття | час занять | tid | tider | klockslag | tidspunkt | ώρα | ώρες | ώρα διδασκαλίας"
        " | χρόνος | ημέρα και ώρα | الوقت | وقت المحاضرة | الموعد | التوقيت | الساعة | الزمن | interval orar | időpont | čas od do"
    ),
    "start": (
        "začátek | čas od | hod od | od | začiatok | початок | час початку | börjar | från | kl från | starttidspunkt | έναρξη"
        " | ώρα έναρξης | από | من | وقت البداية | بداية | وقت البدء | początek | kezdés | kezdete | ora început"
    ),
    "end": (
        "konec | čas do | hod do | do | koniec | кінець | закінчення | час закінчення | slutar | till | kl till | slut"
        " | sluttidspunkt | λήξη | ώρα λήξης | έως | μέχρι | إلى | وقت النهاية | نهاية | وقت الانتهاء | vége | befejezés"
        " | ora sfârșit"
    ),
    "period": "vyučovací hodina | № пари | номер пари | пари",
    "date": "dátum | päivämäärä | التاريخ | ημερομηνία | dato",
    "dates": (
        "týden | týdny | týdny výuky | тиждень | тижні | vecka | veckor | uge | uger | uke | uker | läsperiod | εβδομάδα"
        " | εβδομάδες | tydzień | săptămâna | hét | الأسبوع | الأسابيع | weeks pattern | weeks pattern name | n de semaine"
        " | calendar weeks"
    ),
    "room": (
        "místnost | učebna | učebny | miestnosť | аудиторія | приміщення | місце проведення | lokal | lokaler | sal | rum | rom"
        " | lokale | αίθουσα | αίθουσες | χώρος | القاعة | رقم القاعة | قاعة | المكان | nr sali | numer sali | pomieszczenie"
        " | terem | sala curs | sali | locatie | room list | rooms list"
    ),
    "building": "budova | objekt | будівля | byggnad | bygning | bygg | κτίριο | المبنى | رقم المبنى | budynek | clădire | épület",
    "room_capacity": (
        "kapacita místnosti | počet míst | місткість | кількість місць | antal sittplatser | sittplatser | χωρητικότητα"
        " | liczba miejsc | pojemność | ilość miejsc | سعة القاعة | locuri"
    ),
    "room_kind": "typ místnosti | typ sali | rodzaj sali | przeznaczenie | lokaltyp | نوع القاعة",
    "features": "vybavení | wyposażenie | utrustning | εξοπλισμός",
    "instructor": (
        "vyučující | vyučujúci | učitel | učiteľ | přednášející | cvičící | викладач | викладачі | піб викладача | піб | lärare"
        " | undervisare | underviser | faglærer | kursansvarig | διδάσκων | διδάσκοντες | διδάσκουσα | καθηγητής | εισηγητής"
        " | المدرس | اسم المدرس | المحاضر | عضو هيئة التدريس | أستاذ المقرر | مدرس المقرر | المدرب | nauczyciel"
        " | cadru didactic | titular | oktató | oktatók | opettaja | staff list | course faculty"
    ),
    "department": (
        "katedra | fakulta | pracoviště | ústav | інститут | institution | avdelning | fakultet | institutt | القسم | الكلية"
        " | wydział | instytut | jednostka | facultate | tanszék | kar | σχολή"
    ),
    "term": "akademický rok | الفصل | الفصل الدراسي | félév",
    "curriculum": (
        "subgroup | sub group | batch | lab batch | studijní skupina | skupina | kroužek | obor | група | групи"
        " | навчальна група | академічна група | спеціальність | grupp | klass | studentgrupp | studieprogram | hold | kull"
        " | المجموعة | البرنامج | التخصص | grupa studencka | grupa | grupă | csoport | szak"
    ),
    "year": (
        "year | yr | ročník | рік навчання | årskurs | έτος"
        " | εξάμηνο σπουδών | المستوى | السنة | rok studiów | rok | an de studiu | évfolyam"
    ),
    "hours": (
        "l t p | ltp | l t p c | ltpc | t u l | tul | l t p credits | lecture tutorial practical | teaching scheme"
        " | contact hours week | contact hours per week | hours per week l t p | počet hodin | hodin týdně | hodiny týdně"
        " | години | годин | кількість годин | годин на тиждень | timmar | antal timmar | ώρες διδασκαλίας | ώρες εβδομαδιαίως"
        " | الساعات | عدد الساعات | الساعات الأسبوعية | liczba godzin | godzin | óraszám | heti óraszám | nr ore"
        " | ore pe săptămână | sws v ü | teaching load | hours load"
    ),
    "first_date": "startdato | počáteční datum | datum od | дата початку | ημερομηνία έναρξης | data rozpoczęcia",
    "last_date": "slutdatum | sluttdato | slutdato | datum do | дата закінчення | ημερομηνία λήξης | data zakończenia",
    "duration": "délka | trvání | тривалість | längd | varighet | διάρκεια | المدة | durată | időtartam",
}
HEADINGS: dict[str, tuple[str, ...]] = {
    role: tuple(word.strip() for word in " | ".join(filter(None, (words, _FURTHER.get(role)))).split("|") if word.strip())
    for role, words in _WORDS.items()
}
