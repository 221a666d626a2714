"""An order entered by hand and imported too: which of the two stands for both."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the order as whose double another was found out."""

    dependencies = [
        ("orders", "0070_what_the_team_enters"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="order",
            name="before_update",
        ),
        migrations.AddField(
            model_name="order",
            name="same_as",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entered_as",
                to="orders.order",
            ),
        ),
        migrations.AddField(
            model_name="orderversion",
            name="same_as",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="orders.order",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="before_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."case_ref" IS DISTINCT FROM (NEW."case_ref") OR OLD."court" IS DISTINCT FROM (NEW."court") OR OLD."doubt_since" IS DISTINCT FROM (NEW."doubt_since") OR OLD."first_recording_id" IS DISTINCT FROM (NEW."first_recording_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."officer" IS DISTINCT FROM (NEW."officer") OR OLD."owner_force_id" IS DISTINCT FROM (NEW."owner_force_id") OR OLD."power_of_arrest" IS DISTINCT FROM (NEW."power_of_arrest") OR OLD."public_id" IS DISTINCT FROM (NEW."public_id") OR OLD."recording_id" IS DISTINCT FROM (NEW."recording_id") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."replaces_id" IS DISTINCT FROM (NEW."replaces_id") OR OLD."replaces_ref" IS DISTINCT FROM (NEW."replaces_ref") OR OLD."restricted" IS DISTINCT FROM (NEW."restricted") OR OLD."restricted_reason" IS DISTINCT FROM (NEW."restricted_reason") OR OLD."same_as_id" IS DISTINCT FROM (NEW."same_as_id") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."source_ref" IS DISTINCT FROM (NEW."source_ref") OR OLD."source_updated_at" IS DISTINCT FROM (NEW."source_updated_at") OR OLD."team" IS DISTINCT FROM (NEW."team") OR OLD."without_notice" IS DISTINCT FROM (NEW."without_notice"))',
                    func='INSERT INTO "orders_orderversion" ("case_ref", "court", "doubt_since", "first_recording_id", "id", "kind", "officer", "owner_force_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "power_of_arrest", "public_id", "recording_id", "reference", "replaces_id", "replaces_ref", "restricted", "restricted_reason", "same_as_id", "source", "source_ref", "source_updated_at", "team", "without_notice") VALUES (OLD."case_ref", OLD."court", OLD."doubt_since", OLD."first_recording_id", OLD."id", OLD."kind", OLD."officer", OLD."owner_force_id", NOW(), \'before\', OLD."id", OLD."power_of_arrest", OLD."public_id", OLD."recording_id", OLD."reference", OLD."replaces_id", OLD."replaces_ref", OLD."restricted", OLD."restricted_reason", OLD."same_as_id", OLD."source", OLD."source_ref", OLD."source_updated_at", OLD."team", OLD."without_notice"); RETURN NULL;',
                    hash="48cdd1c6267dfe49ff30a343b97e3a34d29fa6d4",
                    operation="UPDATE",
                    pgid="pgtrigger_before_update_4ccf9",
                    table="orders_order",
                    when="AFTER",
                ),
            ),
        ),
    ]
