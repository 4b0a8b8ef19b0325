"""Each workflow knows its organization and term, so that the next migration can keep them to one published timetable."""

import django.db.models.deletion
from django.db import migrations, models


def copy_from_jobs(apps, schema_editor):
    Workflow = apps.get_model("generation", "Workflow")
    published = set()
    for workflow in Workflow.objects.select_related("job").order_by("-updated_at"):
        place = (workflow.job.organization_id, workflow.job.term_id)
        changes = {"organization_id": place[0], "term_id": place[1]}
        if workflow.status == "published":
            if place in published:  # only the newest stays
                changes["status"] = "archived"
            published.add(place)
        Workflow.objects.filter(pk=workflow.pk).update(**changes)


class Migration(migrations.Migration):
    dependencies = [
        ("academics", "0004_availability_of_sections"),
        ("generation", "0006_frozen_problem"),
    ]

    operations = [
        migrations.AddField(
            model_name="workflow",
            name="organization",
            field=models.ForeignKey(
                editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="academics.organization"
            ),
        ),
        migrations.AddField(
            model_name="workflow",
            name="term",
            field=models.ForeignKey(
                editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="academics.term"
            ),
        ),
        migrations.RunPython(copy_from_jobs, migrations.RunPython.noop),
    ]
