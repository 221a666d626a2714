"""Room for sealed words: columns as long as a token is, and by what a home is found when its postcode is sealed."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

_HELD: list[tuple[str, str]] = []


def take_off(apps: Any, schema_editor: Any) -> None:
    """Take the triggers off that name a column which grows: PostgreSQL changes no type of such a column."""
    _HELD.clear()
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass), pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgrelid IN"
            " ('orders_event'::regclass, 'orders_party'::regclass, 'orders_residence'::regclass)"
        )
        _HELD.extend(cursor.fetchall())
        for drop, _ in _HELD:
            cursor.execute(drop)


def put_back(apps: Any, schema_editor: Any) -> None:
    """Put them back as they were, in the same transaction."""
    with schema_editor.connection.cursor() as cursor:
        for _, definition in _HELD:
            cursor.execute(definition)


class Migration(migrations.Migration):
    """Lets columns grow, which rewrites no table, and adds the derived ones."""

    dependencies = [("orders", "0091_sealing_keys")]

    operations = [
        migrations.RunPython(take_off, put_back),
        migrations.AlterField(model_name="event", name="by_whom", field=models.TextField(blank=True)),
        migrations.AlterField(model_name="party", name="relationship", field=models.TextField(blank=True)),
        migrations.AlterField(model_name="residence", name="address", field=models.TextField(blank=True)),
        migrations.AlterField(model_name="residence", name="postcode", field=models.TextField(blank=True)),
        migrations.RunPython(put_back, take_off),
        migrations.AddField(
            model_name="residence",
            name="found_in",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.area",
            ),
        ),
        migrations.AddField(
            model_name="residence",
            name="outward_index",
            field=models.CharField(blank=True, db_collation="C", db_default="", max_length=24),
        ),
        migrations.AddField(
            model_name="residence",
            name="postcode_index",
            field=models.CharField(blank=True, db_collation="C", db_default="", max_length=24),
        ),
    ]
