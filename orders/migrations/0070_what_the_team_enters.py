"""Drafts, forms that were sent, and what was decided about records that look alike."""

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes four tables."""

    dependencies = [
        ("orders", "0081_forces_of_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                    ),
                ),
                ("answers", models.JSONField(default=dict)),
                (
                    "begun_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "order",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="drafts", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-changed_at"],
            },
        ),
        migrations.CreateModel(
            name="SentForm",
            fields=[
                ("key", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("leads_to", models.CharField(blank=True, max_length=200)),
                ("sent_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.recording"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("moved", models.JSONField(default=dict)),
                (
                    "kept",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="merged", to="orders.person"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="merged_into", to="orders.person"
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.recording"
                    ),
                ),
                (
                    "undone",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.recording",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone__isnull", True)), fields=("other",), name="merged_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kept", models.F("other")), _negated=True), name="merge_of_two"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ToldApart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "order",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.order"
                    ),
                ),
                (
                    "other_order",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.order"
                    ),
                ),
                (
                    "other_person",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.person"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.person"
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.recording"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "told apart",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "other_person"), name="people_told_apart"),
                    models.UniqueConstraint(fields=("order", "other_order"), name="orders_told_apart"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("order__isnull", True),
                                ("other_order__isnull", True),
                                ("person__lt", models.F("other_person")),
                            ),
                            models.Q(
                                ("order__lt", models.F("other_order")),
                                ("other_person__isnull", True),
                                ("person__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="told_apart_of_two",
                    ),
                ],
            },
        ),
    ]
