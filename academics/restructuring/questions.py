"""Questions about a table that its cells don't answer: asked once, with choices and how many rows they concern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from academics.restructuring.frames import RestructuringRefusal

MOST_EXAMPLES = 8
LONGEST_ANSWER = 200


@dataclass(frozen=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True)
class Question:
    """``choices`` empty: a text is the answer. ``default`` None: it has to be answered before anything is imported."""

    id: str
    text: str
    choices: tuple[Choice, ...] = ()
    num_rows: int = 0
    rows: tuple[int, ...] = ()  # the first of them, by their numbers in the file
    examples: tuple[str, ...] = ()
    default: str | None = None
    allowed: str = ""  # for a text: what may be written

    def answer(self, answers: Mapping[str, str]) -> str | None:
        """What was answered, or else the default."""
        return answers.get(self.id, self.default)

    def document(self, answers: Mapping[str, str]) -> dict[str, Any]:
        return {
            "id": self.id,
            "text": self.text,
            "choices": [{"value": choice.value, "label": choice.label} for choice in self.choices],
            "num_rows": self.num_rows,
            "rows": list(self.rows),
            "examples": list(self.examples),
            "default": self.default,
            "allowed": self.allowed,
            "answer": answers.get(self.id),
        }


@dataclass
class Questions:
    """The questions that came up, with the answers that are there."""

    answers: Mapping[str, str]
    questions: dict[str, Question] = field(default_factory=dict)

    def ask(self, question: Question) -> str | None:
        """Note the question; its answer, or else its default. None: nobody answered, and nothing is guessed."""
        self.questions[question.id] = question
        answer = question.answer(self.answers)
        if answer is None or not question.choices or any(choice.value == answer for choice in question.choices):
            return answer
        return question.default  # of an earlier state of the steps


def answers_check(given: Any) -> dict[str, str]:
    """Answers as they came from outside: texts by the questions' ids. Whether each is a choice is known when the question is asked."""
    if not isinstance(given, Mapping) or len(given) > 200:
        raise RestructuringRefusal("document_shape", field="answers", why="'answers' is not an object of questions and answers")
    found: dict[str, str] = {}
    for key, value in given.items():
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(key, str) or not isinstance(text, str) or len(text) > LONGEST_ANSWER:
            why = f"the answer to {str(key)[:40]!r} is not a text of at most {LONGEST_ANSWER} characters"
            raise RestructuringRefusal("document_shape", field="answers", why=why)
        found[key] = text
    return found


def answers_match(answers: Mapping[str, str], questions: Sequence[Question]) -> None:
    """Raises `RestructuringRefusal` for an answer that is none of its question's choices."""
    for question in questions:
        value = answers.get(question.id)
        if value is None or not question.choices:
            continue
        if all(choice.value != value for choice in question.choices):
            known = ", ".join(choice.value for choice in question.choices)
            raise RestructuringRefusal("answer_unknown", field="answers", value=value[:40], question=question.id, known=known)
