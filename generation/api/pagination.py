"""Pages of rows: 50 at a time, up to 1,000 where asked."""

from rest_framework.pagination import PageNumberPagination


class RowPages(PageNumberPagination):
    page_size_query_param = "page_size"
    max_page_size = 1000
