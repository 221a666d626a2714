"""How a protected person can be reached without harm, sealed; only ever added to."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds a table."""

    dependencies = [
        ("orders", "0180_permission_waits_for_a_second"),
    ]

    operations = [
        migrations.CreateModel(
            name="SafeContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("safe", models.TextField(blank=True)),
                ("never", models.TextField(blank=True)),
                ("children", models.TextField(blank=True)),
                ("language", models.TextField(blank=True)),
                ("interpreter", models.TextField(blank=True)),
                ("kept_back", models.TextField(blank=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="safe_contacts", to="orders.person"
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.recording",
                    ),
                ),
                (
                    "superseded",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.recording",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="safecontact",
            trigger=pgtrigger.compiler.Trigger(
                name="fact_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="8b2d32e6a3746791c36414088c8bb449e3ac13bb",
                    operation="DELETE",
                    pgid="pgtrigger_fact_kept_04483",
                    table="orders_safecontact",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="safecontact",
            trigger=pgtrigger.compiler.Trigger(
                name="fact_as_recorded",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."safe" IS DISTINCT FROM (NEW."safe") OR OLD."never" IS DISTINCT FROM (NEW."never") OR OLD."children" IS DISTINCT FROM (NEW."children") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."interpreter" IS DISTINCT FROM (NEW."interpreter") OR OLD."kept_back" IS DISTINCT FROM (NEW."kept_back") OR OLD."recording_id" IS DISTINCT FROM (NEW."recording_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="6f8cc2abafdc7f29ed279492440a3f7550f85e5c",
                    operation="UPDATE",
                    pgid="pgtrigger_fact_as_recorded_7ff7a",
                    table="orders_safecontact",
                    when="BEFORE",
                ),
            ),
        ),
    ]
