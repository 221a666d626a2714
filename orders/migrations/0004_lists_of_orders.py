"""Lists of orders that emails point to."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import orders.models.listing


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_places_without_constraints")]

    operations = [
        migrations.CreateModel(
            name="OrderList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(default=orders.models.listing.new_key, editable=False, max_length=16, unique=True),
                ),
                ("title", models.CharField(max_length=120)),
                (
                    "orders",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "force",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.area"),
                ),
            ],
        ),
    ]
