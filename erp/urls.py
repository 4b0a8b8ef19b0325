"""Every address of the site. The rooms' own lists are included here, in the contract's order."""

from django.contrib import admin
from django.contrib.auth import views as accounts
from django.urls import include, path, re_path

from academics.roll_forward.api import RollForwardView
from erp import import_pages
from erp.api import DocsView, MeView, SchemaView, TokenRenewView, TokenView
from erp.archive import pages as archive_pages
from erp.archive.api import ArchiveReadingView, ArchiveView
from erp.help.pages import help_front, help_page, help_picture, help_staff_page
from erp.operations import operations
from erp.passwords import PasswordChangeRestView, PasswordView
from erp.roll_forward_pages import roll_forward
from erp.signing_in import SignInView
from erp.throttles import wrong_links_counted
from generation.wishes.pages import wish_link

handler500 = "erp.errors.page_error"

# The apps' pages under /admin/timetables/ stand before Django's admin, which would answer 404.
urlpatterns = [
    path("accounts/login/", SignInView.as_view(), name="login"),
    path("accounts/logout/", accounts.LogoutView.as_view(), name="logout"),
    path("accounts/password/", PasswordView.as_view(), name="password"),
    path("", include("progress.urls")),
    path("", include("generation.api_urls")),
    path("", include("generation.page_urls")),
    re_path(r"^wishes/(?P<wish_token>[-\w:]{1,300})$", wrong_links_counted(wish_link), name="wish-link"),
    path("", include("academics.importing.urls")),
    path("api/auth/token/", TokenView.as_view(), name="token"),
    path("api/auth/token/refresh/", TokenRenewView.as_view(), name="token-refresh"),
    path("api/auth/password/", PasswordChangeRestView.as_view(), name="api-password"),
    path("api/auth/me/", MeView.as_view(), name="me"),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/docs/", DocsView.as_view(url_name="schema"), name="docs"),
    path("api/archive/", ArchiveView.as_view(), name="archive"),
    path("api/archive/readings/<str:reading_id>/", ArchiveReadingView.as_view(), name="archive-reading"),
    path("admin/import/archive/", archive_pages.archives, name="archive-page"),
    path("admin/import/archive/<uuid:reading_id>/", archive_pages.archive_reading_page, name="archive-reading-page"),
    path("admin/import/", import_pages.imports, name="imports"),
    path("admin/import/<uuid:batch_id>/", import_pages.import_page, name="import-page"),
    path("api/terms/roll-forward/", RollForwardView.as_view(), name="api-roll-forward"),
    path("admin/roll-forward/", roll_forward, name="roll-forward"),
    path("help/", help_front, name="help"),
    path("help/pictures/<str:picture>", help_picture, name="help-picture"),
    path("help/server/<slug:page>/", help_staff_page, name="help-staff-page"),
    path("help/<slug:page>/", help_page, name="help-page"),
    path("admin/operations/", operations, name="operations"),
    path("admin/", admin.site.urls),
]
