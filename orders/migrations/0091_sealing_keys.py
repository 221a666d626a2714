"""The keys under which words about people are sealed; each is itself sealed by a key outside the database."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes their table."""

    dependencies = [("orders", "0053_asked_and_saved_searches")]

    operations = [
        migrations.CreateModel(
            name="SealingKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tells_of",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), db_default=[], default=list, size=None
                    ),
                ),
                ("wrapped_by", models.CharField(max_length=32)),
                ("wrapped", models.BinaryField(null=True)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("destroyed_at", models.DateTimeField(editable=False, null=True)),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("person__isnull", False)), fields=("person",), name="sealing_key_of_person"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("order__isnull", False)), fields=("order",), name="sealing_key_of_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("wrapped__isnull", True), ("destroyed_at__isnull", True), _connector="XOR"),
                        name="sealing_key_or_destroyed",
                    ),
                ],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("order__isnull", True), ("person__isnull", True)),
                        fields=["tells_of"],
                        name="sealing_key_tells_of",
                    )
                ],
            },
        ),
    ]
