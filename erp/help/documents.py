"""Which documents are served under /help/, and who reads them: Markdown files in, HTML and sections for the search out."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import Resolver404, resolve, reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

ROOT = Path(settings.BASE_DIR)
PICTURES = ROOT / "docs" / "pictures"
COMMENT = re.compile(r"^<!--.*-->$\n?", re.MULTILINE)  # marks for programs that write into a document
ALIGNED = {"text-align:right": "number", "text-align:center": "centred"}  # the content policy allows no style inline
LINKED_API = ("/api/docs/", "/api/schema/")


@dataclass(frozen=True, slots=True)
class Document:
    slug: str
    title: str
    file: str
    about: str
    is_for_staff: bool = False

    @property
    def path(self) -> Path:
        return ROOT / self.file

    @property
    def address(self) -> str:
        return reverse("help-staff-page" if self.is_for_staff else "help-page", args=[self.slug])


DOCUMENTS: Sequence[Document] = (
    Document("registrar", "For registrars", "docs/registrar.md", "A term from the first spreadsheet to the published timetable."),
    Document(
        "import", "Tables that can be imported", "docs/import.md", "How files, headings and cells are read; an institution as one file."
    ),
    Document(
        "reviewer", "For reviewers", "docs/reviewer.md", "What to look at before a timetable is approved, and how to say what is wrong."
    ),
    Document("published", "Published timetables", "docs/published.md", "Searching, printing, files and calendars."),
    Document(
        "rest", "For programs: REST", "docs/rest.md", "A client's first ten calls, with curl and Python, and the rules of the interface."
    ),
    Document("glossary", "Glossary", "docs/glossary.md", "What the words mean."),
    Document("operators", "For operators", "docs/operators.md", "Installing, upgrading, watching, what to do when, backups.", True),
    Document("settings", "Settings", "docs/settings.md", "Every setting, its default and what it sets.", True),
    Document("faults", "When something fails", "docs/faults.md", "What a watcher sees of each fault.", True),
    Document("architecture", "Architecture", "docs/architecture.md", "The rooms, a job's path, the data and the promises.", True),
    Document("engine", "The solver", "generation/engine/README.md", "The model, every constraint, the stages and the papers.", True),
    Document("benchmarks", "Benchmarks", "docs/benchmarks.md", "What each suite measures, and how to run it.", True),
    Document("contributing", "Contributing", "CONTRIBUTING.md", "How the code reads, and how to add to it.", True),
)


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading, up to the next one; the search looks through these."""

    anchor: str
    heading: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Rendered:
    html: SafeString
    sections: Sequence[Section]

    @property
    def contents(self) -> list[Section]:
        return [each for each in self.sections if each.level in (2, 3)]


def documents_for(*, is_staff: bool) -> list[Document]:
    return [each for each in DOCUMENTS if is_staff or not each.is_for_staff]


def document_rendered(document: Document, *, is_staff: bool) -> Rendered:
    """Made once for each state of the file. Links to pages that the reader may not open are plain words."""
    return _rendered(document, is_staff, document.path.stat().st_mtime_ns)


@lru_cache(maxsize=4 * len(DOCUMENTS))
def _rendered(document: Document, is_staff: bool, changed: int) -> Rendered:
    parser = _parser()
    tokens = parser.parse(COMMENT.sub("", document.path.read_text(encoding="utf-8")))
    headings = _anchor_headings(tokens)
    for token in _all(tokens):
        _name_alignment(token)
        if token.children:
            token.children = _link_addresses(token.children)
            _point_links(token.children, document, is_staff=is_staff)
    # The parser escapes everything that the file holds: it reads no HTML.
    html = mark_safe(parser.renderer.render(tokens, parser.options, {}))  # noqa: S308
    return Rendered(html, list(_sections(tokens, headings)))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("fence", _draw_fence)
    parser.add_render_rule("table_open", _draw_table)
    parser.add_render_rule("table_close", _draw_table_end)
    return parser


def _draw_fence(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    code = self.code_block([_without_attributes(tokens[at])], 0, options, env)
    return code.replace("<pre>", '<pre tabindex="0">', 1)  # it may be wider than the screen; the keyboard scrolls it


def _without_attributes(token: Token) -> Token:
    return Token("code_block", "code", 0, content=token.content)


def _draw_table(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    number = sum(each.type == "table_open" for each in tokens[: at + 1])
    return f'<div class="help-table" tabindex="0" role="region" aria-label="Table {number}"><table>\n'


def _draw_table_end(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    return "</table></div>\n"


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())


def _name_alignment(token: Token) -> None:
    style = token.attrs.pop("style", None)
    if style in ALIGNED:
        token.attrSet("class", ALIGNED[str(style)])


def words_of(token: Token) -> str:
    """What a reader sees of it, as plain text."""
    if token.type in ("text", "code_inline", "fence", "code_block"):
        return token.content
    if token.type in ("softbreak", "hardbreak"):
        return " "
    return "".join(words_of(each) for each in token.children or ())


def anchor_of(heading: str) -> str:
    """As GitHub makes it, so that the same link serves in both places."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _anchor_headings(tokens: Sequence[Token]) -> dict[int, tuple[str, str]]:
    """Gives each heading its id; by the heading's place, its words and that id."""
    found: dict[int, tuple[str, str]] = {}
    times: dict[str, int] = {}
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            words = words_of(tokens[at + 1])
            anchor = anchor_of(words)
            times[anchor] = times.get(anchor, -1) + 1
            anchor += f"-{times[anchor]}" if times[anchor] else ""
            token.attrSet("id", anchor)
            found[at] = (words, anchor)
    return found


def _sections(tokens: Sequence[Token], headings: dict[int, tuple[str, str]]) -> Iterator[Section]:
    starts = [*headings, len(tokens)]
    for start, end in pairwise(starts):
        words, anchor = headings[start]
        text = " ".join(words_of(each) for each in tokens[start + 3 : end] if each.type in ("inline", "fence", "code_block"))
        yield Section(anchor, words, int(tokens[start].tag[1:]), re.sub(r"\s+", " ", text))


def _link_addresses(children: list[Token]) -> list[Token]:
    """An address of this site in code, such as `/admin/rules/`, can be followed."""
    out: list[Token] = []
    is_inside = False
    for token in children:
        is_inside = token.type == "link_open" or (is_inside and token.type != "link_close")
        if token.type == "code_inline" and not is_inside and is_page(token.content):
            out += [Token("link_open", "a", 1, attrs={"href": token.content}), token, Token("link_close", "a", -1)]
        else:
            out.append(token)
    return out


def is_page(address: str) -> bool:
    """Whether it is an address for people, as it stands."""
    if not address.startswith("/") or (address.startswith("/api/") and address not in LINKED_API):
        return False
    try:
        return not resolve(address).kwargs
    except Resolver404:
        return False


def _point_links(children: Sequence[Token], document: Document, *, is_staff: bool) -> None:
    is_dropped = False
    for token in children:
        if token.type == "link_open":
            target = _target(str(token.attrGet("href")), document, is_staff=is_staff)
            is_dropped = token.hidden = target is None
            token.attrSet("href", target or "")
        elif token.type == "link_close":
            token.hidden = is_dropped
        elif token.type == "image":
            _point_image(token)


def _target(href: str, document: Document, *, is_staff: bool) -> str | None:
    """Where a link of the file leads in the help; none where it leads to a file that this reader has no page of."""
    if href.startswith(("#", "/", "https://", "http://")):
        return href
    name, _, anchor = href.partition("#")
    file = (document.path.parent / name).resolve()
    if file == ROOT / "README.md":
        return reverse("help")
    for each in documents_for(is_staff=is_staff):
        if each.path == file:
            return each.address + (f"#{anchor}" if anchor else "")
    return None


def _point_image(token: Token) -> None:
    """With its size, so that the page does not jump while pictures arrive."""
    name = Path(str(token.attrGet("src"))).name
    token.attrSet("src", reverse("help-picture", args=[name]))
    size = picture_size(PICTURES / name)
    if size:
        token.attrSet("width", str(size[0]))
        token.attrSet("height", str(size[1]))


def picture_size(path: Path) -> tuple[int, int] | None:
    """Width and height of a PNG file, which stand at its beginning."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return struct.unpack(">16xII", file.read(24))
