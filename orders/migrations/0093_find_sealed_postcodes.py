"""The indexes by which homes are found when their postcode is sealed; made while the register is in use."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds two and drops those of plain postcodes, without locking."""

    atomic = False

    dependencies = [("orders", "0092_room_for_sealed_words")]

    operations = [
        RemoveIndexConcurrently(model_name="residence", name="residence_postcode"),
        RemoveIndexConcurrently(model_name="residence", name="residence_outward"),
        AddIndexConcurrently(
            model_name="residence",
            index=models.Index(
                condition=models.Q(("superseded__isnull", True), models.Q(("postcode_index", ""), _negated=True)),
                fields=["postcode_index"],
                name="residence_postcode_index",
            ),
        ),
        AddIndexConcurrently(
            model_name="residence",
            index=models.Index(
                condition=models.Q(("superseded__isnull", True), models.Q(("outward_index", ""), _negated=True)),
                fields=["outward_index"],
                name="residence_outward_index",
            ),
        ),
    ]
