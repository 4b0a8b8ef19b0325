"""The page before a file that says less than the timetable."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from academics.ids import uuid_read
from generation.exports import export_file
from generation.models import GenerationJob, Variant
from generation.web.guards import job_page


@require_safe
@job_page
def timetable_fet(request: HttpRequest, job: GenerationJob) -> HttpResponse:
    """What FET has no rule for, by kind and count, and the file of FET."""
    key = uuid_read(request.GET.get("variant", ""))
    variants = Variant.objects.select_related("job__organization", "job__term").filter(job=job)
    variant = None if key is None else variants.filter(pk=key).first()
    if variant is None:
        raise Http404
    found = json.loads(export_file(variant, kind="fet-left-out").content)
    context = {"job": job, "organization": job.organization, "variant": variant, **found}
    return render(request, "generation/timetable_fet.html", context)
