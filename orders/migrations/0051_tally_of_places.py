"""How many places there are by area and kind, kept beside them."""

import django.db.models.deletion
from django.db import migrations, models

FILL = """
INSERT INTO orders_placetally (area_id, kind, roles, roles_shown, stints)
SELECT area_id, kind, roles, roles_shown, count(*) FROM orders_place WHERE valid_until = '9999-12-30 00:00:00+00'
 GROUP BY area_id, kind, roles, roles_shown
"""


class Migration(migrations.Migration):
    """Makes the table and counts what is there."""

    dependencies = [("orders", "0050_breaches_and_conditions_of_places")]

    operations = [
        migrations.CreateModel(
            name="PlaceTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=8)),
                ("roles", models.SmallIntegerField()),
                ("roles_shown", models.SmallIntegerField()),
                ("stints", models.BigIntegerField()),
                (
                    "area",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.area",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "place tallies",
                "indexes": [
                    models.Index(
                        fields=["area", "kind"],
                        include=("roles", "roles_shown", "stints"),
                        name="place_tally_area",
                    )
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
