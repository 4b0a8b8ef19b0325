"""A whole small university: enough to generate from, and to show that nobody sees another's."""

from __future__ import annotations

import datetime as dt

from academics.models import (
    Building,
    Course,
    CourseOffering,
    Curriculum,
    Department,
    Enrolment,
    Instructor,
    Meeting,
    Period,
    Room,
    Student,
    Term,
)
from tests.factories.academics import OrganizationFactory


def small_university(code: str = "small", *, num_courses: int = 6, num_instructors: int = 3, num_rooms: int = 3) -> Term:
    """Six courses of two lectures, one programme of ten students, five days of four periods."""
    mine = {"organization": OrganizationFactory(code=code)}
    term = Term.objects.create(**mine, code="T1", name="Autumn", num_days=5)
    Period.objects.bulk_create(Period(term=term, index=i, starts_at=dt.time(8 + i), ends_at=dt.time(8 + i, 50)) for i in range(4))
    department = Department.objects.create(**mine, code="MATH", name="Mathematics")
    building = Building.objects.create(**mine, code="MAIN")
    Room.objects.bulk_create(Room(**mine, code=f"R{n}", capacity=40, building=building) for n in range(num_rooms))
    curriculum = Curriculum.objects.create(**mine, code="Y1", department=department)
    instructors = [Instructor.objects.create(**mine, code=f"I{n}", department=department) for n in range(num_instructors)]
    students = [Student.objects.create(**mine, code=f"S{n}", department=department, curriculum=curriculum) for n in range(10)]
    for number in range(num_courses):
        course = Course.objects.create(**mine, code=f"C{number}", name=f"Course {number}", department=department)
        offering = CourseOffering.objects.create(**mine, term=term, course=course)
        offering.instructors.set(instructors[number % num_instructors :][:1] if instructors else [])
        offering.curricula.set([curriculum])
        Meeting.objects.create(offering=offering, count=2)
        Enrolment.objects.bulk_create(Enrolment(**mine, student=student, offering=offering) for student in students)
    return term
