"""How often each token has asked lately."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0060_areas_of_api_tokens")]

    operations = [
        migrations.CreateModel(
            name="ApiUse",
            fields=[
                (
                    "token",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="use",
                        serialize=False,
                        to="orders.apitoken",
                    ),
                ),
                ("minute", models.DateTimeField()),
                ("requests", models.PositiveIntegerField()),
            ],
        ),
    ]
