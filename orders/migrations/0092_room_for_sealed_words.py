"""Room for sealed words: columns as long as a token is, and by what a home is found when its postcode is sealed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Lets columns grow, which rewrites no table, and adds the derived ones."""

    dependencies = [("orders", "0091_sealing_keys")]

    operations = [
        migrations.AlterField(model_name="event", name="by_whom", field=models.TextField(blank=True)),
        migrations.AlterField(model_name="party", name="relationship", field=models.TextField(blank=True)),
        migrations.AlterField(model_name="residence", name="address", field=models.TextField(blank=True)),
        migrations.AlterField(model_name="residence", name="postcode", field=models.TextField(blank=True)),
        migrations.AddField(
            model_name="residence",
            name="found_in",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.area",
            ),
        ),
        migrations.AddField(
            model_name="residence",
            name="outward_index",
            field=models.CharField(blank=True, db_collation="C", db_default="", max_length=24),
        ),
        migrations.AddField(
            model_name="residence",
            name="postcode_index",
            field=models.CharField(blank=True, db_collation="C", db_default="", max_length=24),
        ),
    ]
