"""From the form of wishes to marks, free days and rooms, through the pages."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from academics.models import Availability, Instructor, Organization, RoomPreference, Term
from generation.errors import Conflict, Missing
from generation.models import WishAnswer, WishMail, WishRound
from generation.wishes.answers import answer_save
from generation.wishes.links import link_renew, link_token
from generation.wishes.mail import mails_write, wish_mails_sweep
from generation.wishes.rounds import round_save
from generation.wishes.said import Said
from tests.factories import TermFactory, UserFactory, member

pytestmark = pytest.mark.django_db


def answer_of(code: str) -> WishAnswer:
    return WishAnswer.objects.select_related("round__term", "instructor").get(instructor__code=code)


def address_of(answer: WishAnswer) -> str:
    return f"/wishes/{link_token(answer)}"


def fill(answer: WishAnswer, action: str = "send", **fields: Any) -> Any:
    data = {"action": action, "revision": str(answer.revision)} | fields
    return Client().post(address_of(answer), data, follow=True)


def manager(organization: Organization) -> Client:
    client = Client()
    client.force_login(member(organization, "admin"))
    return client


def decide(client: Client, answer: WishAnswer, action: str, **fields: str) -> Any:
    data = {"action": action, "answers": f"{answer.pk}:{answer.revision}"} | fields
    return client.post(f"/admin/rules/wishes/?term={answer.round.term_id}", data, follow=True)


def marks(term: Term) -> list[tuple[int, int, int]]:
    return list(Availability.objects.filter(term=term, is_wish=True).order_by("day", "period").values_list("day", "period", "rating"))


WISHES = {"t-0-1": "-4", "t-2-2": "2", "reason": "Clinic", "free_days": "4", "num_free_days": "1", "rooms": ["R2", "building MAIN", ""]}


def test_an_accepted_wish_becomes_marks_and_only_these_go_with_it(organization: Organization, term: Term, found: WishRound) -> None:
    kow = Instructor.objects.get(code="kow")
    mine = {"organization": organization, "term": term, "instructor": kow}
    Availability.objects.create(**mine, day=4, period=1, rating=-1)
    assert "No answer yet" in manager(organization).get("/admin/rules/wishes/").content.decode()
    drafted = fill(answer_of("kow"), "save", **WISHES)
    assert "Kept as a draft" in drafted.content.decode()
    assert "Clinic" not in manager(organization).get("/admin/rules/wishes/").content.decode()  # nobody else's yet
    assert "Sent. You can change it until" in fill(answer_of("kow"), **WISHES).content.decode()

    client = manager(organization)
    assert "Clinic" in client.get("/admin/rules/wishes/?state=sent").content.decode()
    answer = decide(client, answer_of("kow"), "accept").content.decode()

    assert "1 answer accepted. 1 of the times were marked by hand already" in answer
    fridays = [(4, period, -3) for period in (1, 2, 3, 4, 5) if period != 1]
    periods = list(term.periods.values_list("index", flat=True))
    fridays = [(4, period, -3) for period in periods if period != 1]
    assert marks(term) == [(0, 1, -4), (2, 2, 2), *fridays]
    kow.refresh_from_db()
    assert kow.min_free_days == 1
    wanted = RoomPreference.objects.filter(is_wish=True).values_list("offering__course__code", "room__code", "building__code", "rank")
    assert list(wanted) == [("PH1", "R2", None, 0), ("PH1", None, "MAIN", 1)]  # MA1 is a colleague's, too
    page = client.get(f"/admin/rules/wishes/{answer_of('kow').pk}").content.decode()
    assert "In force: " in page
    assert "Clinic" in page

    Availability.objects.filter(term=term, day=2, period=2).update(rating=1)  # changed by hand since
    decide(client, answer_of("kow"), "soften", rating="-2")
    assert marks(term)[:2] == [(0, 1, -2), (2, 2, 1)]

    assert "is taken back" in fill(answer_of("kow"), "withdraw").content.decode()
    kow.refresh_from_db()
    assert (kow.min_free_days, marks(term), RoomPreference.objects.filter(is_wish=True).exists()) == (0, [(2, 2, 1)], False)
    assert Availability.objects.filter(term=term, is_wish=False).get().rating == -1


def test_impossible_times_need_a_reason_and_rooms_must_exist(found: WishRound) -> None:
    answer = answer_of("kow")
    for fields, words in (
        ({"t-0-1": "-4"}, "Say why the times are impossible"),
        ({"rooms": "R9"}, "There is no room &#x27;R9&#x27;"),
        ({"t-0-1": "7"}, "&#x27;7&#x27; is none of like, rather_not, impossible"),
        ({"num_free_days": "9"}, "Days off: 9 is not a whole number from 0 to 5"),
        ({"shape": "round"}, "is none of: spread, packed"),
        ({"remarks": "a" * 2001}, "at most 2,000 characters fit"),
    ):
        response = fill(answer, **fields)
        assert (response.status_code, words in response.content.decode()) == (400, True), words
    assert answer_of("kow").revision == 0


def test_a_returned_answer_goes_back_with_its_comment_by_mail_and_a_decision_is_about_what_was_seen(
    organization: Organization, term: Term, found: WishRound
) -> None:
    client = manager(organization)
    fill(answer_of("rao"), **{"t-0-1": "-2"})
    seen = answer_of("rao")
    fill(seen, **{"t-0-1": "-2", "t-0-2": "-2"})

    assert "1 left as they are" in decide(client, seen, "accept").content.decode()
    assert "Say what should be changed" in decide(client, answer_of("rao"), "return").content.decode()
    decide(client, answer_of("rao"), "return", comment="Only one of them, please.")

    assert (answer_of("rao").state, marks(term)) == ("returned", [])
    WishMail.objects.update(created_at=timezone.now() - timedelta(hours=1))
    wish_mails_sweep()
    assert mail.outbox[0].to == ["rao@example.org"]
    assert "Only one of them, please." in mail.outbox[0].body
    assert f"{site.SITE_URL}{address_of(answer_of('rao'))}".rsplit(":", 2)[0] in mail.outbox[0].body
    assert "It came back to you" in Client().get(address_of(answer_of("rao"))).content.decode()
    fill(answer_of("rao"), "save", **{"remarks": "Not yet for others"})
    assert "Not yet for others" not in client.get(f"/admin/rules/wishes/{answer_of('rao').pk}").content.decode()


def test_those_without_an_answer_get_one_mail_of_a_kind(organization: Organization, term: Term, found: WishRound) -> None:
    client = manager(organization)
    said = client.post(f"/admin/rules/wishes/?term={term.pk}", {"action": "ask"}, follow=True).content.decode()
    assert "1 person without an answer gets an e-mail with their own link. 1 person has no e-mail address" in said
    WishMail.objects.update(status="sent")
    client.post(f"/admin/rules/wishes/?term={term.pk}", {"action": "ask"})
    client.post(f"/admin/rules/wishes/?term={term.pk}", {"action": "remind"})
    assert sorted(WishMail.objects.values_list("kind", flat=True)) == ["ask", "remind"]


def test_a_link_opens_one_answer_and_ends_with_the_form(found: WishRound, settings: Any) -> None:
    answer = answer_of("kow")
    address = address_of(answer)
    page = Client().get(address)
    assert (page.status_code, "Prof. Kowalska" in page.content.decode(), "Dr Rao" in page.content.decode()) == (200, True, False)

    WishRound.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
    assert Client().get(address).status_code == 410
    assert fill(answer, **{"t-0-1": "-2"}).status_code == 410
    WishRound.objects.update(opens_at=timezone.now() + timedelta(hours=1), closes_at=timezone.now() + timedelta(days=1))
    assert Client().get(address).status_code == 403
    link_renew(answer)
    settings.SIGN_IN_ADDRESS_RATE = (3, 60)
    statuses = [Client().get(each).status_code for each in (address, "/wishes/wrong", f"{address}x", address_of(answer_of("kow")))]
    assert statuses == [404, 404, 404, 429]


def test_who_is_signed_in_finds_the_form_of_their_own_address_and_no_other(organization: Organization, found: WishRound) -> None:
    client = Client()
    client.force_login(member(organization, "viewer", email="Rao@Example.org"))
    page = client.get("/wishes/").content.decode()
    assert "Dr Rao" in page
    assert "Kowalska" not in page
    stranger = Client()
    stranger.force_login(UserFactory(email="rao@example.org"))  # of no institution
    assert "Nobody asks for your wishes now" in stranger.get("/wishes/").content.decode()


def test_the_last_terms_answer_is_offered_by_its_clock(organization: Organization, found: WishRound) -> None:
    fill(answer_of("kow"), **WISHES | {"t-3-4": "-2"})
    later = TermFactory(organization=organization, num_days=4, num_periods=3)  # 08:00 to 10:00
    now = timezone.now()
    round_save(term=later, opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=9), message="")
    mine = WishAnswer.objects.select_related("instructor").get(round__term=later, instructor__code="kow")
    address = address_of(mine)

    assert "Start from what you wished for" in Client().get(address).content.decode()
    page = Client().get(f"{address}?from=last").content.decode()

    assert "Filled in from Autumn. Nothing is sent yet." in page
    assert 'value="R2"' in page
    assert "Clinic" in page
    assert page.count('value="-4" selected') == 1
    mine.refresh_from_db()
    assert mine.marks == []


@pytest.mark.parametrize(
    ("opens_at", "closes_at"),
    [("0001-01-01T00:00", "2030-01-01T00:00"), ("2026-01-01T00:00", "9999-12-31T23:59"), ("2026-01-01T00:00+05:00", "2030-01-01T00:00")],
)
def test_a_form_opens_and_closes_at_moments_that_every_clock_has(
    organization: Organization, term: Term, found: WishRound, opens_at: str, closes_at: str
) -> None:
    Organization.objects.update(time_zone="Asia/Tokyo" if opens_at.startswith("0") else "America/New_York")
    said = manager(organization).post(
        f"/admin/rules/wishes/?term={term.pk}", {"action": "round", "opens_at": opens_at, "closes_at": closes_at}, follow=True
    )
    assert "is no date and time" in said.content.decode()
    assert (found.opens_at, found.closes_at) == WishRound.objects.values_list("opens_at", "closes_at").get()


def test_words_are_kept_without_what_a_database_cannot_hold(organization: Organization, term: Term, found: WishRound) -> None:
    client = manager(organization)
    when = {"opens_at": "2026-01-01T00:00", "closes_at": "2190-01-01T00:00"}
    client.post(f"/admin/rules/wishes/?term={term.pk}", {"action": "round", "message": "Tell\x00 us", **when})
    fill(answer_of("kow"), num_free_days="1")
    decide(client, answer_of("kow"), "return", comment="Which\x00 day?")
    assert (WishRound.objects.get().message, answer_of("kow").comment) == ("Tell us", "Which day?")


def test_what_arrives_after_the_form_or_the_link_ended_changes_nothing(found: WishRound) -> None:
    """The link was opened, or the page read, before."""
    answer = answer_of("kow")
    link_renew(answer)
    with pytest.raises(Missing):
        answer_save(answer=answer, said=Said(num_free_days=1), revision=0, is_sent=True)
    answer = answer_of("kow")
    WishRound.objects.update(closes_at=timezone.now())
    with pytest.raises(Conflict, match="closed before this arrived"):
        answer_save(answer=answer, said=Said(num_free_days=1), revision=0, is_sent=True)
    assert (answer_of("kow").state, answer_of("kow").num_free_days) == ("open", 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_at_the_same_time_one_writes(found: WishRound, monkeypatch: pytest.MonkeyPatch) -> None:
    both, written, write = threading.Barrier(2, timeout=0.5), list[int](), type(WishMail.objects).bulk_create

    def slow(*args: Any, **kwargs: Any) -> Any:
        with suppress(threading.BrokenBarrierError):  # the other one waits until this one has written
            both.wait()
        return write(WishMail.objects, *args, **kwargs)

    monkeypatch.setattr(WishMail.objects, "bulk_create", slow)

    def ask() -> None:
        written.append(mails_write(answers=WishAnswer.objects.select_related("instructor"), kind=WishMail.Kind.ASK))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (sorted(written), WishMail.objects.count()) == ([0, 1], 1)
