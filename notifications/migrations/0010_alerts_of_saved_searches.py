"""Runs that tell the owner of a saved search of orders that entered it."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the columns; a day has one run of its area, alerts beside it."""

    dependencies = [
        ("notifications", "0003_runs_by_area"),
        ("orders", "0053_asked_and_saved_searches"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="digestrun",
            options={"base_manager_name": "every", "ordering": ["-day", "area__code"]},
        ),
        migrations.AlterModelManagers(
            name="digestrun",
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("every", django.db.models.manager.Manager()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="digestrun",
            name="run_once",
        ),
        migrations.AddField(
            model_name="digestrun",
            name="alert_of",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="orders.savedsearch"
            ),
        ),
        migrations.AddField(
            model_name="digestrun",
            name="is_alert",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="digestrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_alert", False)), fields=("area", "day"), name="run_of_day_once"
            ),
        ),
    ]
