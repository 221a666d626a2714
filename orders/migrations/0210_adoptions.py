"""Which orders entered by hand were found to be one that a source sent, so that it can be undone."""

import django.db.models.deletion
from django.db import migrations, models

# What was adopted before this is known by its recording. Since when it was in doubt for that is not told apart from
# other doubts: undone, such an order stays in doubt until its source sends it again.
_HELD = """
    INSERT INTO orders_adoption (entered_id, imported_id, recording_id, moved)
    SELECT e.id, i.id, r.id, jsonb_strip_nulls(jsonb_build_object(
               'followers', coalesce((SELECT jsonb_agg(DISTINCT f.id) FROM orders_order f
                                        JOIN orders_orderversion v ON v.pgh_obj_id = f.id AND v.replaces_id = e.id
                                       WHERE f.replaces_id = i.id), '[]'),
               'replaces', CASE WHEN i.replaces_id = e.replaces_id AND i.replaces_ref = '' THEN e.replaces_id END))
      FROM orders_order e JOIN orders_order i ON i.id = e.same_as_id
      JOIN LATERAL (SELECT max(r.id) AS id FROM orders_recording r
                     WHERE r.action = 'adopt order'
                       AND (r.id = e.recording_id
                            OR r.id IN (SELECT v.recording_id FROM orders_orderversion v WHERE v.pgh_obj_id = e.id))
                   ) r ON r.id IS NOT NULL"""


class Migration(migrations.Migration):
    """Adds a table, and to it what stands of before."""

    dependencies = [("orders", "0204_names_found_at_once")]

    operations = [
        migrations.CreateModel(
            name="Adoption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("moved", models.JSONField(default=dict)),
                (
                    "entered",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="adoptions", to="orders.order"
                    ),
                ),
                (
                    "imported",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="adopted", to="orders.order"
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
                    "undone",
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
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone__isnull", True)), fields=("entered",), name="adopted_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("entered", models.F("imported")), _negated=True), name="adoption_of_two"
                    ),
                ]
            },
        ),
        migrations.RunSQL(_HELD, migrations.RunSQL.noop),
    ]
