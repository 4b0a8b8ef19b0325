"""Addresses of the REST interface. Ids are plain text here: a malformed one gets the API's own 404 after signing in was checked."""

from django.urls import URLPattern, URLResolver, path

from generation.comparison import api as comparison_api
from generation.dates import api as dates_api
from generation.demand import api as demand_api
from generation.editing import api as editing_api
from generation.editing.api import VariantCopy
from generation.publication import api as feeds_api
from generation.publication import week_api
from generation.readiness import api as readiness_api
from generation.review import api as review_api
from generation.review import workflow_api
from generation.review.api import VariantSelect
from generation.rulebook import api as rulebook_api
from generation.runs import api as runs_api
from generation.variants import api as variants_api
from generation.wishes import api as wishes_api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/generation-jobs/", runs_api.JobList.as_view(), name="job-list"),
    path("api/generation-jobs/generate/", runs_api.JobGenerate.as_view(), name="job-generate"),
    path("api/generation-jobs/<str:job_id>/", runs_api.JobDetail.as_view(), name="job-detail"),
    path("api/generation-jobs/<str:job_id>/cancel/", runs_api.JobCancel.as_view(), name="job-cancel"),
    path("api/generation-jobs/<str:job_id>/stop/", runs_api.JobStop.as_view(), name="job-stop"),
    path("api/timetable/published/", variants_api.PublishedList.as_view(), name="published-list"),
    path("api/timetable/published/week/", week_api.PublishedWeek.as_view(), name="published-week"),
    path("api/timetable/me/week/", week_api.OwnWeek.as_view(), name="own-week"),
    path("api/timetable/exceptions/", dates_api.ExceptionList.as_view(), name="api-exceptions"),
    path("api/timetable/exceptions/<str:exception_id>/", dates_api.ExceptionDetail.as_view(), name="api-exception"),
    path("api/timetable/variants/", variants_api.VariantList.as_view(), name="variant-list"),
    path("api/timetable/variants/<str:variant_id>/", variants_api.VariantDetail.as_view(), name="variant-detail"),
    path("api/timetable/variants/<str:variant_id>/entries/", variants_api.VariantEntries.as_view(), name="variant-entries"),
    path("api/timetable/variants/<str:variant_id>/conflicts/", variants_api.VariantConflicts.as_view(), name="variant-conflicts"),
    path("api/timetable/variants/<str:variant_id>/students/", variants_api.VariantStudents.as_view(), name="variant-students"),
    path("api/timetable/variants/<str:variant_id>/export/", variants_api.VariantExport.as_view(), name="variant-export"),
    path(
        "api/timetable/variants/<str:variant_id>/compare/<str:other_id>/", comparison_api.VariantCompare.as_view(), name="variant-compare"
    ),
    path("api/timetable/variants/<str:variant_id>/copy/", VariantCopy.as_view(), name="variant-copy"),
    path("api/timetable/variants/<str:variant_id>/select/", VariantSelect.as_view(), name="variant-select"),
    path(
        "api/timetable/variants/<str:variant_id>/lectures/<str:lecture>/places/", editing_api.LecturePlaces.as_view(), name="lecture-places"
    ),
    path("api/timetable/variants/<str:variant_id>/lectures/<str:lecture>/swaps/", editing_api.LectureSwaps.as_view(), name="lecture-swaps"),
    path("api/timetable/variants/<str:variant_id>/weeks/", editing_api.VariantWeeks.as_view(), name="variant-weeks"),
    path("api/timetable/variants/<str:variant_id>/edits/", editing_api.VariantEdits.as_view(), name="variant-edits"),
    path("api/timetable/variants/<str:variant_id>/undo/", editing_api.VariantUndo.as_view(), name="variant-undo"),
    path("api/timetable/variants/<str:variant_id>/redo/", editing_api.VariantRedo.as_view(), name="variant-redo"),
    path("api/timetable/workflows/<str:job_id>/", workflow_api.WorkflowDetail.as_view(), name="workflow-detail"),
    path("api/timetable/workflows/<str:job_id>/approve/", workflow_api.WorkflowApprove.as_view(), name="workflow-approve"),
    path("api/timetable/workflows/<str:job_id>/reject/", workflow_api.WorkflowReject.as_view(), name="workflow-reject"),
    path("api/timetable/workflows/<str:job_id>/publish/", workflow_api.WorkflowPublish.as_view(), name="workflow-publish"),
    path("api/timetable/workflows/<str:job_id>/history/", review_api.WorkflowHistory.as_view(), name="workflow-history"),
    path("api/timetable/workflows/<str:job_id>/waivers/", review_api.WorkflowWaivers.as_view(), name="workflow-waivers"),
    path(
        "api/timetable/workflows/<str:job_id>/waivers/<str:waiver_id>/withdraw/",
        review_api.WaiverWithdraw.as_view(),
        name="waiver-withdraw",
    ),
    path("api/timetable/workflows/<str:job_id>/comments/", review_api.WorkflowComments.as_view(), name="workflow-comments"),
    path(
        "api/timetable/workflows/<str:job_id>/comments/<str:comment_id>/resolve/",
        review_api.CommentResolve.as_view(),
        name="comment-resolve",
    ),
    path("api/readiness/", readiness_api.ReadinessView.as_view(), name="api-readiness"),
    path("api/rules/", rulebook_api.RuleList.as_view(), name="api-rules"),
    path("api/rules/<str:rule_id>/", rulebook_api.RuleDetail.as_view(), name="api-rule"),
    path("api/wishes/", wishes_api.WishList.as_view(), name="api-wishes"),
    path("api/wishes/<str:answer_id>/", wishes_api.WishDetail.as_view(), name="api-wish"),
    path("api/demand/", demand_api.DemandView.as_view(), name="api-demand"),
    path("api/demand/courses/", demand_api.DemandCourses.as_view(), name="api-demand-courses"),
    path("api/demand/matrix/", demand_api.DemandMatrix.as_view(), name="api-demand-matrix"),
    path("api/demand/split/", demand_api.DemandSplit.as_view(), name="api-demand-split"),
    path("api/demand/bands/", demand_api.DemandBands.as_view(), name="api-demand-bands"),
    path("api/demand/bands/<path:band>/", demand_api.DemandBand.as_view(), name="api-demand-band"),
    path("api/feeds/", feeds_api.FeedList.as_view(), name="feed-list"),
    path("api/feeds/<str:feed_id>/", feeds_api.FeedDetail.as_view(), name="feed-detail"),
]
