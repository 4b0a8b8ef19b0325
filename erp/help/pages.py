"""The pages of the help: the list of documents with the search, one document, one picture."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from erp.help.documents import PICTURES, Document, document_rendered, documents_for
from erp.help.search import HITS_MAX, QUERY_MAX, help_search
from generation.web.guards import staff_page


@require_safe
@login_required
def help_front(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:QUERY_MAX]
    is_staff = cast(User, request.user).is_staff
    documents = documents_for(is_staff=is_staff)
    context: dict[str, Any] = {
        "query": query,
        "hits": help_search(query, is_staff=is_staff),
        "most": HITS_MAX,
        "for_everybody": [each for each in documents if not each.is_for_staff],
        "for_staff": [each for each in documents if each.is_for_staff],
    }
    return render(request, "help/front.html", context)


@require_safe
@login_required
def help_page(request: HttpRequest, page: str) -> HttpResponse:
    return _page(request, page, is_for_staff=False)


@require_safe
@staff_page
def help_staff_page(request: HttpRequest, page: str) -> HttpResponse:
    return _page(request, page, is_for_staff=True)


def _page(request: HttpRequest, slug: str, *, is_for_staff: bool) -> HttpResponse:
    is_staff = cast(User, request.user).is_staff
    documents = documents_for(is_staff=is_staff)
    document = _document(documents, slug, is_for_staff=is_for_staff)
    rendered = document_rendered(document, is_staff=is_staff)
    return render(request, "help/page.html", {"document": document, "documents": documents, "rendered": rendered})


def _document(documents: list[Document], slug: str, *, is_for_staff: bool) -> Document:
    for each in documents:
        if each.slug == slug and each.is_for_staff == is_for_staff and each.path.is_file():
            return each
    raise Http404


@require_safe
@login_required
@cache_control(private=True, max_age=3600)
def help_picture(request: HttpRequest, picture: str) -> HttpResponseBase:
    """The address holds a name without slashes; what is no file of that folder does not exist."""
    path = PICTURES / picture
    if not picture.endswith(".png") or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/png")
