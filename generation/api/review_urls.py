"""Addresses, included by generation/urls.py."""

from django.urls import URLPattern, URLResolver, path

from generation.api import comparing, editing, reviewing, variants, workflow

# Ids are plain text here: a malformed one gets the API's own 404 after signing in was checked.
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/timetable/published/", variants.PublishedList.as_view(), name="published-list"),
    path("api/timetable/variants/", variants.VariantList.as_view(), name="variant-list"),
    path("api/timetable/variants/<str:variant_id>/", variants.VariantDetail.as_view(), name="variant-detail"),
    path("api/timetable/variants/<str:variant_id>/entries/", variants.VariantEntries.as_view(), name="variant-entries"),
    path("api/timetable/variants/<str:variant_id>/conflicts/", variants.VariantConflicts.as_view(), name="variant-conflicts"),
    path("api/timetable/variants/<str:variant_id>/students/", variants.VariantStudents.as_view(), name="variant-students"),
    path("api/timetable/variants/<str:variant_id>/export/", variants.VariantExport.as_view(), name="variant-export"),
    path("api/timetable/variants/<str:variant_id>/compare/<str:other_id>/", comparing.VariantCompare.as_view(), name="variant-compare"),
    path("api/timetable/variants/<str:variant_id>/copy/", variants.VariantCopy.as_view(), name="variant-copy"),
    path("api/timetable/variants/<str:variant_id>/select/", variants.VariantSelect.as_view(), name="variant-select"),
    path("api/timetable/variants/<str:variant_id>/lectures/<str:lecture>/places/", editing.LecturePlaces.as_view(), name="lecture-places"),
    path("api/timetable/variants/<str:variant_id>/lectures/<str:lecture>/swaps/", editing.LectureSwaps.as_view(), name="lecture-swaps"),
    path("api/timetable/variants/<str:variant_id>/weeks/", editing.VariantWeeks.as_view(), name="variant-weeks"),
    path("api/timetable/variants/<str:variant_id>/edits/", editing.VariantEdits.as_view(), name="variant-edits"),
    path("api/timetable/variants/<str:variant_id>/undo/", editing.VariantUndo.as_view(), name="variant-undo"),
    path("api/timetable/variants/<str:variant_id>/redo/", editing.VariantRedo.as_view(), name="variant-redo"),
    path("api/timetable/workflows/<str:job_id>/", workflow.WorkflowDetail.as_view(), name="workflow-detail"),
    path("api/timetable/workflows/<str:job_id>/approve/", workflow.WorkflowApprove.as_view(), name="workflow-approve"),
    path("api/timetable/workflows/<str:job_id>/reject/", workflow.WorkflowReject.as_view(), name="workflow-reject"),
    path("api/timetable/workflows/<str:job_id>/publish/", workflow.WorkflowPublish.as_view(), name="workflow-publish"),
    path("api/timetable/workflows/<str:job_id>/history/", reviewing.WorkflowHistory.as_view(), name="workflow-history"),
    path("api/timetable/workflows/<str:job_id>/waivers/", reviewing.WorkflowWaivers.as_view(), name="workflow-waivers"),
    path(
        "api/timetable/workflows/<str:job_id>/waivers/<str:waiver_id>/withdraw/",
        reviewing.WaiverWithdraw.as_view(),
        name="waiver-withdraw",
    ),
    path("api/timetable/workflows/<str:job_id>/comments/", reviewing.WorkflowComments.as_view(), name="workflow-comments"),
    path(
        "api/timetable/workflows/<str:job_id>/comments/<str:comment_id>/resolve/",
        reviewing.CommentResolve.as_view(),
        name="comment-resolve",
    ),
]
