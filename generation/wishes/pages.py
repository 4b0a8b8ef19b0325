"""The form that instructors fill in, by their own link or signed in, and the page on which administrators decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from academics.access import access_required
from academics.ids import number_read
from academics.models import Term
from academics.selectors import organizations_visible
from academics.spreadsheets import CSV_TYPE
from academics.week_labels import DAY_NAMES
from generation.errors import Refusal
from generation.models import WishAnswer, WishMail, WishRound
from generation.timetable.term_dates import zone_of
from generation.web.guards import organization_current, role_at, role_page
from generation.web.lookup import term_requested
from generation.wishes import messages
from generation.wishes.answers import answer_before, answer_save, answer_withdraw, answers_import, said_before
from generation.wishes.decisions import SOFTENED, Action, Decided, answers_decide
from generation.wishes.forms import form_shown, moment_read, moments_shown, number_signed, raw_of, said_posted, text_posted
from generation.wishes.links import RELATED, link_address, link_open, link_renew, link_token
from generation.wishes.mail import mails_write
from generation.wishes.receipts import receipt_of, variant_of
from generation.wishes.rounds import answers_own, round_of, round_save, states_counted
from generation.wishes.said import Grid, grid_of, said_checked, said_of, times_words
from generation.wishes.tables import answers_read, template

PER_PAGE = 50
State = WishAnswer.State
ACTIONS: dict[str, Action] = {"accept": "accept", "accept-all": "accept", "soften": "soften", "return": "return"}
DONE = {"accept": "accepted", "accept-all": "accepted", "soften": "softened", "return": "returned"}


@never_cache
@login_required
@require_safe
def wishes_own(request: HttpRequest) -> HttpResponse:
    """A signed-in instructor's own forms."""
    rows = [
        {"answer": answer, "token": link_token(answer, "answer" if answer.round.is_open else "result")}
        for answer in answers_own(user=request.user)
        if answer.round.opens_at <= timezone.now()
    ]
    return render(request, "generation/wishes/own.html", {"rows": rows})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wish_link(request: HttpRequest, wish_token: str) -> HttpResponse:
    """The form behind a personal link, as long as it is open. Wrong and ended links say so, and nothing else."""
    opened = link_open(wish_token)
    if opened is None:
        return _refused(
            request, 404, "This link opens nothing", "It was copied in part, or replaced by a newer one. Look for the newest e-mail."
        )
    answer, found = opened.answer, opened.answer.round
    closes = _clock(found, found.closes_at)
    if opened.purpose == "result":
        return _result(request, answer)
    if not found.is_open:
        if found.opens_at > timezone.now():
            return _refused(request, 403, "The form is not open yet", f"It opens on {_clock(found, found.opens_at)}.")
        return _refused(request, 410, "The form is closed", f"Wishes could be sent until {closes}. What you had sent by then counts.")
    grid = grid_of(found.term, found.organization)
    if request.method == "POST":
        return _answered(request, answer, grid, wish_token)
    raw, note = raw_of(said_of(answer)), ""
    earlier = answer_before(answer) if answer.state in (State.OPEN, State.RETURNED) else None
    if earlier is not None and request.GET.get("from") == "last":
        said, lost = said_before(earlier, grid)
        raw = raw_of(said)
        note = f"Filled in from {earlier.round.term.name or earlier.round.term.code}. Nothing is sent yet." + (
            f" {lost} of its times are not in this term's week." if lost else ""
        )
    return _form(request, answer, grid, raw, note=note, earlier=earlier)


def _result(request: HttpRequest, answer: WishAnswer) -> HttpResponse:
    """What the published timetable makes of the wishes; changes nothing, whatever was sent."""
    context: dict[str, Any] = {"answer": answer, "term": answer.round.term, "is_own": True}
    variant = variant_of(answer.round.term) if answer.sent_at else None
    if variant is not None:
        context["receipt"] = receipt_of(answer, variant, grid_of(answer.round.term, answer.round.organization))
    return render(request, "generation/wishes/result.html", context)


def _answered(request: HttpRequest, answer: WishAnswer, grid: Grid, token: str) -> HttpResponse:
    action, revision = request.POST.get("action", "save"), number_read(request.POST.get("revision", ""), max_digits=9)
    raw = said_posted(grid, request.POST)
    try:
        if action == "withdraw":
            answer_withdraw(answer=answer, revision=-1 if revision is None else revision)
            notices.success(request, "Your answer is taken back, and nothing of it counts. What it said is kept here as a draft.")
        else:
            is_sent = action == "send"
            said = said_checked(grid, raw, is_draft=not is_sent and answer.state in (State.OPEN, State.RETURNED))
            answer = answer_save(answer=answer, said=said, revision=-1 if revision is None else revision, is_sent=is_sent)
            until = _clock(answer.round, answer.round.closes_at)
            kept = "Kept as a draft. Send it when it is ready."
            notices.success(request, kept if answer.state != State.SENT else f"Sent. You can change it until {until}.")
    except Refusal as refusal:
        if refusal.status != 400:
            notices.error(request, str(refusal))
            return redirect("wish-link", wish_token=token)
        return _form(request, answer, grid, raw, error=refusal)
    return redirect("wish-link", wish_token=token)


def _form(
    request: HttpRequest,
    answer: WishAnswer,
    grid: Grid,
    raw: dict[str, Any],
    *,
    note: str = "",
    earlier: WishAnswer | None = None,
    error: Refusal | None = None,
) -> HttpResponse:
    context = {
        "answer": answer,
        "round": answer.round,
        "term": grid.term,
        "closes": _clock(answer.round, answer.round.closes_at),
        "form": form_shown(grid, raw),
        "is_draft": answer.state in (State.OPEN, State.RETURNED),
        "note": note,
        "earlier": earlier,
        "error": error,
        "most": messages.MAX_TEXT,
    }
    return render(request, "generation/wishes/form.html", context, status=400 if error else 200)


def _refused(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    return render(request, "refused.html", {"title": title, "words": words}, status=status)


def _clock(found: WishRound, moment: Any) -> str:
    return f"{timezone.localtime(moment, zone_of(found.organization.time_zone)):%-d %B %Y, %H:%M}"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@role_page
def wishes(request: HttpRequest) -> HttpResponse:
    """A term's form and all its answers; a POST opens the form, decides on answers or reminds people."""
    organization = organization_current(request)
    assert organization is not None, "the page's guard let nobody in without one"
    terms = list(organization.term_set.order_by("-is_current", "-starts_on", "-id"))
    term = term_requested(request, organization, terms)
    found = round_of(term) if term else None
    if request.method == "POST" and term is not None:
        if request.POST.get("action") == "table" and found is not None:
            return _table_given(request, terms, term, found)
        return _managed(request, term, found)
    if request.GET.get("table") == "csv" and found is not None and term is not None:
        headers = {"Content-Disposition": f'attachment; filename="wishes-{slugify(term.code) or "term"}.csv"'}
        return HttpResponse(template(found), content_type=CSV_TYPE, headers=headers)
    return _list(request, terms, term, found)


def _managed(request: HttpRequest, term: Term, found: WishRound | None) -> HttpResponse:
    action = request.POST.get("action", "")
    try:
        if action == "round":
            zone = zone_of(term.organization.time_zone)
            moments = {name: moment_read(request.POST.get(name, ""), zone, field=name) for name in ("opens_at", "closes_at")}
            round_save(term=term, message=text_posted(request.POST, "message"), **moments)
            notices.success(request, "Saved. Everybody who teaches in the term has an answer to give; send them their links below.")
        elif found is None:
            notices.error(request, messages.NO_ROUND)
        elif action in ("ask", "remind"):
            _mailed(request, found, action)
        elif action == "results":
            _results_mailed(request, found)
        elif action in ACTIONS:
            _said(request, _decided(request, _chosen(request, found), ACTIONS[action]), action)
        else:
            notices.error(request, "Nothing was changed.")
    except Refusal as refusal:
        notices.error(request, str(refusal))
    return redirect(f"{reverse('wishes')}?{urlencode({'term': str(term.pk)} | _kept(request))}")


def _table_given(request: HttpRequest, terms: list[Term], term: Term, found: WishRound) -> HttpResponse:
    """Puts in a table of answers, or shows what is wrong with it."""
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise messages.wrong("file", "Choose the table first.")
        read = answers_read(found=found, file=upload.name or "table", data=upload.read())
    except Refusal as refusal:
        return _list(request, terms, term, found, extra={"table_error": str(refusal)}, status=400)
    if read.num_faults or not read.said:
        return _list(request, terms, term, found, extra={"table": read, "table_name": upload.name}, status=400)
    num = answers_import(found=found, said=read.said, has_precedence=request.POST.get("replaces") == "yes")
    words = [f"{num:,} answer{'' if num == 1 else 's'} put in, as if sent by the instructors. Nothing counts until you accept it."]
    if left := len(read.said) - num:
        words.append(f"{left:,} left as {'it is: its instructor' if left == 1 else 'they are: their instructors'} sent one already.")
    if read.num_rounded:
        words.append(f"{read.num_rounded:,} times begin or end within a period, which counts whole.")
    notices.success(request, " ".join(words))
    return redirect(f"{reverse('wishes')}?{urlencode({'term': str(term.pk)} | _kept(request))}")


def _mailed(request: HttpRequest, found: WishRound, action: str) -> None:
    if not found.is_open:
        notices.error(request, "The form is not open, so its links would open nothing. Change its times first.")
        return
    waiting = WishAnswer.objects.filter(round=found, state=State.OPEN).select_related(*RELATED)
    if action == "ask":  # once; who let it lie is reminded
        have_one = WishMail.objects.filter(kind=WishMail.Kind.ASK, answer__round=found).exclude(status=WishMail.Status.FAILED)
        waiting = waiting.exclude(pk__in=have_one.values("answer"))
    num = mails_write(answers=waiting, kind=WishMail.Kind.ASK if action == "ask" else WishMail.Kind.REMIND)
    without = waiting.filter(instructor__email="").count()
    notices.success(
        request,
        f"{_people(num)} without an answer {'gets' if num == 1 else 'get'} an e-mail with their own link."
        + (f" {_people(without)} {'has' if without == 1 else 'have'} no e-mail address: copy the link from their page." if without else ""),
    )


def _results_mailed(request: HttpRequest, found: WishRound) -> None:
    if variant_of(found.term) is None:
        notices.error(request, "Publish the timetable of this term first: the e-mails lead to what it makes of the wishes.")
        return
    answered = WishAnswer.objects.filter(round=found, sent_at__isnull=False).select_related(*RELATED)
    num = mails_write(answers=answered, kind=WishMail.Kind.RECEIPT)
    notices.success(request, f"{_people(num)} {'gets' if num == 1 else 'get'} an e-mail with a link to what became of their wishes.")


def _chosen(request: HttpRequest, found: WishRound) -> dict[int, int]:
    """The answers that are ticked, as they were read; or all that wait for a decision."""
    if request.POST.get("action") == "accept-all":
        return dict(WishAnswer.objects.filter(round=found, state=State.SENT).values_list("pk", "revision"))
    chosen: dict[int, int] = {}
    for each in request.POST.getlist("answers"):
        pk, _, revision = each.partition(":")
        numbers = number_read(pk, max_digits=15), number_read(revision, max_digits=9)
        if numbers[0] is not None and numbers[1] is not None:
            chosen[numbers[0]] = numbers[1]
    mine = set(WishAnswer.objects.filter(round=found, pk__in=chosen).values_list("pk", flat=True))
    return {pk: revision for pk, revision in chosen.items() if pk in mine}


def _decided(request: HttpRequest, revisions: dict[int, int], action: Action) -> Decided:
    rating = number_signed(request.POST.get("rating", str(SOFTENED)))
    user = request.user if request.user.is_authenticated else None
    decided = answers_decide(
        revisions=revisions,
        user=user,
        action=action,
        comment=text_posted(request.POST, "comment"),
        rating=SOFTENED if rating is None else rating,
    )
    if action == "return":
        mails_write(answers=[answer for answer in decided.answers if answer.round.is_open], kind=WishMail.Kind.RETURN)
    return decided


def _said(request: HttpRequest, decided: Decided, action: str) -> None:
    num = len(decided.answers)
    if num:
        by_hand = decided.num_by_hand
        notices.success(
            request,
            f"{num} answer{'' if num == 1 else 's'} {DONE[action]}."
            + (f" {by_hand} of the times were marked by hand already; those marks count." if by_hand else ""),
        )
    if decided.num_passed_over:
        notices.warning(request, f"{decided.num_passed_over} left as they are: changed while you looked at them, or not sent yet.")
    if not num and not decided.num_passed_over:
        notices.error(request, "Tick the answers first.")


def _people(num: int) -> str:
    return "1 person" if num == 1 else f"{num:,} people"


def _kept(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in ("state", "search", "page") if request.GET.get(name)}


def _list(
    request: HttpRequest,
    terms: list[Term],
    term: Term | None,
    found: WishRound | None,
    *,
    extra: Mapping[str, Any] = MappingProxyType({}),
    status: int = 200,
) -> HttpResponse:
    state, search = request.GET.get("state", ""), request.GET.get("search", "").strip()[:100]
    if state and state not in State.values:
        raise Http404  # else all would be shown as if it had been narrowed
    context: dict[str, Any] = {"terms": terms, "term": term, "round": found, "state": state, "search": search, **extra}
    if term is not None:
        context["moments"] = moments_shown(found, zone_of(term.organization.time_zone))
    if term is not None and found is not None:
        counted = states_counted(found)
        rows = WishAnswer.objects.filter(round=found).select_related(*RELATED).order_by("instructor__code", "pk")
        page = Paginator(_narrowed(rows, state, search), PER_PAGE).get_page(request.GET.get("page"))
        grid = grid_of(term, term.organization)
        context |= {
            "page": page,
            "rows": _rows(page.object_list, grid),
            "states": [(value, label, counted[value]) for value, label in State.choices],
            "num": sum(counted.values()),
            "num_missing": counted[State.OPEN] + counted[State.RETURNED],
            "num_to_decide": counted[State.SENT],
            "softer": messages.SOFTER.items(),
            "query": urlencode({"term": str(term.pk)} | {name: value for name, value in _kept(request).items() if name != "page"}),
            "here": urlencode({"term": str(term.pk)} | _kept(request)),
            "closes": _clock(found, found.closes_at),
            "opens": _clock(found, found.opens_at),
            "is_published": variant_of(term) is not None,
            "is_over": found.closes_at <= timezone.now(),
        }
    return render(request, "generation/wishes/list.html", context, status=status)


def _narrowed(rows: QuerySet[WishAnswer], state: str, search: str) -> QuerySet[WishAnswer]:
    rows = rows.filter(state=state) if state else rows
    return rows.filter(Q(instructor__code__icontains=search) | Q(instructor__name__icontains=search)) if search else rows


def _rows(answers: Iterable[WishAnswer], grid: Grid) -> list[dict[str, Any]]:
    """An answer that was never sent is its writer's alone."""
    answers = list(answers)
    failed = set(
        WishMail.objects.filter(answer__in=[answer.pk for answer in answers], status=WishMail.Status.FAILED).values_list(
            "answer_id", flat=True
        )
    )
    return [{"answer": answer, "mail_failed": answer.pk in failed} | (_counts(answer) if answer.sent_at else {}) for answer in answers]


def _counts(answer: WishAnswer) -> dict[str, Any]:
    said = said_of(answer)
    ratings = list(said.marks.values())
    return {
        "said": said,
        "num_impossible": said.num_impossible,
        "num_rather_not": ratings.count(messages.WISHES["rather_not"]),
        "num_like": ratings.count(messages.WISHES["like"]),
        "free_days": _free_days_words(said.free_days, said.num_free_days),
    }


def _free_days_words(days: Iterable[int], number: int) -> str:
    named = ", ".join(DAY_NAMES[day % 7] for day in days)
    anyhow = f"any {number} day{'' if number == 1 else 's'}" if number else ""
    return "; ".join(each for each in (named, anyhow) if each)


def wish_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page about one answer: another institution's does not exist, a role that is not in the table's row is refused."""

    @login_required
    def guarded(request: HttpRequest, answer_id: int) -> HttpResponse:
        visible = organizations_visible(user=request.user)
        answer = WishAnswer.objects.select_related(*RELATED).filter(pk=answer_id, round__organization__in=visible).first()
        if answer is None:
            raise Http404
        if role_at(request, answer.round.organization_id) not in access_required(request).roles:
            raise PermissionDenied
        return view(request, answer)

    return guarded


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@wish_page
def wish(request: HttpRequest, answer: WishAnswer) -> HttpResponse:
    """One answer whole, and the decision on it."""
    if request.method == "POST":
        action, revision = request.POST.get("action", ""), number_read(request.POST.get("revision", ""), max_digits=9)
        if action in ACTIONS:
            try:
                _said(request, _decided(request, {answer.pk: -1 if revision is None else revision}, ACTIONS[action]), action)
            except Refusal as refusal:
                notices.error(request, str(refusal))
        elif action == "renew":
            link_renew(answer)
            notices.success(request, "Links that were sent before open nothing any more.")
        return redirect("wish", answer_id=answer.pk)
    grid = grid_of(answer.round.term, answer.round.organization)
    said = said_of(answer)
    context: dict[str, Any] = {
        "answer": answer,
        "term": grid.term,
        "form": form_shown(grid, raw_of(said)),
        "times": [
            (label, times_words(grid, [slot for slot, rating in said.marks.items() if rating == messages.WISHES[word]]))
            for word, label in messages.WISH_LABELS.items()
        ],
        "link": link_address(answer) if answer.round.is_open else "",
        "closes": _clock(answer.round, answer.round.closes_at),
        "mails": answer.mails.all()[:10],
        "softer": messages.SOFTER.items(),
        "num_by_hand": answer.written.get("by_hand", 0),
        "num_written": len(answer.written.get("marks", ())),
        "num_rooms": len(answer.written.get("rooms", ())),
    } | (_counts(answer) if answer.sent_at else {})
    variant = variant_of(grid.term, is_manager=True) if answer.sent_at else None
    if variant is not None:
        context["receipt"] = receipt_of(answer, variant, grid)
    return render(request, "generation/wishes/answer.html", context)
