import json
import zlib
from collections import Counter, defaultdict

from django.db import migrations, transaction

FEW = 0.1  # as in generation.electives


def own_groups(curriculum, attended, core, groups):
    """The curriculum's groups with which a student shares the most sections; each of them where that is none."""
    mine = []
    for group in groups:
        whole, _, number = group.rpartition('/')
        if group == curriculum or (whole and whole == curriculum and number.isdecimal()):
            mine.append(group)
    shared = Counter(group for section in attended for group in core.get(section, ()))
    most = max((shared[group] for group in mine), default=0)
    return mine, [group for group in mine if shared[group] == most]


def electives_of(seats, core, curriculum_of):
    """By section: the groups of whose students at least one in ten attends it by choice."""
    groups = {group for found in core.values() for group in found}
    members, taken = Counter(), defaultdict(Counter)
    for student, attended in seats.items():
        mine, own = own_groups(curriculum_of.get(student), attended, core, groups)
        members.update(own)
        for section in attended:
            if core.get(section, set()).isdisjoint(mine):
                taken[section].update(own)
    return {
        section: found
        for section, counts in taken.items()
        if (found := sorted(group for group, number in counts.items() if number >= FEW * members[group]))
    }


def seats_of(data):
    """The sections of each student; without those whose name two have, which stand for nothing here."""
    document = json.loads(zlib.decompress(bytes(data)))
    names = document['sections']
    times = Counter(names)
    return {student: [names[each] for each in row if times[names[each]] == 1] for student, row in document['students'].items()}


def electives_fill(apps, schema_editor):
    """Of what is in review, approved or published; a timetable at a time, and what was done stays done."""
    alias = schema_editor.connection.alias
    rows = {name: apps.get_model('generation', name).objects.using(alias) for name in ('Workflow', 'Seating', 'Entry')}
    students = apps.get_model('academics', 'Student').objects.using(alias).filter(curriculum__isnull=False).order_by()
    shown = rows['Workflow'].filter(status__in=('in_review', 'approved', 'published'), variant__isnull=False)
    for organization, variant in list(shown.order_by().values_list('organization', 'variant')):
        data = rows['Seating'].filter(pk=variant).values_list('data', flat=True).first()
        curriculum_of = dict(students.filter(organization=organization).values_list('code', 'curriculum__code'))
        if not data or not curriculum_of:
            continue
        with transaction.atomic(using=alias):
            entries = list(rows['Entry'].filter(variant=variant).only('section', 'curricula', 'electives'))
            core = {entry.section: set(entry.curricula) for entry in entries}
            found = electives_of(seats_of(data), core, curriculum_of)
            changed = [entry for entry in entries if entry.section in found and not entry.electives]
            for entry in changed:
                entry.electives = found[entry.section]
            rows['Entry'].bulk_update(changed, ['electives'], batch_size=200)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('academics', '0017_usual_spread'),
        ('generation', '0025_electives'),
    ]

    operations = [
        migrations.RunPython(electives_fill, migrations.RunPython.noop),
    ]
