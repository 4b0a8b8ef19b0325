import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("academics", "0023_free_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="courseoffering",
            name="taught_with",
            field=models.ForeignKey(
                blank=True,
                help_text="For a course under two codes: the offering whose lecture it is. One teacher and one room for both.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="taught_along",
                to="academics.courseoffering",
            ),
        ),
    ]
