"""Room for what users typed, sealed: their drafts, and what they call their saved searches."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the columns, empty until the next migration fills them."""

    dependencies = [("orders", "0142_retention")]

    operations = [
        migrations.AddField(
            model_name="draft", name="text", field=models.TextField(blank=True, db_default="", default="")
        ),
        migrations.AddField(model_name="savedsearch", name="sealed_name", field=models.TextField(db_default="")),
        migrations.AddField(
            model_name="savedsearch",
            name="name_index",
            field=models.CharField(db_collation="C", db_default="", max_length=24),
        ),
    ]
