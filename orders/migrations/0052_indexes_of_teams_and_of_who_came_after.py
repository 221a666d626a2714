"""Indexes of the teams that own orders, and of people who come to an area when the order has ended."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes both."""

    dependencies = [
        ("orders", "0051_tally_of_places"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["owner_force", "team"], name="order_team"),
        ),
        migrations.AddIndex(
            model_name="place",
            index=models.Index(
                condition=models.Q(
                    ("valid_from__gt", models.F("ended_from")),
                    ("valid_until", datetime.datetime(9999, 12, 30, 0, 0, tzinfo=datetime.UTC)),
                ),
                fields=["area", "valid_from"],
                name="place_came_after",
            ),
        ),
    ]
