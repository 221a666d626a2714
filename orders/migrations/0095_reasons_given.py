"""What reasons opened, until when, and the openings of secret addresses that somebody is told of."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes two tables."""

    dependencies = [
        ("orders", "0094_seal_what_is_held"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("restricted", "A restricted order"),
                            ("historic", "An ended order outside one's area"),
                            ("secret address", "The secret addresses of an order"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "given_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("until", models.DateTimeField()),
                (
                    "entry",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.auditentry",
                    ),
                ),
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SecretOpening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("next_attempt_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("told_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True, db_default="")),
                (
                    "grant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="opening", to="orders.accessgrant"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="accessgrant",
            index=models.Index(fields=["user", "until"], name="grant_held"),
        ),
        migrations.AddConstraint(
            model_name="accessgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("order__isnull", True), ("person__isnull", True), _connector="XOR"),
                name="grant_of_order_or_person",
            ),
        ),
        migrations.AddIndex(
            model_name="secretopening",
            index=models.Index(
                condition=models.Q(("told_at__isnull", True)), fields=["next_attempt_at"], name="opening_owed"
            ),
        ),
    ]
