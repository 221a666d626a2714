"""Away with days that all areas shared: each area has its own. No release had them, so there is nothing to keep."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_the_daily_email"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="delivery",
            name="area",
        ),
        migrations.RemoveField(
            model_name="delivery",
            name="digest",
        ),
        migrations.RemoveField(
            model_name="delivery",
            name="run",
        ),
        migrations.RemoveField(
            model_name="digest",
            name="area",
        ),
        migrations.RemoveField(
            model_name="digest",
            name="run",
        ),
        migrations.DeleteModel(
            name="Carried",
        ),
        migrations.DeleteModel(
            name="Delivery",
        ),
        migrations.DeleteModel(
            name="Digest",
        ),
        migrations.DeleteModel(
            name="DigestRun",
        ),
    ]
