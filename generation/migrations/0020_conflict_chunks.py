import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0019_taken_over'),
    ]

    operations = [
        migrations.AlterField(
            model_name='variant',
            name='conflicts',
            field=models.JSONField(db_default=[], default=list, help_text='Of the previous release, and empty: see ConflictChunk and generation.conflict_store.'),
        ),
        migrations.CreateModel(
            name='ConflictChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(help_text='Hard ones come first, then the larger ones.')),
                ('is_hard', models.BooleanField(help_text='All of its rows are, or none.')),
                ('counts', models.JSONField(help_text='By constraint: how many rows, and what they amount to.')),
                ('rows', models.JSONField(help_text='See generation.conflict_store.')),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conflict_chunks', to='generation.variant')),
            ],
            options={
                'verbose_name_plural': 'conflicts',
                'constraints': [models.UniqueConstraint(fields=('variant', 'number'), name='one_conflict_chunk_per_number')],
            },
        ),
    ]
