"""Find the arrests and services of the last days without reading all events."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0004_lists_of_orders")]

    operations = [
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                condition=models.Q(("kind__in", ["ARRESTED", "SERVED"])), fields=["at"], name="event_clock"
            ),
        ),
    ]
