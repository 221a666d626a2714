"""Tokens that read one area only."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0090_supervisors")]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="area",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.area",
            ),
        ),
    ]
