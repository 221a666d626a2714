"""The permission to open secret addresses waits, once one administrator asked for it, for another."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds two columns that are empty."""

    dependencies = [("orders", "0158_home_of_person_and_record")]

    operations = [
        migrations.AddField(
            model_name="user", name="secret_places_asked_at", field=models.DateTimeField(editable=False, null=True)
        ),
        migrations.AddField(
            model_name="user",
            name="secret_places_asked_by",
            field=models.ForeignKey(
                db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT,
                related_name="+", to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]  # fmt: skip
