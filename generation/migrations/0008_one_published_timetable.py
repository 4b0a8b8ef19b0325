"""One published timetable for each organization and term."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0007_workflow_organization")]

    operations = [
        migrations.AlterField(
            model_name="workflow",
            name="organization",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="academics.organization"
            ),
        ),
        migrations.AddConstraint(
            model_name="workflow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "published")), fields=("organization", "term"), name="one_published_timetable_per_term"
            ),
        ),
        migrations.AddConstraint(
            model_name="workflow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "published"), ("term__isnull", True)),
                fields=("organization",),
                name="one_published_timetable_without_term",
            ),
        ),
    ]
