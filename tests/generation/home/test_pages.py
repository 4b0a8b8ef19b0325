"""The pages over HTTP: who sees which, what each says, and that every empty one says what to do first."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client

from academics.models import Organization
from generation.models import GenerationJob, Workflow
from generation.review.workflow import variant_select, workflow_reject
from generation.text.messages import solve_explained
from generation.timetable.conflict_store import conflicts_write
from tests.factories import JobFactory, OrganizationFactory, member, review_job
from tests.factories.generation import conflict
from tests.factories.university import university

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.parametrize("address", ["/admin/timetables/", "/admin/timetables/new", "/timetables/"])
def test_a_stranger_is_sent_to_sign_in(client: Client, address: str) -> None:
    response = client.get(address)

    assert response.status_code == 302
    assert response.url == f"/accounts/login/?next={address}"  # type: ignore[attr-defined]


def test_home_offers_a_stranger_sign_in_and_the_published_timetables(client: Client) -> None:
    page = text_of(client.get("/"))

    assert 'href="/accounts/login/"' in page
    assert 'href="/timetables/"' in page


def test_sign_in_says_what_to_check_and_then_goes_where_one_wanted(client: Client, organization: Organization) -> None:
    user = member(organization, "reviewer", password="right-password-1")

    wrong = client.post("/accounts/login/", {"username": user.username, "password": "wrong"})
    right = client.post("/accounts/login/", {"username": user.username, "password": "right-password-1", "next": "/admin/timetables/"})

    assert "Check both" in text_of(wrong)
    assert (right.status_code, right.url) == (302, "/admin/timetables/")  # type: ignore[attr-defined]


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("reviewer", 200), ("viewer", 403)])
def test_the_list_of_runs_is_for_administrators_and_reviewers(organization: Organization, role: str, status: int) -> None:
    response = client_of(member(organization, role)).get("/admin/timetables/")

    assert response.status_code == status
    if role == "viewer":
        assert "Your role does not open this page" in text_of(response)


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("reviewer", 403), ("viewer", 403)])
def test_only_an_administrator_makes_a_timetable(organization: Organization, role: str, status: int) -> None:
    assert client_of(member(organization, role)).get("/admin/timetables/new").status_code == status


@pytest.mark.parametrize("address", ["/admin/timetables/status/{}", "/admin/timetables/{}/review"])
def test_another_institutions_run_does_not_exist(organization: Organization, address: str) -> None:
    foreign = review_job()
    client = client_of(member(organization, "admin"))

    for job_id in (foreign.pk, uuid.uuid4()):
        assert client.get(address.format(job_id)).status_code == 404


def test_a_run_is_closed_to_viewers_of_its_institution(organization: Organization) -> None:
    job = review_job(organization=organization)
    client = client_of(member(organization, "viewer"))

    assert client.get(f"/admin/timetables/status/{job.pk}").status_code == 403
    assert client.get(f"/admin/timetables/{job.pk}/review").status_code == 403


def test_home_names_the_missing_data_first(organization: Organization) -> None:
    page = text_of(client_of(member(organization, "admin")).get("/"))

    assert "Enter the term" in page
    assert "/admin/academics/term/add/" in page
    assert "of 5 needed" in page


def test_a_viewer_is_not_promised_a_timetable_that_is_not_published(organization: Organization) -> None:
    page = text_of(client_of(member(organization, "viewer")).get("/"))

    assert "Nothing is published yet" in page
    assert "ready to read" not in page


def test_an_empty_list_says_what_to_do_first(organization: Organization) -> None:
    page = text_of(client_of(member(organization, "admin")).get("/admin/timetables/"))

    assert "No timetable has been made yet" in page
    assert 'href="/admin/timetables/new"' in page


def test_the_list_shows_quality_and_reason(organization: Organization) -> None:
    review_job(organization=organization)
    JobFactory(organization=organization, status="failed", error="Found 2 rooms; needed are 3.")

    page = text_of(client_of(member(organization, "reviewer")).get("/admin/timetables/"))

    assert "Found 2 rooms; needed are 3." in page
    assert "Not put forward yet" in page


def test_the_list_takes_as_many_queries_for_many_runs(organization: Organization, django_assert_max_num_queries: Any) -> None:
    for _ in range(4):
        review_job(organization=organization)
    client = client_of(member(organization, "admin"))

    with django_assert_max_num_queries(25):
        client.get("/admin/timetables/")


def test_generate_files_one_job_even_when_pressed_twice() -> None:
    client = client_of(member(university().organization, "admin"))
    form = {"time": "other", "time_other_s": "12", "variants": "2", "seed": "7", "weight_lunch": "9", "form_key": uuid.uuid4().hex}

    first = client.post("/admin/timetables/new", form)
    second = client.post("/admin/timetables/new", form)

    job = GenerationJob.objects.get()
    assert first.url == second.url == f"/admin/timetables/status/{job.pk}"  # type: ignore[attr-defined]
    assert (job.time_limit_s, job.num_variants, job.seed, job.weights) == (12, 2, 7, {"lunch": 9})


def test_generate_says_what_is_wrong_with_the_time() -> None:
    client = client_of(member(university().organization, "admin"))

    missing = client.post("/admin/timetables/new", {"time": "other", "variants": "3"})
    too_long = client.post("/admin/timetables/new", {"time": "other", "time_other_s": "1e9", "variants": "3"})

    assert "Say how many seconds" in text_of(missing)
    assert "must be between" in text_of(too_long)
    assert not GenerationJob.objects.exists()


def test_only_the_administrator_can_stop_or_cancel(organization: Organization) -> None:
    job = JobFactory(organization=organization, status="running")

    for role, is_shown in (("admin", True), ("reviewer", False)):
        page = text_of(client_of(member(organization, role)).get(f"/admin/timetables/status/{job.pk}"))
        assert ("Stop and keep the best" in page) is is_shown


def test_the_status_page_names_five_steps_without_algorithms(organization: Organization) -> None:
    job = JobFactory(organization=organization, status="running")

    page = text_of(client_of(member(organization, "admin")).get(f"/admin/timetables/status/{job.pk}"))

    for words in ("Reading", "Organising", "Building", "Improving", "Finishing"):
        assert f"<strong>{words}</strong>" in page
    assert "CP-SAT" not in page
    assert "genetic" not in page.lower()


def test_review_shows_variants_week_and_violations(organization: Organization) -> None:
    job = review_job(organization=organization)

    page = text_of(client_of(member(organization, "admin")).get(f"/admin/timetables/{job.pk}/review?by=room&key=LAB"))

    assert "Variants side by side" in page
    assert "Variant 0 and Variant 1 differ in 4 of 4 lectures" in page.replace("\n", " ") or "differ in" in page
    assert "Biology lab" in page
    assert 'rowspan="2"' in page
    assert "compactness costs 4." in page


NOT_TO_THE_END = "narrowed from 2,300 in 20 s, not to the end"
WHY = {
    "verdict": "impossible",
    "headline": "Dr Rao teaches 31 periods, but is available in only 30.",
    "members": [{"kind": "instructor", "who": ["Dr Rao"], "message": "Dr Rao teaches one lecture at a time."}],
    "is_minimal": True,
    "fixes": ["Open Saturday, period 1 for Dr Rao."],
    "must_give": [],
    "is_least": True,
}


@pytest.mark.parametrize("narrowed", [{"from": 2300, "to": 881, "seconds": 20.0, "message": NOT_TO_THE_END}, None])
@pytest.mark.parametrize("headline", [f"These 881 requirements contain the cause; {NOT_TO_THE_END}.", WHY["headline"]])
def test_page_and_terminal_say_once_how_far_the_cause_was_narrowed(headline: str, narrowed: dict[str, object] | None) -> None:
    why = {**WHY, "headline": headline, "is_minimal": False, "narrowed": narrowed}

    page, terminal = render_to_string("generation/_explanation.html", {"explanation": why}), "\n".join(solve_explained(why))

    for text in (page, terminal):
        assert text.count(NOT_TO_THE_END) == int(narrowed is not None or NOT_TO_THE_END in headline)
        assert "the others can be kept" not in text
        assert "roven" in text


def test_review_says_why_not_everything_has_a_place(organization: Organization) -> None:
    job = review_job(organization=organization, explanation=WHY)
    client, address = client_of(member(organization, "reviewer")), f"/admin/timetables/{job.pk}/review"

    assert WHY["headline"] not in text_of(client.get(address))  # all variants are complete
    job.variants.update(hard=1)
    page = text_of(client.get(address))

    assert WHY["headline"] in page
    assert "Dr Rao teaches one lecture at a time." in page
    assert "Open Saturday, period 1 for Dr Rao." in page


def test_a_refused_run_says_why(organization: Organization) -> None:
    job = JobFactory(organization=organization, status=GenerationJob.Status.FAILED, error="Not possible.", explanation=WHY)

    assert WHY["headline"] in text_of(client_of(member(organization, "admin")).get(f"/admin/timetables/status/{job.pk}"))


@pytest.mark.parametrize(("bound", "words"), [(7, "Variant 0: proven best"), (4, "at most 3 above the best possible"), (0, ""), (None, "")])
def test_review_says_how_far_a_variant_is_from_the_best_possible(organization: Organization, bound: int | None, words: str) -> None:
    job = review_job(organization=organization)
    job.variants.update(statistics={"unplaced": 0, "lower_bound": bound})

    page = text_of(client_of(member(organization, "admin")).get(f"/admin/timetables/{job.pk}/review"))

    assert words in page
    assert ("best possible" in page or "proven best" in page) == bool(words)


def test_review_names_the_rules_and_wishes_that_a_proof_speaks_of(organization: Organization) -> None:
    job = review_job(organization=organization, num_variants=1)
    breakdown = {"room_clash": 0, "lunch": 0, "compactness": 0}
    facts = {"soft": 0, "breakdown": breakdown, "statistics": {"lower_bound": 0}}
    job.variants.update(**facts, certificate={"wishes": {"compactness": True, "min_days": False}})
    conflicts_write(variant_id=job.variants.get().pk, rows=[])
    client = client_of(member(organization, "admin"))

    page = text_of(client.get(f"/admin/timetables/{job.pk}/review"))
    job.variants.update(certificate={})
    earlier = text_of(client.get(f"/admin/timetables/{job.pk}/review"))

    assert "proven best by the wishes that are named below" in page
    assert page.count("Kept, or counted as broken: rooms with two lectures at once.") == 2
    assert "each by its weight: isolated lectures of a curriculum." in page
    assert "Not considered, because nobody requested it or its weight is 0: sections whose lectures are on too few days." in page
    assert "no wish that was weighed is missed" in page
    assert "each by its weight: days without a free lunch period, isolated lectures of a curriculum." in earlier


def test_review_lists_one_kind_of_breach_and_opens_its_week(organization: Organization) -> None:
    job = review_job(organization=organization)

    page = text_of(client_of(member(organization, "admin")).get(f"/admin/timetables/{job.pk}/review?kind=compactness"))

    assert "Only: isolated lectures of a curriculum." in page
    assert "lunch costs 3." not in page.split('id="violations"')[1]
    section = job.variants.first().entries.get(lecture=0).section
    assert f"by=section&amp;key={section}#week" in page


def test_a_timetable_goes_from_forward_to_published(organization: Organization) -> None:
    job = review_job(organization=organization)
    admin, reviewer = client_of(member(organization, "admin")), client_of(member(organization, "reviewer"))
    viewer = client_of(member(organization, "viewer"))
    review = f"/admin/timetables/{job.pk}/review"
    variant = job.variants.all()[1]

    admin.post(review, {"action": "select", "variant": str(variant.pk)})
    assert f"Approve “{variant.label}”" in text_of(reviewer.get(review))
    reviewer.post(review, {"action": "approve", "comments": "Good."})
    assert "Nothing is published yet" in text_of(viewer.get("/timetables/"))
    admin.post(review, {"action": "publish"})

    assert Workflow.objects.get().status == "published"
    assert f"/timetables/{organization.code}/section/" in text_of(viewer.get("/timetables/"))
    assert "Week of" in text_of(viewer.get(f"/timetables/{organization.code}/section/ALG-1/?view=grid"))


def test_sending_back_needs_a_comment(organization: Organization) -> None:
    job = review_job(organization=organization, workflow="in_review")
    reviewer = client_of(member(organization, "reviewer"))

    page = text_of(reviewer.post(f"/admin/timetables/{job.pk}/review", {"action": "reject", "comments": " "}, follow=True))

    assert "needs a comment" in page
    assert Workflow.objects.get().status == "in_review"


@pytest.mark.parametrize("action", ["select", "publish", "nonsense"])
def test_a_reviewer_cannot_put_forward_or_publish(organization: Organization, action: str) -> None:
    job = review_job(organization=organization, workflow="approved")
    reviewer = client_of(member(organization, "reviewer"))

    response = reviewer.post(f"/admin/timetables/{job.pk}/review", {"action": action, "variant": "nonsense"})

    assert response.status_code == 403
    assert Workflow.objects.get().status == "approved"


def test_deciding_twice_is_refused_with_a_sentence(organization: Organization) -> None:
    job = review_job(organization=organization, workflow="in_review")
    reviewer = client_of(member(organization, "reviewer"))
    review = f"/admin/timetables/{job.pk}/review"

    reviewer.post(review, {"action": "approve"})
    page = text_of(reviewer.post(review, {"action": "approve"}, follow=True))

    assert "This timetable is approved" in page


def test_nobody_sees_another_institutions_published_week(organization: Organization) -> None:
    review_job(workflow="published")
    client = client_of(member(organization, "viewer"))

    assert "Nothing is published yet" in text_of(client.get("/timetables/"))
    foreign = Organization.objects.exclude(pk=organization.pk).get()
    assert client.get(f"/timetables/?organization={foreign.code}").status_code == 404


def test_a_published_week_says_nothing_of_single_people(organization: Organization) -> None:
    job = review_job(organization=organization, num_variants=1, workflow="published")
    job.variants.update(conflicts=[conflict("student_clash", 4, lectures=[0], message="S00229 is in both.")])

    seen = text_of(client_of(member(organization, "viewer")).get("/timetables/?by=section&key=ALG-1", follow=True))
    assert "Algebra" in seen
    assert "S00229" not in seen
    assert "S00229" in text_of(client_of(member(organization, "reviewer")).get(f"/admin/timetables/{job.pk}/review?by=section&key=ALG-1"))


def test_the_new_timetable_page_counts_the_terms_courses() -> None:
    organization = university(num_courses=7).organization

    assert "read 7 courses" in text_of(client_of(member(organization, "admin")).get("/admin/timetables/new"))


def test_a_foreign_host_name_is_refused_with_a_page(client: Client) -> None:
    response = client.get("/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert "could not be read" in text_of(response)


def test_nul_characters_in_an_address_a_cookie_or_a_comment_harm_nothing(organization: Organization) -> None:
    """PostgreSQL refuses them; this runs there too."""
    job = review_job(workflow="in_review", organization=organization)
    reviewer = client_of(member(organization, "reviewer"))

    page = reviewer.get("/", {"organization": "\0"})
    stranger = Client(headers={"cookie": r'sessionid="\000aaaaaaaaaa"'}).get("/")
    sent = reviewer.post(f"/admin/timetables/{job.pk}/review", {"action": "reject", "comments": "too\0 late" + "." * 5000})

    assert (page.status_code, stranger.status_code, sent.status_code) == (400, 200, 302)
    comment = Workflow.objects.get(job=job).history.get().comment
    assert comment.startswith("too late")
    assert len(comment) <= 4000


def test_a_reviewers_reason_stands_on_the_card_and_in_the_list_and_so_does_the_answer(organization: Organization) -> None:
    job = review_job(organization=organization, num_variants=1)
    registrar, reviewer = (member(organization, role, username=role) for role in ("admin", "reviewer"))
    variant = job.variants.select_related("job__organization").get()
    workflow_reject(workflow=variant_select(variant=variant, user=registrar), user=reviewer, comments="Drama is too late.")
    client = client_of(registrar)

    def card() -> str:
        page = text_of(client.get(f"/admin/timetables/{job.pk}/review"))
        return page[page.index('aria-labelledby="decision"') :].partition("</section>")[0]

    assert "Drama is too late." in card()
    assert "reviewer sent it back" in card()
    for address in ("/admin/timetables/", "/"):
        assert "reviewer: Drama is too late." in text_of(client.get(address))
    client.post(f"/admin/timetables/{job.pk}/review", {"action": "select", "variant": variant.pk})
    assert Workflow.objects.get(pk=job.pk).status == "rejected"
    client.post(f"/admin/timetables/{job.pk}/review", {"action": "select", "variant": variant.pk, "comments": "It is free only then."})
    client = client_of(reviewer)
    assert "Drama is too late." in card()
    assert "It is free only then." in card()
