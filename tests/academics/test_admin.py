"""The data entry: every page opens, and nobody reaches another organization's rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from academics.admin.access import organization_id_of
from academics.models import Availability, CourseOffering, Instructor, Membership, Organization, Room, Rule, Section, Term
from generation.models import GenerationJob
from tests.factories import UserFactory, member, review_job
from tests.factories.small_university import small_university

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def ours() -> Term:
    return small_university("ours")


@pytest.fixture
def theirs() -> Term:
    return small_university("theirs")


@pytest.fixture
def our_admin(ours: Term, client: Client) -> Client:
    client.force_login(member(ours.organization, Role.ADMIN))
    return client


def _url(row: Any, page: str = "change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def _list(model: str) -> str:
    return reverse(f"admin:academics_{model}_changelist")


def test_every_model_has_a_list_and_a_form_that_open(ours: Term, client: Client) -> None:
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    review_job(organization=ours.organization, workflow="approved")

    for model, model_admin in admin.site._registry.items():
        names = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert client.get(reverse(f"{names}_changelist"), {"q": "x"}).status_code == 200, model
        row = model._default_manager.first()
        if row is not None:
            assert client.get(_url(row)).status_code == 200, model
        if model._meta.app_label == "academics":
            assert client.get(reverse(f"{names}_add")).status_code == 200, model
            assert model_admin.show_full_result_count is False


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.VIEWER])
def test_reviewers_and_viewers_have_no_data_entry(ours: Term, client: Client, role: str) -> None:
    client.force_login(member(ours.organization, role))

    assert client.get(_list("room"), follow=True).status_code == 403


def test_the_site_s_header_stands_above_every_page(our_admin: Client, ours: Term) -> None:
    room = Room.objects.first()

    for address in ("/admin/", "/admin/academics/", _list("room"), _url(room), _url(room, "delete"), _url(room, "history")):
        assert our_admin.get(address).content.count(b'class="site-header"') == 1, address
    assert b"site-header" not in our_admin.get(_url(room), {"_popup": "1"}).content


def test_strangers_are_asked_to_sign_in_on_the_site_s_page(client: Client) -> None:
    response = client.get(_list("room"))

    assert response.status_code == 302
    assert client.get(response["Location"])["Location"] == "/accounts/login/?next=/admin/academics/room/"


def test_lists_show_only_our_rows(our_admin: Client, ours: Term, theirs: Term) -> None:
    for model in ("room", "instructor", "courseoffering", "meeting", "enrolment", "term", "period", "organization", "membership"):
        rows = our_admin.get(_list(model)).context["cl"].queryset
        assert {_organization(row) for row in rows} == {ours.organization_id}, model


def _organization(row: Any) -> int:
    for name in ("term", "offering"):
        if not hasattr(row, "organization_id") and hasattr(row, name):
            row = getattr(row, name)
    return int(getattr(row, "organization_id", row.pk))


def test_another_organization_s_row_can_neither_be_seen_nor_changed_nor_deleted(our_admin: Client, ours: Term, theirs: Term) -> None:
    room = Room.objects.filter(organization=theirs.organization).first()

    for page in ("change", "delete", "history"):
        assert our_admin.get(_url(room, page)).status_code in (302, 403, 404)
    our_admin.post(_url(room), {"code": "stolen", "capacity": 1, "kind": "lab"})
    our_admin.post(_url(room, "delete"), {"post": "yes"})

    room.refresh_from_db()
    assert room.code == "R0"


def test_deleting_selected_rows_leaves_those_of_others(our_admin: Client, ours: Term, theirs: Term) -> None:
    ids = list(Room.objects.values_list("id", flat=True))

    our_admin.post(_list("room"), {"action": "delete_selected", "_selected_action": ids, "post": "yes"})

    assert set(Room.objects.values_list("organization__code", flat=True)) == {"theirs"}


def test_a_row_cannot_be_put_into_another_organization(our_admin: Client, theirs: Term) -> None:
    form = {"organization": theirs.organization_id, "code": "spy", "name": "", "capacity": 5, "kind": "lab", **_no_rows("availability")}

    response = our_admin.post(reverse("admin:academics_room_add"), form)

    assert "organization" in response.context["adminform"].form.errors
    assert not Room.objects.filter(code="spy").exists()


def test_another_organization_s_rows_cannot_be_attached(our_admin: Client, ours: Term, theirs: Term) -> None:
    offering, strange = ours.offerings.first(), Instructor.objects.filter(organization=theirs.organization).first()

    response = our_admin.post(_url(offering), _offering_form(offering, instructors=[strange.pk]))

    assert "instructors" in response.context["adminform"].form.errors
    assert not offering.instructors.filter(pk=strange.pk).exists()


def test_a_superuser_cannot_mix_organizations_either(client: Client, ours: Term, theirs: Term) -> None:
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    offering, strange = ours.offerings.first(), Instructor.objects.filter(organization=theirs.organization).first()

    response = client.post(_url(offering), _offering_form(offering, instructors=[strange.pk]))

    assert "of another institution" in str(response.context["adminform"].form.errors)


def test_an_inline_row_gets_its_parent_s_organization_and_refuses_strangers(our_admin: Client, ours: Term, theirs: Term) -> None:
    offering, strange = ours.offerings.first(), Instructor.objects.filter(organization=theirs.organization).first()
    inline = {"sections-TOTAL_FORMS": 1, "sections-0-code": "A", "sections-0-size": 10, "sections-0-offering": offering.pk}

    our_admin.post(_url(offering), _offering_form(offering) | inline | {"sections-0-instructors": [strange.pk]})
    assert not Section.objects.exists()

    our_admin.post(_url(offering), _offering_form(offering) | inline)
    assert Section.objects.get().organization_id == ours.organization_id


def test_autocomplete_offers_only_our_rows(our_admin: Client, ours: Term, theirs: Term) -> None:
    field = {"app_label": "academics", "model_name": "courseoffering", "field_name": "instructors", "term": ""}

    results = our_admin.get(reverse("admin:autocomplete"), field).json()["results"]

    assert {int(row["id"]) for row in results} == set(
        Instructor.objects.filter(organization=ours.organization).values_list("id", flat=True)
    )


def test_filters_name_only_our_rows(our_admin: Client, ours: Term, theirs: Term) -> None:
    theirs.organization.department_set.update(name="Secret department")

    assert b"Secret department" not in our_admin.get(_list("instructor")).content


def test_users_are_for_superusers_and_members_are_named_by_username(our_admin: Client, ours: Term) -> None:
    User.objects.create(username="newcomer")
    assert our_admin.get(reverse("admin:auth_user_changelist")).status_code == 403
    form = {"organization": ours.organization_id, "role": Role.VIEWER}

    refused = our_admin.post(reverse("admin:academics_membership_add"), {**form, "username": "nobody"})
    our_admin.post(reverse("admin:academics_membership_add"), {**form, "username": "newcomer"})

    assert b"No user is called" in refused.content
    assert ours.organization.memberships.get(user__username="newcomer").role == Role.VIEWER


def test_organizations_are_made_and_deleted_by_superusers_only(our_admin: Client, ours: Term) -> None:
    assert our_admin.get(reverse("admin:academics_organization_add")).status_code == 403
    assert our_admin.post(_url(ours.organization, "delete"), {"post": "yes"}).status_code == 403


def test_an_organization_goes_with_everything_once_a_superuser_typed_its_code(client: Client, ours: Term) -> None:
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    organization = ours.organization
    job = GenerationJob.objects.create(organization=organization, term=ours, status=GenerationJob.Status.RUNNING)
    address = _url(organization, "delete")

    assert "A run is at work" in client.get(address).content.decode()
    assert client.post(address, {"code": organization.code}).status_code == 400
    GenerationJob.objects.filter(pk=job.pk).update(status=GenerationJob.Status.COMPLETED)
    assert "is not its code" in client.post(address, {"code": "other"}).content.decode()
    assert Organization.objects.filter(pk=organization.pk).exists()

    assert client.post(address, {"code": organization.code}).status_code == 302
    assert not Organization.objects.filter(pk=organization.pk).exists()


def test_the_organizations_form_speaks_in_words(our_admin: Client, ours: Term) -> None:
    page = our_admin.get(_url(ours.organization)).content.decode()

    assert "xregexp" not in page
    assert "RelatedObjectLookups.js" in page
    assert "Set them under Rules" in page
    assert 'name="weights"' not in page
    assert '<option value="Europe/Warsaw" selected>' in page


def test_a_new_organization_takes_its_members_at_once(client: Client) -> None:
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    UserFactory(username="registrar")
    facts = {"code": "new", "name": "New College", "time_zone": "UTC", "min_free_days": "0", "min_free_half_days": "0"}
    counts = {"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0}

    client.post(
        reverse("admin:academics_organization_add"),
        facts | counts | {"memberships-0-username": "registrar", "memberships-0-role": Role.ADMIN},
    )

    assert Membership.objects.get(organization__code="new").user.username == "registrar"


def test_marks_and_rules_outside_the_grid_are_refused(our_admin: Client, ours: Term) -> None:
    mine = {"organization": ours.organization_id, "term": ours.pk}
    offering = ours.offerings.first()
    pin = {**mine, "kind": Rule.Kind.PIN_TIME, "offerings": [offering.pk], "day": 4, "period": 3, "is_hard": "on", "is_active": "on"}
    pin |= {**_no_rows("timeslots"), "days": 1, "factor": 1}
    listing = {**pin, "kind": Rule.Kind.STARTS, "timeslots-TOTAL_FORMS": 1, "timeslots-0-day": 5, "timeslots-0-period": 3}
    blocked = {**mine, "instructor": ours.offerings.first().instructors.first().pk, "day": 5, "period": 4, "rating": -4}

    mark = our_admin.post(reverse("admin:academics_availability_add"), blocked)
    late = our_admin.post(reverse("admin:academics_rule_add"), {**pin, "lecture": 3})
    outside = our_admin.post(reverse("admin:academics_rule_add"), listing)
    good = our_admin.post(reverse("admin:academics_rule_add"), {**pin, "lecture": 2})

    errors = mark.context["adminform"].form.errors
    assert errors["day"] == ["Saturday is not a day of T1 Autumn: its week has Monday to Friday."]
    assert errors["period"] == ["Period 5 is not a period of T1 Autumn: choose from period 1 (08:00) to period 4 (11:00)."]
    assert "has 2 lectures" in str(late.context["adminform"].form.errors["lecture"])
    assert set(outside.context["inline_admin_formsets"][0].formset.forms[0].errors) == {"day"}
    assert good.status_code == 302
    assert (Availability.objects.count(), Rule.objects.get().lecture) == (0, 1)


def test_times_are_chosen_and_listed_by_their_names_and_stored_as_numbers(our_admin: Client, ours: Term) -> None:
    person = Instructor.objects.filter(organization=ours.organization).first()
    add, mine = reverse("admin:academics_availability_add"), {"organization": ours.organization_id, "term": ours.pk}

    form = our_admin.get(add).content.decode()
    nobody = our_admin.post(add, {**mine, "day": 1, "period": 2, "rating": -4})
    our_admin.post(add, {**mine, "instructor": person.pk, "day": 1, "period": 2, "rating": -2})
    listed = our_admin.get(_list("availability"), {"day": "1", "period": "2", "rating": "-2", "whose": "instructor"}).content.decode()

    mark = Availability.objects.get()
    for words in ('<option value="1">Tuesday', '<option value="2">Period 3 (10:00)', "cannot (-4)", "strongly dislikes (-3)"):
        assert words in form
    assert "Choose whose time this is" in nobody.content.decode()
    assert (mark.day, mark.period, mark.rating) == (1, 2, -2)
    for words in ("Tuesday", "3 (10:00)", "dislikes (-2)"):
        assert words in listed
    assert '<option value="1" selected>Tuesday' in our_admin.get(_url(mark)).content.decode()


def test_what_is_stored_from_0_is_counted_from_1(our_admin: Client, ours: Term) -> None:
    page = our_admin.get(_url(ours)).content.decode()

    assert 'name="periods-0-index" value="1"' in page
    assert "Period 4" in our_admin.get(_list("period")).content.decode()


def test_an_order_of_several_offerings_names_the_first_and_of_one_alone_does_not(our_admin: Client, ours: Term) -> None:
    first, second = ours.offerings.all()[:2]
    order = {
        "organization": ours.organization_id,
        "term": ours.pk,
        "kind": Rule.Kind.BEFORE,
        "is_hard": "on",
        "is_active": "on",
        "lecture": 1,
    }
    order |= {**_no_rows("timeslots"), "days": 1, "factor": 1}

    def saved(**facts: Any) -> set[str]:
        response = our_admin.post(reverse("admin:academics_rule_add"), {**order, **facts})
        return set() if response.status_code == 302 else set(response.context["adminform"].form.errors)

    assert saved(offerings=[first.pk, second.pk]) == {"first"}
    assert saved(offerings=[first.pk], first=first.pk) == {"offerings"}
    assert saved(offerings=[second.pk], first=first.pk) == set()
    assert saved(offerings=[first.pk]) == set()


def test_a_student_sits_only_in_a_section_of_the_offering(our_admin: Client, ours: Term) -> None:
    first, second = ours.offerings.all()[:2]
    section = Section.objects.create(organization=ours.organization, offering=second, code="B")
    enrolment = first.enrolments.first()

    form = {"student": enrolment.student_id, "offering": first.pk, "section": section.pk}
    response = our_admin.post(_url(enrolment), form)

    assert "section" in response.context["adminform"].form.errors


def test_a_list_costs_the_same_queries_whatever_its_length(our_admin: Client, ours: Term) -> None:
    with CaptureQueriesContext(connection) as few:
        our_admin.get(_list("enrolment"), {"q": "S1"})
    with CaptureQueriesContext(connection) as many:
        our_admin.get(_list("enrolment"))

    assert len(many) <= len(few) + 1


def _no_rows(*prefixes: str) -> dict[str, Any]:
    return {f"{prefix}-{name}": 0 for prefix in prefixes for name in ("TOTAL_FORMS", "INITIAL_FORMS")}


def _offering_form(offering: CourseOffering, **changes: Any) -> dict[str, Any]:
    form = {
        "term": offering.term_id,
        "course": offering.course_id,
        "expected_students": 0,
        "max_section_size": 60,
        "num_sections": 0,
        "min_days": 0,
    }
    return {**form, **_no_rows("meetings", "sections", "room_preferences", "availability"), **changes}


def test_an_administrator_asks_for_two_people_and_chooses_a_members_notices(our_admin: Client, ours: Term) -> None:
    organization, colleague = ours.organization, member(ours.organization, Role.REVIEWER)
    membership = Membership.objects.get(user=colleague)
    form = {"name": "Ours", "time_zone": "UTC", "needs_two_people": "on", "min_free_days": "1", "min_free_half_days": "0"}
    inline = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}

    assert our_admin.post(_url(organization), form | inline).status_code == 302
    assert our_admin.post(_url(membership), {"role": Role.REVIEWER, "notify_published": "on"}).status_code == 302

    organization.refresh_from_db()
    membership.refresh_from_db()
    assert (organization.needs_two_people, membership.notify_reviews, membership.notify_published) == (True, False, True)
    assert (organization.min_free_days, organization.min_free_half_days) == (1, 0)


def test_a_superusers_lists_are_of_the_chosen_institution_until_others_are_asked_for(client: Client, ours: Term, theirs: Term) -> None:
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    for term in (ours, theirs):
        review_job(organization=term.organization, term=term, workflow="approved")
    client.get("/", {"organization": "theirs"})

    def owners(address: str, **asked: Any) -> set[str]:
        rows = client.get(address, asked).context["cl"].queryset
        return {Organization.objects.get(pk=organization_id_of(row)).code for row in rows}

    lists = [_list(model) for model in ("room", "term", "period", "courseoffering", "meeting", "student", "enrolment", "membership")]
    for address in (*lists, *(reverse(f"admin:generation_{model}_changelist") for model in ("generationjob", "variant", "workflow"))):
        assert owners(address) <= {"theirs"}, address
        assert owners(address, organization__id__exact="all") in ({"ours", "theirs"}, set()), address
        assert owners(address, organization__id__exact=ours.organization_id) <= {"ours"}, address
    assert owners(_list("room")) == {"theirs"}
    for asked in ("x", "9" * 19, "9" * 5000):
        assert client.get(_list("room"), {"organization__id__exact": asked}).status_code == 302
    assert "S1" not in str(client.get(_list("courseoffering")).context["cl"].filter_specs[1].lookup_choices)
    form = client.get(reverse("admin:academics_room_add")).context["adminform"].form
    assert form.initial["organization"] == theirs.organization_id
