"""What an import last read of each order and person, so that the next need not read again what is the same."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table."""

    dependencies = [("orders", "0150_restricted_orders")]

    operations = [
        migrations.CreateModel(
            name="LastRead",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "is_person", "owner_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("is_person", models.BooleanField()),
                ("owner_id", models.BigIntegerField()),
                ("digest", models.BinaryField(null=True)),
                ("touched_id", models.BigIntegerField(null=True)),
            ],
        ),
    ]
