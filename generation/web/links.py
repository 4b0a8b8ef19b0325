"""Addresses of the data entry's lists and rows."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode

from academics.models import Organization


def list_address(organization: Organization, model: str, **query: str) -> str:
    """The data entry's list of this organization's rows of a model."""
    return f"{reverse(f'admin:academics_{model}_changelist')}?{urlencode({'organization__id__exact': str(organization.pk), **query})}"


def row_address(model: str, pk: object) -> str:
    return reverse(f"admin:academics_{model}_change", args=[pk])


def add_address(organization: Organization, model: str) -> str:
    filters = urlencode({"organization__id__exact": organization.pk})
    return f"{reverse(f'admin:academics_{model}_add')}?{urlencode({'_changelist_filters': filters})}"
