from django.db import migrations, transaction

ROWS_AT_ONCE = 200
CHUNKS_AT_ONCE = 8


def counted(rows):
    counts = {}
    for row in rows:
        found = counts.setdefault(row['constraint'], [0, 0])
        found[0] += 1
        found[1] += row['amount']
    return counts


def conflicts_move(apps, schema_editor):
    """A variant at a time, each in a transaction of its own: no more of them is in memory, and what was done stays done."""
    variants = apps.get_model('generation', 'Variant').objects.using(schema_editor.connection.alias)
    chunks = apps.get_model('generation', 'ConflictChunk').objects.using(schema_editor.connection.alias)
    for key in list(variants.exclude(conflicts=[]).order_by().values_list('pk', flat=True)):
        with transaction.atomic(using=schema_editor.connection.alias):
            rows = variants.select_for_update().filter(pk=key).values_list('conflicts', flat=True).first()
            if not rows:
                continue
            rows.sort(key=lambda row: (not row['is_hard'], -row['amount'], row['constraint']))
            num_hard = sum(1 for row in rows if row['is_hard'])
            chunks.filter(variant=key).delete()
            made = []
            for start, stop in ((0, num_hard), (num_hard, len(rows))):
                for first in range(start, stop, ROWS_AT_ONCE):
                    part = rows[first : min(first + ROWS_AT_ONCE, stop)]
                    made.append(chunks.model(variant_id=key, number=len(made), is_hard=start < num_hard, counts=counted(part), rows=part))
            chunks.bulk_create(made, batch_size=CHUNKS_AT_ONCE)
            variants.filter(pk=key).update(conflicts=[])


def conflicts_move_back(apps, schema_editor):
    """For the previous release, which reads them beside the variant."""
    variants = apps.get_model('generation', 'Variant').objects.using(schema_editor.connection.alias)
    chunks = apps.get_model('generation', 'ConflictChunk').objects.using(schema_editor.connection.alias)
    for key in list(chunks.filter(number=0).order_by().values_list('variant', flat=True)):
        with transaction.atomic(using=schema_editor.connection.alias):
            variant = variants.select_for_update().filter(pk=key, conflicts=[])
            if variant.first() is None:
                continue
            stored = chunks.filter(variant=key).order_by('number').values_list('rows', flat=True)
            variants.filter(pk=key).update(conflicts=[row for part in stored for row in part])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('generation', '0020_conflict_chunks'),
    ]

    operations = [
        migrations.RunPython(conflicts_move, conflicts_move_back),
    ]
