from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0024_handovers'),
    ]

    operations = [
        migrations.AddField(
            model_name='entry',
            name='electives',
            field=models.JSONField(db_default=[], default=list, help_text='Codes of curricula whose students take it by choice: see generation.electives.'),
        ),
    ]
