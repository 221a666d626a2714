"""Keys, reasons and openings stay: the database refuses to delete them, and to change more of them than it must."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """Adds triggers."""

    dependencies = [
        ("orders", "0096_erase_people"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="accessgrant",
            trigger=pgtrigger.compiler.Trigger(
                name="grant_as_given",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="049de57a18cbfa9045ea6749d837a2d576a61bb3",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_grant_as_given_02921",
                    table="orders_accessgrant",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sealingkey",
            trigger=pgtrigger.compiler.Trigger(
                name="sealing_key_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="5a0b50a1affba0665742ef2b4f56df72ae9892d8",
                    operation="DELETE",
                    pgid="pgtrigger_sealing_key_kept_e5d26",
                    table="orders_sealingkey",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sealingkey",
            trigger=pgtrigger.compiler.Trigger(
                name="sealing_key_fixed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id") OR OLD."tells_of" IS DISTINCT FROM (NEW."tells_of") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="7a1207df09086c8d5f922d8b94e872beebfecee0",
                    operation="UPDATE",
                    pgid="pgtrigger_sealing_key_fixed_b3e56",
                    table="orders_sealingkey",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="secretopening",
            trigger=pgtrigger.compiler.Trigger(
                name="opening_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="8eb6452cee125bed79fbb55afce3b93f3083e6c1",
                    operation="DELETE",
                    pgid="pgtrigger_opening_kept_44b76",
                    table="orders_secretopening",
                    when="BEFORE",
                ),
            ),
        ),
    ]
