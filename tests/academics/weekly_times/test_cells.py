"""Cells of days and times as people write them, and what each says."""

from __future__ import annotations

import pytest

from academics.weekly_times.grammar import read_weekly_times
from academics.weekly_times.vocabulary import Vocabulary
from tests.academics.weekly_times.writing import written

# By language: a cell, and its reading in short.
CELLS = {
    "en": """
        MWF 9:15 am-10:20 am        | Mon+Wed+Fri 09:15-10:20
        TR 09:55 am-11:40 am        | Tue+Thu 09:55-11:40
        TTh 3:30p                   | Tue+Thu 15:30
        MTWThF                      | Mon+Tue+Wed+Thu+Fri
        MTWR                        | Mon+Tue+Wed+Thu
        MTWTF                       | Mon+Tue+Wed+Thu+Fri
        UMTWRFS                     | Sun+Mon+Tue+Wed+Thu+Fri+Sat
        MoWeFr 1:00PM - 1:50PM      | Mon+Wed+Fri 13:00-13:50
        M W 3 Th 9                  | Mon+Wed p3; Thu p9
        T Th F 2                    | Tue+Thu+Fri p2
        Mon/Wed                     | Mon+Wed
        Mon & Wed, 10:00-11:00      | Mon+Wed 10:00-11:00
        Mon and Wed at 10:00 am     | Mon+Wed 10:00
        Mon-Fri 8:00-9:00           | Mon+Tue+Wed+Thu+Fri 08:00-09:00
        M-F 8-9 am                  | Mon+Tue+Wed+Thu+Fri 08:00-09:00
        M-W-F 9:30                  | Mon+Wed+Fri 09:30
        Thursdays 5 to 6:30 pm      | Thu 17:00-18:30
        Mon 9:00-10:00; 11:00-12:00 | Mon 09:00-10:00; Mon 11:00-12:00
        Mon 9:00-10:00, Wed 11:00-12:00 | Mon 09:00-10:00; Wed 11:00-12:00
        9-10a MWF                   | Mon+Wed+Fri 09:00-10:00
        Periods 3-4                 | p3-4
        Mon P1-P2                   | Mon p1-2
        Mon period 2 (9:00-9:50)    | Mon p2 09:00-09:50
        noon-1 pm                   | 12:00-13:00
        Mon 9:00-10:00 (weeks 1-7)  | Mon 09:00-10:00 weeks 1-7
        Mon 9:00-10:00 odd, Wed 11:00-12:00 even | Mon 09:00-10:00 odd; Wed 11:00-12:00 even
        odd weeks: Mon 9:00-10:00   | Mon 09:00-10:00 odd weeks
        Online MWF 9:15-10:20       | Mon+Wed+Fri 09:15-10:20
        MWF 9:15-10:20 HR 148       | Mon+Wed+Fri 09:15-10:20; <HR 148>
        Blk A                       | <Blk A>
        Sat 9:00 a.m. - 12:00 noon   | Sat 09:00-12:00
        Mon to Fri 8:00             | Mon+Tue+Wed+Thu+Fri 08:00
        MWF 3rd period              | Mon+Wed+Fri p3
        Mon wks 1-10 09:00-11:00    | Mon 09:00-11:00 wks 1-10
        MWF TBA                     | none
        Mon 9:00-10:00 (1-7)        | <9:00-10:00 1-7>
        Day 1 Period 3              | p3; <Day 1>
        Arranged Hours              | none
        Every other Mon 9:00-10:00  | Mon 09:00-10:00 Every other
        09:00 AM - 09:50 AM MWF 08/26/2024 - 12/13/2024 | Mon+Wed+Fri 09:00-09:50 08/26/2024 - 12/13/2024
    """,
    "de": """
        Mo-Fr 8-10 Uhr              | Mon+Tue+Wed+Thu+Fri 08:00-10:00
        Mo, Mi 10.15-11.45          | Mon+Wed 10:15-11:45
        Mo 10-12, Mi 14-16 Uhr      | Mon 10:00-12:00; Wed 14:00-16:00
        Montag und Mittwoch, 8:00 bis 9:30 Uhr | Mon+Wed 08:00-09:30
        donnerstags von 8h bis 10h  | Thu 08:00-10:00
        Di 1.-2. Stunde             | Tue p1-2
        Di 3. Block                 | Tue p3
        Mo 8:00-9:30 (gerade KW)    | Mon 08:00-09:30 gerade KW
        Sonnabend 9 Uhr             | Sat 09:00
        Fr 16-18 Uhr (14-tgl.)      | Fri 16:00-18:00 14-tgl
        Mi 3./4. Stunde             | Wed p3-4
        Mo bis Do 8 Uhr             | Mon+Tue+Wed+Thu 08:00
    """,
    "fr": """
        lundi et jeudi 8h30-10h     | Mon+Thu 08:30-10:00
        Lun. 14h-16h                | Mon 14:00-16:00
        le mardi de 9h à 11h        | Tue 09:00-11:00
        mer. 10h15 à 12h            | Wed 10:15-12:00
        LMMJV                       | Mon+Tue+Wed+Thu+Fri
        vendredi 8h-10h semaines paires | Fri 08:00-10:00 semaines paires
        2e créneau                  | p2
    """,
    "es": """
        Lun y Mié 10:00-12:00       | Mon+Wed 10:00-12:00
        lunes, miércoles y viernes de 8:00 a 9:30 | Mon+Wed+Fri 08:00-09:30
        LXV 9:00-10:00              | Mon+Wed+Fri 09:00-10:00
        Martes 4:00 p. m. - 6:00 p. m. | Tue 16:00-18:00
        Ju 3ª hora                  | Thu p3
        sábado 9:00 hrs             | Sat 09:00
        de lunes a viernes 8:00-9:00 | Mon+Tue+Wed+Thu+Fri 08:00-09:00
        L a V 8:00-10:00            | Mon+Tue+Wed+Thu+Fri 08:00-10:00
        Lu-Ma-Ju 10:00 am - 12:00 m | Mon+Tue+Thu 10:00-12:00
    """,
    "pt": """
        2ª 3ª                       | Mon+Tue
        2a 3a                       | Mon+Tue
        2ª e 4ª-feira 10h-12h       | Mon+Wed 10:00-12:00
        2a feira 8:00-9:40          | Mon 08:00-09:40
        Sex 13:00:00                | Fri 13:00
        segunda-feira das 10h às 12h | Mon 10:00-12:00
        Seg/Qua 19h30-21h10         | Mon+Wed 19:30-21:10
        SegQuaSex 08:00             | Mon+Wed+Fri 08:00
        terça e quinta 14h          | Tue+Thu 14:00
        3as e 5as 8h às 10h         | Tue+Thu 08:00-10:00
    """,
    "it": """
        lunedì 9.00-11.00           | Mon 09:00-11:00
        Lun e Gio dalle 9 alle 11   | Mon+Thu 09:00-11:00
        LMMGV                       | Mon+Tue+Wed+Thu+Fri
        mercoledì ore 14:30         | Wed 14:30
        Martedì dalle ore 14:00 alle ore 16:00 | Tue 14:00-16:00
    """,
    "tr": """
        Pzt 09:00-09:50             | Mon 09:00-09:50
        Pazartesi ve Çarşamba 13.30-15.20 | Mon+Wed 13:30-15:20
        PAZARTESİ 09:00             | Mon 09:00
        Salı 3. ders                | Tue p3
        CUMA 10:00-11:50            | Fri 10:00-11:50
    """,
    "ru": """
        Пн, Ср 2 пара               | Mon+Wed p2
        понедельник 9:00-10:30      | Mon 09:00-10:30
        ПнСрПт 3-4 пары             | Mon+Wed+Fri p3-4
        вт с 10:00 до 11:30         | Tue 10:00-11:30
        пн 9:00-10:30 нечет         | Mon 09:00-10:30 нечет
        1-8 нед. вт 10:00           | Tue 10:00 1-8 нед
        среду 1 пара                | Wed p1
        вт, чт 3-я пара             | Tue+Thu p3
        по понедельникам в 10:00    | Mon 10:00
        числитель: пн 1 пара; знаменатель: вт 2 пара | Mon p1 числитель; Tue p2 знаменатель
    """,
    "ja": """
        月1,2                       | Mon p1-2
        月1,2,4                     | Mon p1-2; Mon p4
        火・木3                     | Tue+Thu p3
        月・水 3限                  | Mon+Wed p3
        月1火2                      | Mon p1; Tue p2
        月曜日 10:40〜12:10         | Mon 10:40-12:10
        月曜１０：４０～１２：１０  | Mon 10:40-12:10
        金曜3・4限                  | Fri p3-4
        春AB 月1,2                  | Mon p1-2 春AB
        秋C 木5,6                   | Thu p5-6 秋C
        9時-10時30分                | 09:00-10:30
        月 第3限                    | Mon p3
        月曜3限,木曜4限             | Mon p3; Thu p4
        火 2限 (10:40-12:10)        | Tue p2 10:40-12:10
        集中講義                    | none
        春AB 火5,6 秋A 火5,6       | Tue p5-6 春AB; Tue p5-6 秋A
        春AB火5,6                   | Tue p5-6 春AB
    """,
    "zh": """
        周一 1-2节                  | Mon p1-2
        周一第1-2节,周三第3-4节     | Mon p1-2; Wed p3-4
        星期二 8:00-9:40 (1-8周)    | Tue 08:00-09:40 1-8周
        周五 下午2:00-3:30          | Fri 14:00-15:30
    """,
    "ko": """
        월 1,2                      | Mon p1-2
        월/수 3교시                 | Mon+Wed p3
        화요일 오후 2:00-3:30       | Tue 14:00-15:30
    """,
    "ar": """
        الأحد 9:00-10:00 | Sun 09:00-10:00
        الاثنين والأربعاء | Mon+Wed
        الإثنين، الأربعاء 08:00-08:50 | Mon+Wed 08:00-08:50
        الخميس 1:00-2:15 م | Thu 13:00-14:15
    """,
    "cs": """
        Po 8:25-10:05               | Mon 08:25-10:05
        Út, Čt 10:15-11:55          | Tue+Thu 10:15-11:55
        středa 3. hodina            | Wed p3
        pátek od 13.00 do 14.40     | Fri 13:00-14:40
        Pondělí a středa 7:30-9:00  | Mon+Wed 07:30-09:00
        St 9:00-10:30 (lichý týden) | Wed 09:00-10:30 lichý týden
        každou neděli 10:00         | Sun 10:00
        dle dohody                  | none
    """,
    "sv": """
        mån 08:15-10:00             | Mon 08:15-10:00
        Tis och tors 13.15-15.00    | Tue+Thu 13:15-15:00
        onsdag kl 10-12             | Wed 10:00-12:00
        fredagar 9:00-12:00 udda veckor | Fri 09:00-12:00 udda veckor
        Lör 10:00 till 12:00        | Sat 10:00-12:00
        enligt överenskommelse      | none
    """,
    "uk": """
        Понеділок 1 пара            | Mon p1
        вівторок, четвер 2-3 пари   | Tue+Thu p2-3
        П'ятниця 10:10-11:45        | Fri 10:10-11:45
        П’ятниця і субота 9:00      | Fri+Sat 09:00
        середу з 8:30 до 10:05      | Wed 08:30-10:05
        пн 8:30-10:05 чисельник     | Mon 08:30-10:05 чисельник
        нд 2-а пара                 | Sun p2
        за домовленістю             | none
    """,
    "el": """
        Δευτέρα 9:00-12:00          | Mon 09:00-12:00
        Τρίτη και Πέμπτη 13:00-15:00 | Tue+Thu 13:00-15:00
        Τετ 9-11 π.μ.               | Wed 09:00-11:00
        ΠΑΡΑΣΚΕΥΗ 9:00-11:00        | Fri 09:00-11:00
        Σάβ από 10:00 έως 12:00     | Sat 10:00-12:00
        θα ανακοινωθεί              | none
    """,
    "no weekly time": """
        TBA        | none
        T.B.A.     | none
        ARRANGED   | none
        ARR        | none
        By arrangement | none
        Online     | none
        on-line    | none
        asynchronous | none
        n.V.       | none
        nach Vereinbarung | none
        à définir  | none
        a convenir | none
        a combinar | none
        da definire | none
        belirlenecek | none
        по договоренности | none
        集中       | none
        随時       | none
        --         | none
        00:00-00:00 | none
        12:00 AM - 12:00 AM | none
        --:-- | none
        Days TBA | none
    """,
    "clock times": """
        24:00          | <24:00>
        22:00-24:00    | 22:00-00:00
        8h30           | 08:30
        8.30           | 08:30
        0830-0920      | 08:30-09:20
        8–9:50         | 08:00-09:50
        13:00:00       | 13:00
        09:15-10:20 am | 09:15-10:20
        11:30-12:45 pm | 11:30-12:45
        1:00-2:15 pm   | 13:00-14:15
        8:00 am-9:15   | 08:00-09:15
        11:30 am-1:00  | 11:30-13:00
        11:00-1:15     | 11:00-13:15
        10:00-9:00     | <10:00-9:00>
        25:00          | <25:00>
        0.375          | 09:00
        0.5625         | 13:30
        0.5            | 12:00
    """,
    "dates": """
        2026-09-21              | Mon 2026-09-21
        2026/09/21 10:00-11:30  | Mon 10:00-11:30 2026-09-21
        2026-09-21T10:00:00     | Mon 10:00 2026-09-21
        21.9.2026               | Mon 2026-09-21
        21.09.26                | Mon 2026-09-21
        21/9/2026               | Mon 2026-09-21
        9/21/2026               | Mon 2026-09-21
        21-Sep-2026             | Mon 2026-09-21
        21 Sep 2026             | Mon 2026-09-21
        September 21st, 2026    | Mon 2026-09-21
        21. September 2026      | Mon 2026-09-21
        21 septembre 2026       | Mon 2026-09-21
        21 de setembro de 2026  | Mon 2026-09-21
        21 settembre 2026       | Mon 2026-09-21
        21 Eylül 2026           | Mon 2026-09-21
        21 сентября 2026        | Mon 2026-09-21
        2026年9月21日           | Mon 2026-09-21
        Fri 02/12/2022          | Fri 2022-12-02
        44897                   | Fri 2022-12-02
        44897.375               | Fri 09:00 2022-12-02
        08/19-12/11             | 08/19-12/11
        19.08.2024-11.12.2024   | 19.08.2024-11.12.2024
        31/31/2026              | <31/31/2026>
        1899-12-31 09:00:00     | 09:00
    """,
    "nothing is read into": """
        A1             | <A1>
        9'15           | <9'15>
        10:5           | <10:5>
        9.5            | <9.5>
        Mon 1/9        | <1 9>
        21.10. 9:00    | 09:00; <21.10>
        Room 1202      | <Room 1202>
        See department | <See department>
    """,
    "ambiguous alone": """
        T              | <T>?
        S              | <S>?
        M              | <M>?
        TF             | <TF>?
        T-Th 9:30      | <T Th>?
        2a             | <2a>?
        02/12/2022     | <02/12/2022>?
        Mon 9-10       | <9-10>?
        Sa             | <Sa>?
        13:00/14:30    | <13:00 14:30>?
        Tue-Thu        | <Tue Thu>?
        24M12          | <24M12>?
    """,
}
CASES = [
    (language, *(part.strip() for part in line.split(" | "))) for language, lines in CELLS.items() for line in lines.strip().split("\n")
]


@pytest.mark.parametrize(("language", "text", "expected"), CASES, ids=[f"{language}: {text}" for language, text, _ in CASES])
def test_cell_is_read(language: str, text: str, expected: str) -> None:
    """Without anything known of its column."""
    assert written(read_weekly_times(text)) == expected


LANGUAGE_CASES = [case for case in CASES if len(case[0]) == 2]


@pytest.mark.parametrize(("language", "text", "expected"), LANGUAGE_CASES, ids=[text for _, text, _ in LANGUAGE_CASES])
def test_cell_is_read_the_same_in_its_language_alone(language: str, text: str, expected: str) -> None:
    assert written(read_weekly_times(text, Vocabulary(languages=(language,)))) == expected


def test_lines_of_days_and_times_belong_together() -> None:
    assert written(read_weekly_times("MW\n9:00-9:50")) == "Mon+Wed 09:00-09:50"
    assert written(read_weekly_times("Mon\nWed\n10:00-12:00")) == "Mon+Wed 10:00-12:00"
    assert written(read_weekly_times("9:00-9:50 Mon\n11:00-11:50 Wed")) == "Mon 09:00-09:50; Wed 11:00-11:50"


def test_letters_are_read_as_the_column_has_them() -> None:
    vocabulary = Vocabulary(languages=("en",), letters={"t": 1, "s": 5})

    assert written(read_weekly_times("T 2", vocabulary)) == "Tue p2"
    assert written(read_weekly_times("TF 2", vocabulary)) == "Tue+Fri p2"
    assert written(read_weekly_times("S", vocabulary)) == "Sat"


def test_codes_of_shifts_are_read_once_their_lengths_are_known() -> None:
    vocabulary = Vocabulary(shift_starts=(6, 12))

    assert written(read_weekly_times("24M12 6T3456", vocabulary)) == "Mon+Wed p1-2; Fri p9-12"
    assert written(read_weekly_times("35N124", vocabulary)) == "Tue+Thu p13-14; Tue+Thu p16"


def test_words_can_be_taught() -> None:
    vocabulary = Vocabulary(taught={"Blk A": "Mon 09:00-10:30", "Slot 7": "Tue p1-2", "Mntg": "Monday", "HR 148": "", "s. Aushang": "TBA"})

    assert written(read_weekly_times("Blk A", vocabulary)) == "Mon 09:00-10:30"
    assert written(read_weekly_times("blk a, Slot 7", vocabulary)) == "Mon 09:00-10:30; Tue p1-2"
    assert written(read_weekly_times("Mntg, Wed 9:00-10:00", vocabulary)) == "Mon+Wed 09:00-10:00"
    assert written(read_weekly_times("MWF 9:15-10:20 HR 148", vocabulary)) == "Mon+Wed+Fri 09:15-10:20"
    assert written(read_weekly_times("S. AUSHANG", vocabulary)) == "none"
    assert Vocabulary.from_json(vocabulary.as_json()) == vocabulary
