"""A small institution with everything that a run needs."""

from __future__ import annotations

from academics.models import Course, CourseOffering, Curriculum, Instructor, Meeting, Organization, Room, Term
from tests.factories.academics import OrganizationFactory, TermFactory


def university(*, num_courses: int = 6, num_instructors: int = 3, num_rooms: int = 3, num_meetings: int = 2, num_days: int = 5) -> Term:
    """Its current term: courses dealt to instructors in turn, two curricula, rooms for all; easily solved as it stands."""
    organization: Organization = OrganizationFactory()
    term: Term = TermFactory(organization=organization, num_days=num_days)
    instructors = [Instructor.objects.create(organization=organization, code=f"I{n}") for n in range(num_instructors)]
    curricula = [Curriculum.objects.create(organization=organization, code=f"Q{n}") for n in range(2)]
    for n in range(num_rooms):
        Room.objects.create(organization=organization, code=f"R{n}", capacity=40)
    for n in range(num_courses):
        course = Course.objects.create(organization=organization, code=f"C{n}", name=f"Course {n}")
        offering = CourseOffering.objects.create(organization=organization, term=term, course=course, expected_students=20)
        offering.curricula.add(curricula[n % 2])
        if instructors:
            offering.instructors.add(instructors[n % num_instructors])
        Meeting.objects.create(offering=offering, count=num_meetings)
    return term
