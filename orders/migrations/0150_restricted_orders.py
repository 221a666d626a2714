"""The index that knows the few restricted orders, so that a search can leave them out; made while it is in use."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds one index without locking."""

    atomic = False

    dependencies = [("orders", "0164_accounts_given_and_reset")]

    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(fields=["id"], name="order_restricted", condition=models.Q(("restricted", True))),
        ),
    ]
