"""What Markdown becomes: nothing unsafe, nothing inline, links that lead to pages."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from erp.help.documents import DOCUMENTS, ROOT, Document, document_rendered

TEXT = """# Title

<!-- map:begin -->
<script>alert(1)</script> and <b onclick="x">bold</b>, [a trap](javascript:alert(1)).

## Rooms & times

See [operators](../docs/operators.md#install), [nowhere](../LICENSE), [below](#twice) and `/admin/rules/`.

| left | right |
| --- | ---: |
| a | 1 |

## Twice

## Twice
"""


@pytest.fixture
def document(tmp_path: Path) -> Document:
    (tmp_path / "page.md").write_text(TEXT.replace("../docs", os.path.relpath(ROOT / "docs", tmp_path)))
    return Document("page", "Page", str(tmp_path / "page.md"), "")


def test_html_of_a_document_is_shown_and_not_obeyed(document: Document) -> None:
    html = document_rendered(document, is_staff=True).html

    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<b " not in html
    assert 'href="javascript' not in html
    assert "map:begin" not in html
    assert "style=" not in html
    assert '<td class="number">1</td>' in html


def test_links_lead_to_pages_that_the_reader_may_open(document: Document) -> None:
    staff, other = (document_rendered(document, is_staff=is_staff).html for is_staff in (True, False))

    assert '<a href="/help/server/operators/#install">operators</a>' in staff
    assert "See operators, nowhere" in other
    assert '<a href="/admin/rules/"><code>/admin/rules/</code></a>' in other


def test_headings_have_anchors_as_github_makes_them(document: Document) -> None:
    assert [each.anchor for each in document_rendered(document, is_staff=True).contents] == ["rooms--times", "twice", "twice-1"]


@pytest.mark.parametrize("each", DOCUMENTS, ids=lambda each: each.slug)
def test_a_document_keeps_to_the_content_policy(each: Document) -> None:
    html = document_rendered(each, is_staff=True).html

    assert html.count("<h1") == 1
    assert re.findall(r"<(?:script|style|iframe)|\sstyle=|\son\w+=", html) == []
    assert re.findall(r'href="(?!#|/|https://)[^"]*"', html) == []
