from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("academics", "0017_usual_spread"),
    ]

    operations = [
        migrations.AddField(
            model_name="term",
            name="week_start",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (0, "Monday"),
                    (1, "Tuesday"),
                    (2, "Wednesday"),
                    (3, "Thursday"),
                    (4, "Friday"),
                    (5, "Saturday"),
                    (6, "Sunday"),
                ],
                db_default=0,
                default=0,
                help_text="What an order and days apart go by.",
                verbose_name="the week begins on",
            ),
        ),
    ]
