"""How pages look to somebody: light, dark or as their device is set."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds a column that is empty."""

    dependencies = [("orders", "0200_safe_contact")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="theme",
            field=models.CharField(
                blank=True, choices=[("light", "Light"), ("dark", "Dark")], db_default="", default="", max_length=5
            ),
        ),
    ]
