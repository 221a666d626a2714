"""By which record a source names somebody whose records were merged."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the columns."""

    dependencies = [("orders", "0156_put_right")]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="party",
            name="fact_as_recorded",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="residence",
            name="fact_as_recorded",
        ),
        migrations.AddField(
            model_name="party",
            name="named",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.person",
            ),
        ),
        migrations.AddField(
            model_name="residence",
            name="named",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.person",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="party",
            trigger=pgtrigger.compiler.Trigger(
                name="fact_as_recorded",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."role" IS DISTINCT FROM (NEW."role") OR OLD."relationship" IS DISTINCT FROM (NEW."relationship") OR OLD."named_id" IS DISTINCT FROM (NEW."named_id") OR OLD."recording_id" IS DISTINCT FROM (NEW."recording_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="1d12b8ffd68bb9537a1bc82fc8f2b6d0e68d6aee",
                    operation="UPDATE",
                    pgid="pgtrigger_fact_as_recorded_b72fb",
                    table="orders_party",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="residence",
            trigger=pgtrigger.compiler.Trigger(
                name="fact_as_recorded",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."named_id" IS DISTINCT FROM (NEW."named_id") OR OLD."source_ref" IS DISTINCT FROM (NEW."source_ref") OR OLD."address" IS DISTINCT FROM (NEW."address") OR OLD."postcode" IS DISTINCT FROM (NEW."postcode") OR OLD."neighbourhood_code" IS DISTINCT FROM (NEW."neighbourhood_code") OR OLD."neighbourhood_id" IS DISTINCT FROM (NEW."neighbourhood_id") OR OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."from_on" IS DISTINCT FROM (NEW."from_on") OR OLD."to_on" IS DISTINCT FROM (NEW."to_on") OR OLD."secret" IS DISTINCT FROM (NEW."secret") OR OLD."source_updated_at" IS DISTINCT FROM (NEW."source_updated_at") OR OLD."recording_id" IS DISTINCT FROM (NEW."recording_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="05f7ad35def6412411cfce680006ae8e9d890123",
                    operation="UPDATE",
                    pgid="pgtrigger_fact_as_recorded_fbf2e",
                    table="orders_residence",
                    when="BEFORE",
                ),
            ),
        ),
    ]
