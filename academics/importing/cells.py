"""Cells of a spreadsheet as people see them: numbers in their format, and what can't be taken as it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

MOST_DECIMALS = 30
EXACT = 10**15  # spreadsheets keep no more digits of a number
TOKEN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|E[+-]|General|.', re.DOTALL | re.IGNORECASE)
CONDITION = re.compile(r"\[[<>=]")
CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")


class Flawed(str):
    """A cell that shows something, but not what was meant: ``flaw`` is the id of the message that says why."""

    flaw: str

    def __new__(cls, shown: str, flaw: str) -> Flawed:
        cell = super().__new__(cls, shown)
        cell.flaw = flaw
        return cell

    def __reduce__(self) -> tuple[type[Flawed], tuple[str, str]]:
        return Flawed, (str(self), self.flaw)


class Dated(str):
    """A date or a time: what spreadsheets make of codes such as 3-1 and MAR1."""


class Rounded(str):
    """A number of which the cell shows fewer digits than it has. Two codes may look the same so."""


@dataclass(frozen=True)
class Section:
    """One part of a number format: signs as they are, and places for digits, in their order."""

    tokens: tuple[tuple[str, str], ...]  # "literal", "digit" or "point", and what it is
    num_percent: int = 0
    is_plain: bool = False  # digits as they come
    is_scientific: bool = False

    def shown(self, number: Decimal) -> str:
        number *= 100**self.num_percent
        point = next((index for index, (kind, _) in enumerate(self.tokens) if kind == "point"), len(self.tokens))
        decimals = [sign for kind, sign in self.tokens[point:] if kind == "digit"]
        rounded = number.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
        whole, _, fraction = f"{rounded:f}".partition(".")
        return self._before(self.tokens[:point], "" if whole == "0" else whole) + self._after(self.tokens[point:], fraction)

    def is_rounded(self, number: Decimal) -> bool:
        point = next((index for index, (kind, _) in enumerate(self.tokens) if kind == "point"), len(self.tokens))
        num_decimals = sum(kind == "digit" for kind, _ in self.tokens[point:])
        number *= 100**self.num_percent
        return number != number.quantize(Decimal(1).scaleb(-num_decimals), ROUND_HALF_UP)

    def _before(self, tokens: tuple[tuple[str, str], ...], digits: str) -> str:
        """The digits from the right; the first place takes those that are left."""
        first = next((index for index, (kind, _) in enumerate(tokens) if kind == "digit"), None)
        found: list[str] = []
        for index in range(len(tokens) - 1, -1, -1):
            kind, sign = tokens[index]
            if kind == "literal":
                found.append(sign)
                continue
            taken = digits if index == first else digits[-1:]
            digits = digits[: len(digits) - len(taken)]
            found.append(taken or ("0" if sign == "0" else ""))
        return digits + "".join(reversed(found))

    def _after(self, tokens: tuple[tuple[str, str], ...], digits: str) -> str:
        needed = max((number for number, sign in enumerate((s for k, s in tokens if k == "digit"), 1) if sign == "0"), default=0)
        kept = digits[:needed] + digits[needed:].rstrip("0")
        found, taken = [], 0
        for kind, sign in tokens:
            if kind == "digit":
                found.append(kept[taken : taken + 1])
                taken += 1
            else:
                found.append(sign)
        return "".join(found)


@lru_cache(maxsize=500)
def format_sections(code: str) -> tuple[Section, ...] | None:
    """The parts of a format: for positive numbers, negative ones and zero. None where it is of a kind that is not read."""
    parts: list[list[str]] = [[]]
    for sign in TOKEN.findall(code):
        if sign == ";":
            parts.append([])
        else:
            parts[-1].append(sign)
    found = [_section(part) for part in parts[:3]]
    return None if any(section is None for section in found) else tuple(section for section in found if section is not None)


def _section(part: list[str]) -> Section | None:
    tokens: list[tuple[str, str]] = []
    num_percent, is_plain, is_scientific = 0, False, False
    for index, sign in enumerate(part):
        if sign in ("0", "#", "?"):
            tokens.append(("digit", sign))
        elif sign == "." and not any(kind == "point" for kind, _ in tokens):
            tokens.append(("point", "."))
        elif sign == ",":  # groups of thousands are left out: they differ by country; a comma at the end divides
            if not any(later in ("0", "#", "?") for later in part[index + 1 :]) and any(kind == "digit" for kind, _ in tokens):
                return None
        elif sign.lower() in ("general", "@"):
            is_plain = True
            tokens.append(("digit", "0"))
        elif sign.upper() in ("E+", "E-"):
            is_scientific = True
        elif CONDITION.match(sign) or (sign == "/" and "?" in part):
            return None
        else:
            num_percent += sign == "%"
            literal = _literal(sign)
            if literal:
                tokens.append(("literal", literal))
    if sum(kind == "digit" for kind, _ in tokens) > MOST_DECIMALS:
        return None
    return Section(tuple(tokens), num_percent, is_plain, is_scientific)


def _literal(sign: str) -> str:
    if sign[0] == '"':
        return sign[1:-1]
    if sign[0] == "\\":
        return sign[1:]
    if sign[0] == "[":
        found = CURRENCY.fullmatch(sign)
        return found.group(1) if found else ""
    return "" if sign[0] in "_*" and len(sign) > 1 else sign


def number_shown(number: int | float, code: str) -> str:
    """A number as its cell shows it, without groups of thousands; `Flawed` where that is rounded to a power of ten, or not known."""
    plain = _plain(number)
    if code in ("", "General", "@", "0_);[Red]\\(0\\)"):
        return plain
    sections = format_sections(code)
    if sections is None:
        return Flawed(plain, "cell_format")
    chosen = 1 if number < 0 and len(sections) > 1 else 2 if number == 0 and len(sections) > 2 else 0
    section = sections[chosen]
    if section.is_scientific:
        return plain if abs(number) < 10 and isinstance(number, int) else Flawed(f"{number:.2E}", "cell_scientific")
    if not any(kind == "digit" for kind, _ in section.tokens):
        return Flawed(plain, "cell_format")
    if isinstance(plain, Flawed):
        return plain
    if section.is_plain:
        literals = ["{}" if kind == "digit" else sign.replace("{", "{{").replace("}", "}}") for kind, sign in section.tokens]
        return "".join(literals).format(plain).strip()
    exact = abs(Decimal(plain))
    shown = section.shown(exact).strip()
    shown = f"-{shown}" if number < 0 and chosen == 0 and any(sign not in "0.%" for sign in shown) else shown
    return Rounded(shown) if section.is_rounded(exact) else shown


def _plain(number: int | float) -> str:
    if abs(number) >= EXACT:
        return Flawed(repr(float(number)), "cell_digits")
    if float(number).is_integer():
        return str(int(number))
    return f"{Decimal(f'{number:.15g}'):f}"
