from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("academics", "0025_recipe_runs"),
    ]

    operations = [
        migrations.AddField(
            model_name="courseoffering",
            name="chooses_instructor",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Where nobody is named: one of those who can teach the course, as their loads allow.",
                verbose_name="the program chooses who teaches",
            ),
        ),
        migrations.AddField(
            model_name="instructor",
            name="can_teach",
            field=models.ManyToManyField(
                blank=True,
                help_text="Courses that may be given to this person.",
                related_name="can_be_taught_by",
                to="academics.course",
            ),
        ),
    ]
