"""Pages of rows: 50 at a time, up to 1,000 on request."""

from __future__ import annotations

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request


class RowPages(PageNumberPagination):
    page_size_query_param = "page_size"
    page_size_query_description = "Rows on a page: 50 where left out, 1000 at most."
    max_page_size = 1000

    def get_page_size(self, request: Request) -> int | None:
        """What is no number of rows is refused; the framework would answer with its usual number."""
        value = request.query_params.get(self.page_size_query_param, "1")
        if not (value.isascii() and value.isdigit() and int(value[:9])):
            raise ValidationError({self.page_size_query_param: [f"{value[:20]!r} is no number of rows. Choose 1 to {self.max_page_size}."]})
        return super().get_page_size(request)
