"""The indexes by which an order is found by its case number, and people by the first part of a postcode."""

import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds two indexes without locking."""

    atomic = False

    dependencies = [("orders", "0040_names_of_parties")]

    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                models.Func(
                    django.db.models.functions.text.Upper("case_ref"),
                    models.Value("[^A-Z0-9]"),
                    models.Value(""),
                    models.Value("g"),
                    function="regexp_replace",
                    output_field=models.CharField(max_length=100),
                ),
                name="order_case_ref",
            ),
        ),
        AddIndexConcurrently(
            model_name="residence",
            index=models.Index(
                models.Func(
                    "postcode",
                    models.Value(" "),
                    models.Value(1),
                    function="split_part",
                    output_field=models.CharField(max_length=16),
                ),
                condition=models.Q(("superseded__isnull", True)),
                name="residence_outward",
            ),
        ),
    ]
