"""Passwords that an administrator gave end; second factors are taken away; where users live, to find looks at it."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds columns that are empty, and a table."""

    dependencies = [("orders", "0163_paces_and_refusals")]

    operations = [
        migrations.AddField(
            model_name="user", name="password_until", field=models.DateTimeField(editable=False, null=True)
        ),
        migrations.AddField(
            model_name="user", name="own_address", field=models.TextField(blank=True, db_default="", default="")
        ),
        migrations.AddField(
            model_name="user", name="own_postcode", field=models.TextField(blank=True, db_default="", default="")
        ),
        migrations.AddField(
            model_name="user",
            name="own_postcode_index",
            field=models.CharField(blank=True, db_collation="C", db_default="", default="", max_length=24),
        ),
        migrations.CreateModel(
            name="FactorReset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("next_attempt_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("told_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True, db_default="")),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.auditentry"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
    ]
