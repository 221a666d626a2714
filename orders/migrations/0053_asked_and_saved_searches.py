"""What was typed in the box of a search, for a shift, and searches that are kept under a name."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import orders.models.asked
import orders.models.listing


class Migration(migrations.Migration):
    """Makes the tables."""

    dependencies = [
        ("orders", "0082_reference_data"),
    ]

    operations = [
        migrations.CreateModel(
            name="AskedSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(default=orders.models.listing.new_key, editable=False, max_length=16, unique=True),
                ),
                ("text", models.TextField()),
                ("expires_at", models.DateTimeField(db_index=True, default=orders.models.asked.when_over)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "asked searches",
            },
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(default=orders.models.listing.new_key, editable=False, max_length=16, unique=True),
                ),
                ("name", models.CharField(max_length=80)),
                ("query", models.TextField(blank=True)),
                ("text", models.TextField(blank=True)),
                (
                    "shared_role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("viewer", "Viewer"),
                            ("supervisor", "Supervisor"),
                            ("civil_orders_team", "Civil orders team"),
                            ("auditor", "Auditor"),
                            ("administrator", "Administrator"),
                        ],
                        max_length=20,
                    ),
                ),
                ("is_home", models.BooleanField(default=False)),
                ("alert", models.BooleanField(default=False)),
                (
                    "told",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("looked_at", models.DateTimeField(null=True)),
                ("too_many", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_searches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shared_area",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.area",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "saved searches",
                "ordering": ["name", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("alert", True), ("deleted_at__isnull", True)),
                        fields=["looked_at"],
                        name="saved_search_watched",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("deleted_at__isnull", True)),
                        fields=("owner", "name"),
                        name="saved_search_name",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("deleted_at__isnull", True), ("is_home", True)),
                        fields=("owner",),
                        name="saved_search_home",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("shared_area__isnull", True), ("shared_role", ""), _connector="OR"),
                        name="saved_search_shared_once",
                    ),
                ],
            },
        ),
    ]
