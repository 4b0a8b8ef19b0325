"""Narrows an admin to the organizations that the user administers: rows, choices, filters and what is saved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import models
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.forms.widgets import Script
from django.http import HttpRequest, QueryDict
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter

from academics.admin.words import CODE, WORDS
from academics.admin_site import administered_ids, organization_chosen, sees_everything
from academics.ids import number_read
from academics.models import Organization, Term

UNUSED_SCRIPTS = ("urlify.js", "prepopulate.js", "xregexp.js", "xregexp.min.js")


def organization_path(model: type[models.Model]) -> str | None:
    """The lookup from a row of this model to its organization; None for what belongs to nobody, as users do."""
    if model is Organization:
        return "pk"
    names = {field.name for field in model._meta.fields}
    if "organization" in names:
        return "organization"
    for parent in ("term", "offering", "rule", "job", "workflow"):
        if parent in names:
            path = organization_path(model._meta.get_field(parent).related_model)  # type: ignore[arg-type]
            return f"{parent}__{path}" if path else None
    return None


def has_organization(model: models.Model | type[models.Model]) -> bool:
    return "organization" in {field.name for field in model._meta.fields}


def organization_id_of(row: models.Model) -> int | None:
    """The organization that the row belongs to; follows its parents."""
    if isinstance(row, Organization):
        return int(row.pk) if row.pk else None
    value: Any = row
    for name in (organization_path(type(row)) or "").split("__"):
        if not name or value is None:
            return None
        value = getattr(value, f"{name}_id" if name == "organization" else name, None)
    return int(value) if value is not None else None


def rows_administered(request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
    """The rows that the user may edit; nothing of a model that belongs to nobody, unless a superuser asks."""
    if sees_everything(request.user):
        return queryset
    path = organization_path(queryset.model)
    return queryset.filter(**{f"{path}__in": administered_ids(request)}) if path else queryset.none()


class ScopedForm(forms.ModelForm):
    """Refuses a reference to another organization's row, whoever makes it."""

    parent: models.Model | None = None  # of an inline form

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        organization_id = self._organization_id(cleaned)
        for name, value in list(cleaned.items()):
            chosen = value if isinstance(value, QuerySet | list) else [value]
            strangers = [row for row in chosen if self._is_strange(row, organization_id)]
            if strangers:
                listed = ", ".join(str(row) for row in strangers)
                self.add_error(name, f"{listed}: of another institution. Choose among this institution's own.")
        return cleaned

    def _organization_id(self, cleaned: dict[str, Any]) -> int | None:
        chosen = cleaned.get("organization")
        if chosen is not None and chosen.pk:  # a new organization is saved after its members were checked
            return int(chosen.pk)
        return organization_id_of(self.parent or self.instance)

    @staticmethod
    def _is_strange(row: object, organization_id: int | None) -> bool:
        if not isinstance(row, models.Model) or isinstance(row, Organization) or organization_path(type(row)) is None:
            return False
        return organization_id_of(row) != organization_id


class ScopedFormSet(BaseInlineFormSet):
    """Tells each form which row it hangs on, and gives new rows their parent's organization."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        if not form.instance.pk and has_organization(form.instance) and not isinstance(self.instance, Organization):
            form.instance.organization_id = organization_id_of(self.instance)
        return self._with_parent(form)

    @property
    def empty_form(self) -> Any:
        return self._with_parent(super().empty_form)

    def _with_parent(self, form: Any) -> Any:
        form.parent = self.instance
        if hasattr(form, "parent_known"):
            form.parent_known()
        return form


class ScopedFilter(RelatedDropdownFilter):
    """A filter by a related row that offers only what the user may edit."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        rows = rows_administered(request, field.related_model._default_manager.all())
        path, listed = organization_path(field.related_model), organization_listed(request)
        return [(row.pk, str(row)) for row in (rows.filter(**{path: listed}) if path and listed else rows)]


LISTED, ALL = "organization__id__exact", "all"


def organization_listed(request: HttpRequest) -> int | None:
    """Whose rows a list shows: those of the institution that the address names, else of the one chosen; None: all that one may edit."""
    listed = request.GET.get(LISTED, "")
    if listed:
        return number_read(listed)
    chosen = organization_chosen(request)
    return chosen.pk if chosen else None


class InstitutionFilter(DropdownFilter):
    """Lists begin with the institution that all other pages show; another one, or all, can be chosen."""

    title = "institution"
    parameter_name = LISTED
    all_option = [ALL, "All institutions"]

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: type[models.Model], model_admin: Any) -> None:
        self._listed = organization_listed(request)
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(row.pk), str(row)) for row in rows_administered(request, Organization.objects.order_by("name"))]

    def value(self) -> str:
        return super().value() or (ALL if self._listed is None else str(self._listed))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == ALL:
            return queryset
        if self._listed is None:
            raise IncorrectLookupParameters
        return queryset.filter(**{str(organization_path(queryset.model)): self._listed})


class ScopedChoices:
    """Foreign keys and many-to-many fields offer, and accept, only rows of administered organizations; fields say what they take."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        label, help_text = WORDS.get(db_field.model._meta.model_name, {}).get(db_field.name, ("", ""))
        said = {name: words for name, words in (("label", label), ("help_text", help_text)) if words}
        if db_field.name == "code" and not help_text and db_field.unique is False:
            said["help_text"] = CODE
        return super().formfield_for_dbfield(db_field, request, **{**said, **kwargs})  # type: ignore[misc]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = rows_administered(request, db_field.related_model._default_manager.all())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["queryset"] = rows_administered(request, db_field.related_model._default_manager.all())
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


class ScopedPermissions:
    """Administrators may do everything with their organizations' rows, and nothing with others'."""

    def _may(self, request: HttpRequest, obj: models.Model | None) -> bool:
        if sees_everything(request.user):
            return True
        ids = administered_ids(request)
        return bool(ids) if obj is None else organization_id_of(obj) in ids

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, None)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj)


class ScopedAdmin(ScopedPermissions, ScopedChoices, ModelAdmin):
    """The base of every admin of institutional data; quick on tables of many thousand rows."""

    form = ScopedForm
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    list_filter_submit = True
    warn_unsaved_form = True
    filter_by: tuple[Any, ...] = ()

    @property
    def media(self) -> forms.Media:
        """Without the scripts that fill one field from another: no form here does, and they hold up the first paint of every list."""
        found: Any = super().media
        return forms.Media(css=found._css, js=[path for path in found._js if not str(path).endswith(UNUSED_SCRIPTS)])

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """A list is seen before its scripts have run."""
        answer: Any = super().changelist_view(request, extra_context)
        if context := getattr(answer, "context_data", None):
            found: Any = context.get("media") or forms.Media()
            scripts: Any = [path if isinstance(path, Script) else Script(path, defer=True) for path in found._js]
            context["media"] = forms.Media(css=found._css, js=scripts)
        return answer

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return rows_administered(request, super().get_queryset(request))

    def _has_choice(self, request: HttpRequest) -> bool:
        """Whether the user edits more than one organization, so that naming it matters."""
        return sees_everything(request.user) or len(administered_ids(request)) > 1

    def get_list_display(self, request: HttpRequest) -> Any:
        listed = super().get_list_display(request)
        extra = ["organization"] if has_organization(self.model) and "organization" not in listed and self._has_choice(request) else []
        return [*listed, *extra]

    def get_list_select_related(self, request: HttpRequest) -> Any:
        related = super().get_list_select_related(request) or ()
        return [*related, "organization"] if has_organization(self.model) else related or False

    def get_list_filter(self, request: HttpRequest) -> Any:
        is_ours = self.model is not Organization and organization_path(self.model) is not None
        extra = [InstitutionFilter] if is_ours and self._has_choice(request) else []
        return [*extra, *self.filter_by]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A row stays in its organization: what points at it would be left behind."""
        fixed = ["organization"] if obj is not None and has_organization(self.model) else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        # A row added from the list of one organization is that organization's.
        listed = QueryDict(request.GET.get("_changelist_filters", "")).get(LISTED)
        mine = rows_administered(request, Organization.objects.all()).order_by("id").values_list("id", flat=True)
        chosen = organization_chosen(request)
        first = next((each for each in mine if str(each) == listed), chosen.pk if chosen else mine.first())
        names = {field.name for field in self.model._meta.fields}
        terms = Term.objects.filter(organization=first).order_by("-is_current", "-starts_on", "-id")
        current = {"term": terms.first()} if first is not None and "term" in names else {}
        return {"organization": first, **current, **initial}


class ScopedInline(ScopedPermissions, ScopedChoices, TabularInline):
    """Rows on their parent's page; their organization is the parent's."""

    form = ScopedForm
    formset = ScopedFormSet
    extra = 0
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        own = [*(super().get_exclude(request, obj) or ())]
        return [*own, "organization"]


class NeverEdited:
    """Permissions of records that the system keeps: looked at here, never edited."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(NeverEdited, ScopedAdmin):
    pass


class ReadOnlyInline(NeverEdited, ScopedInline):
    show_change_link = False
