"""Changes of reference data, legal cards, outlines of areas, and the orders to work out again."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes six tables, and says on recordings from what reference data they were made."""

    dependencies = [
        ("orders", "0130_work_entries"),
    ]

    operations = [
        migrations.CreateModel(
            name="AreaBoundary",
            fields=[
                (
                    "area",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="boundary",
                        serialize=False,
                        to="orders.area",
                    ),
                ),
                ("police_id", models.CharField(blank=True, max_length=40)),
                ("rings", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="LegalCard",
            fields=[
                ("kind", models.CharField(max_length=8, primary_key=True, serialize=False)),
                ("words", models.TextField()),
                ("owner", models.CharField(max_length=100)),
                ("reviewed_on", models.DateField()),
                ("review_due_on", models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name="StaleOrder",
            fields=[
                ("order_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name="recording",
            name="reference",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.CreateModel(
            name="ReferenceChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("areas", "Areas"),
                            ("postcodes", "Postcodes"),
                            ("holidays", "Bank holidays"),
                            ("card", "Legal card"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("to read", "Waiting to be read"),
                            ("proposed", "Proposed, not applied"),
                            ("to apply", "Waiting to be applied"),
                            ("applied", "Applied"),
                            ("to undo", "Waiting to be undone"),
                            ("undone", "Undone"),
                            ("refused", "Refused"),
                            ("discarded", "Discarded"),
                        ],
                        default="proposed",
                        max_length=12,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200)),
                ("vintage", models.CharField(blank=True, max_length=40)),
                ("effective_on", models.DateField(null=True)),
                ("whole", models.BooleanField(default=True)),
                ("reason", models.TextField()),
                ("undo_reason", models.TextField(blank=True)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ("summary", models.JSONField(default=dict)),
                ("problem", models.TextField(blank=True)),
                ("progress", models.JSONField(default=dict)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.recording",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.recording",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="ReferenceLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(db_collation="C", max_length=16)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="orders.referencechange"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("change", "key"), name="reference_line")],
            },
        ),
    ]
