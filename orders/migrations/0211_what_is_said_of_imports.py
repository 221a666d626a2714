"""Which orders what people say of an import is about; a key may come to tell of more orders, never of fewer."""

import django.contrib.postgres.fields
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds a column, empty until the next migration, and lets one column of keys grow."""

    dependencies = [
        ("orders", "0210_adoptions"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="sealingkey",
            name="sealing_key_fixed",
        ),
        migrations.AddField(
            model_name="upload",
            name="about",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), db_default=[], default=list, size=None
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sealingkey",
            trigger=pgtrigger.compiler.Trigger(
                name="sealing_key_fixed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="518c5857b2e7b0598b5300e740e0e49e9c902261",
                    operation="UPDATE",
                    pgid="pgtrigger_sealing_key_fixed_b3e56",
                    table="orders_sealingkey",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sealingkey",
            trigger=pgtrigger.compiler.Trigger(
                name="sealing_key_tells_more",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT NEW.tells_of @> OLD.tells_of OR (0 = ANY(OLD.tells_of)) <> (NEW.tells_of = ARRAY[0]::bigint[]))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="dbd6b6efbe029f46cab0bc7e392fcef74327fa62",
                    operation="UPDATE",
                    pgid="pgtrigger_sealing_key_tells_more_074cb",
                    table="orders_sealingkey",
                    when="BEFORE",
                ),
            ),
        ),
    ]
