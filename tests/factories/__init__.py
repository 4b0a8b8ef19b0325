"""Rows for tests. `review_job` is the whole story: an organization, a term, a finished job with variants."""

from tests.factories.academics import MembershipFactory, OrganizationFactory, TermFactory, UserFactory, member
from tests.factories.generation import EntryFactory, JobFactory, VariantFactory, WorkflowFactory, review_job

__all__ = [
    "EntryFactory",
    "JobFactory",
    "MembershipFactory",
    "OrganizationFactory",
    "TermFactory",
    "UserFactory",
    "VariantFactory",
    "WorkflowFactory",
    "member",
    "review_job",
]
