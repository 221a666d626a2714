"""The index by which the doubles of an order are found; made while the register is in use."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds one index without locking."""

    atomic = False

    dependencies = [("orders", "0071_entered_twice")]

    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                fields=["same_as"], name="order_entered_twice", condition=models.Q(("same_as__isnull", False))
            ),
        ),
    ]
