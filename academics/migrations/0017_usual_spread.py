from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('academics', '0016_import_readings'),
    ]

    operations = [
        migrations.AlterField(
            model_name='courseoffering',
            name='min_days',
            field=models.PositiveSmallIntegerField(default=0, help_text='Days over which its lectures should be spread. 0: as is usual.', verbose_name='days to spread over'),
        ),
    ]
