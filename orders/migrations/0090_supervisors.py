"""A role for those who lead: supervisors."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Names the role; the column does not change."""

    dependencies = [
        ("orders", "0007_who_looked"),
    ]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("viewer", "Viewer"),
                        ("supervisor", "Supervisor"),
                        ("civil_orders_team", "Civil orders team"),
                        ("auditor", "Auditor"),
                        ("administrator", "Administrator"),
                    ],
                    max_length=20,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
    ]
