"""Takes away the columns in which what users typed lay unsealed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Drops two columns; a saved search is one of its kind by the index of its name."""

    dependencies = [("orders", "0161_seal_what_people_say")]

    operations = [
        migrations.AlterModelOptions(
            name="savedsearch", options={"ordering": ["pk"], "verbose_name_plural": "saved searches"}
        ),
        migrations.RemoveConstraint(model_name="savedsearch", name="saved_search_name"),
        migrations.RemoveField(model_name="draft", name="answers"),
        migrations.RemoveField(model_name="savedsearch", name="name"),
        migrations.AddConstraint(
            model_name="savedsearch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=("owner", "name_index"),
                name="saved_search_name",
            ),
        ),
    ]
