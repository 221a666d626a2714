"""Bundles on their way into the register, and what an import needs to be undone."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the uploads, and to imports their forces, the counts they replaced, and who undid them."""

    dependencies = [
        ("orders", "0061_use_of_api_tokens"),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("digest", models.CharField(db_index=True, max_length=64)),
                ("size", models.BigIntegerField()),
                ("path", models.TextField(blank=True)),
                ("modified_ns", models.BigIntegerField(default=0)),
                (
                    "received_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("to check", "Waiting to be read"),
                            ("checking", "Being read"),
                            ("checked", "Read, not applied"),
                            ("to apply", "Waiting to be applied"),
                            ("applying", "Being applied"),
                            ("applied", "Applied"),
                            ("to undo", "Waiting to be undone"),
                            ("undoing", "Being undone"),
                            ("undone", "Undone"),
                            ("refused", "Refused"),
                            ("failed", "Failed"),
                            ("discarded", "Discarded"),
                        ],
                        default="to check",
                        max_length=12,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("progress", models.JSONField(default=dict)),
                ("outcome", models.JSONField(default=dict)),
                ("problem", models.TextField(blank=True)),
                ("reason", models.TextField(blank=True)),
                (
                    "runs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "seen_at",
                    models.DateTimeField(help_text="When somebody said that they know of its failure.", null=True),
                ),
                ("kept", models.BooleanField(default=True, help_text="Whether its file is still there.")),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="importrun",
            name="import_once",
        ),
        migrations.AddField(
            model_name="importrun",
            name="arrests_before",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="importrun",
            name="forces",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="importrun",
            name="undone_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.recording",
            ),
        ),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(fields=["source", "-extracted_at"], name="import_latest"),
        ),
        migrations.AddConstraint(
            model_name="importrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_by__isnull", True)), fields=("source", "content_hash"), name="import_once"
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="asked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="force",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.area"
            ),
        ),
        migrations.AddField(
            model_name="upload",
            name="run",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="uploads", to="orders.importrun"
            ),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ["to check", "checking", "to apply", "applying", "to undo", "undoing"])
                ),
                fields=["id"],
                name="upload_owed",
            ),
        ),
    ]
