"""Who is who in a table: people of one name are told apart by their numbers and e-mails, and nobody becomes one with another unasked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from academics.restructuring.codes import LONGEST, codes_made, name_folded
from academics.restructuring.questions import MOST_EXAMPLES, Choice, Question, Questions

MOST_QUESTIONS = 8  # names about which it is asked whose the rows without an e-mail are


@dataclass(frozen=True)
class Entry:
    """A person as one row names them."""

    number: int  # of the row
    name: str
    email: str = ""
    key: str = ""  # the institution's own number of the person

    @property
    def identity(self) -> tuple[str, str]:
        return (self.key, "") if self.key else ("", self.email)


@dataclass
class Persons:
    """The people of a table by their labels: the name, with a number behind it where another person has the name too."""

    names: dict[str, str] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    _labels: dict[tuple[str, tuple[str, str]], str] = field(default_factory=dict)

    def label(self, entry: Entry) -> str:
        return self._labels.get((name_folded(entry.name), entry.identity), entry.name)

    def codes(self, names: Iterable[str], *, known: Mapping[str, str], known_emails: Mapping[str, str]) -> dict[str, str]:
        """By label the code: the person's number, else that of whoever has the e-mail already, else one that is made of the name."""
        labels = list(dict.fromkeys(names))
        if not any(self.emails.values()) and not any(self.keys.values()):
            return codes_made(labels, known=known)
        by_email = {email.casefold(): code for code, email in known_emails.items() if email}
        found: dict[str, str] = {}
        for label in labels:
            key = self.keys.get(label, "")[:LONGEST]
            code = key or by_email.get(self.emails.get(label, ""), "")
            if code:
                found[label] = code
        for label in labels:
            if label in found:
                continue
            # Somebody of the same name with another e-mail is somebody else, and so is whoever was found already.
            email, taken = self.emails.get(label, ""), set(found.values())
            same = [
                code
                for code, name in known.items()
                if code not in taken
                and name_folded(name or code) == name_folded(self.names.get(label, label))
                and (not email or known_emails.get(code, "").casefold() in ("", email))
            ]
            if len(same) == 1:
                found[label] = same[0]
        rest = [label for label in labels if label not in found]
        taken_codes = dict.fromkeys([*known, *found.values()], "-")  # nobody's name: what is left is somebody new
        return found | codes_made(rest, known=taken_codes)


def persons_read(entries: Sequence[Entry], questions: Questions, *, heading: str) -> Persons:
    """Who is meant by which row. Where one name has several e-mails, it is asked whether these are several people."""
    found = Persons()
    by_name: dict[str, dict[tuple[str, str], Entry]] = defaultdict(dict)
    for entry in entries:
        by_name[name_folded(entry.name)].setdefault(entry.identity, entry)
    several = {name: each for name, each in by_name.items() if len([one for one in each if any(one)]) > 1}
    by_email_alone = {name: each for name, each in several.items() if len({key for key, _ in each if key}) < 2}
    answer: str | None = "several"
    if by_email_alone:
        examples = (
            f"{next(iter(each.values())).name}: {', '.join(entry.email for entry in each.values() if entry.email)}"
            for each in by_email_alone.values()
        )
        count = len(by_email_alone)
        answer = questions.ask(
            Question(
                "same_name",
                f"{count:,} {'name in ' + heading + ' has' if count == 1 else 'names in ' + heading + ' have'} several e-mails. "
                "Are these several people?",
                (
                    Choice("several", "Several people: each e-mail is a person with a code"),
                    Choice("one", "One person, with the first e-mail"),
                ),
                sum(name_folded(entry.name) in by_email_alone for entry in entries),
                examples=tuple(examples)[:MOST_EXAMPLES],
            )
        )
    num_questions = 0
    for name, identities in by_name.items():
        named = [one for one in identities if any(one)]
        first = next(iter(identities.values()))
        is_one = len(named) < 2 or (name in by_email_alone and answer == "one")
        labels: list[str] = []
        for place, one in enumerate(named):
            label = identities[named[0]].name if is_one or place == 0 else f"{identities[one].name} {place + 1}"
            found._labels[name, one] = label
            if label not in found.names:
                labels.append(label)
                found.names[label], found.emails[label] = identities[one].name, identities[one].email
                found.keys[label] = identities[one].key
        if not named:
            found.names.setdefault(first.name, first.name)
            found._labels[name, ("", "")] = first.name
        elif ("", "") in identities:
            found._labels[name, ("", "")] = labels[0] if is_one else _whose(first.name, labels, found, entries, questions, num_questions)
            num_questions += not is_one
    return found


def _whose(name: str, labels: Sequence[str], found: Persons, entries: Sequence[Entry], questions: Questions, num_questions: int) -> str:
    """Whom rows mean that say the name alone, where several people have it."""
    rows = [entry.number for entry in entries if name_folded(entry.name) == name_folded(name) and not any(entry.identity)]
    choices = [Choice(label, f"{name}, {found.emails[label] or found.keys[label]}") for label in labels]
    other = f"{name} {len(labels) + 1}"
    found.names.setdefault(other, name)
    if num_questions >= MOST_QUESTIONS:
        return other
    answer = questions.ask(
        Question(
            f"whose:{name[:60]}",
            f"{len(rows):,} {'row names' if len(rows) == 1 else 'rows name'} {name} without an e-mail, and there are {len(labels)} people "
            "of that name. Who is meant?",
            (*choices, Choice(other, "Somebody else of that name")),
            len(rows),
            tuple(rows[:MOST_EXAMPLES]),
        )
    )
    return answer or other
