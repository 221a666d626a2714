"""Read from indexes alone when something first happened to an order, and what was known at another time."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes both in the place of ones that they contain."""

    dependencies = [("orders", "0202_names_in_areas")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["order", "at"], name="event_order_at"),
        ),
        migrations.AlterField(
            model_name="event",
            name="order",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="orders.order",
            ),
        ),
        migrations.RemoveIndex(model_name="place", name="place_now"),
        migrations.AddIndex(
            model_name="place",
            index=models.Index(
                fields=["area", "valid_until", "-ended_from", "order"],
                include=("live_from", "live_until", "valid_from", "kind", "roles", "roles_shown", "recording"),
                name="place_now",
            ),
        ),
    ]
