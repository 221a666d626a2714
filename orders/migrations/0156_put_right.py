"""What somebody put right by hand, and what the source says all the same."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table."""

    dependencies = [("orders", "0155_last_read")]

    operations = [
        migrations.CreateModel(
            name="PutRight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(max_length=32)),
                ("source_says", models.JSONField(null=True)),
            ],
            options={
                "verbose_name_plural": "put right",
            },
        ),
        migrations.AddField(
            model_name="putright",
            name="order",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.order"
            ),
        ),
        migrations.AddField(
            model_name="putright",
            name="person",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.person"
            ),
        ),
        migrations.AddField(
            model_name="putright",
            name="recording",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.recording"
            ),
        ),
        migrations.AddField(
            model_name="putright",
            name="superseded",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.recording",
            ),
        ),
        migrations.AddConstraint(
            model_name="putright",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded__isnull", True)), fields=("order", "field"), name="put_right_of_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="putright",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded__isnull", True)), fields=("person", "field"), name="put_right_of_person"
            ),
        ),
    ]
