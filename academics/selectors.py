"""Reads. Who may see what starts here: every query is narrowed to the caller's organizations."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.models import User as Account
from django.db.models import QuerySet

from academics.models import Membership, Organization

Role = Membership.Role
User = Account | AnonymousUser


def organizations_visible(*, user: User) -> QuerySet[Organization]:
    """The organizations that the user belongs to; all of them for a superuser."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        return Organization.objects.none()
    if user.is_superuser:
        return Organization.objects.all()
    return Organization.objects.filter(memberships__user=user)


def role_in(*, user: User, organization_id: int) -> str | None:
    """The user's role there: a superuser is an administrator everywhere, a stranger has none."""
    if isinstance(user, AnonymousUser) or not user.is_active:
        return None
    if user.is_superuser:
        return Role.ADMIN
    return Membership.objects.filter(user=user, organization_id=organization_id).values_list("role", flat=True).first()
