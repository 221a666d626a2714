"""The indexes by which who looked at an order, and who was born on a day, are found; made while the register is in use."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds two indexes without locking."""

    atomic = False

    dependencies = [("orders", "0006_place_now")]

    operations = [
        AddIndexConcurrently(
            model_name="auditentry",
            index=django.contrib.postgres.indexes.GinIndex(fields=["orders"], name="audit_orders"),
        ),
        AddIndexConcurrently(
            model_name="person",
            index=models.Index(fields=["date_of_birth"], name="person_born"),
        ),
    ]
