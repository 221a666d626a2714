"""How often somebody asked lately, in a table without a write-ahead log; refused requests in the log."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the table; the new category changes nothing in the database."""

    dependencies = [("orders", "0162_unsealed_words_go")]

    operations = [
        migrations.CreateModel(
            name="Pace",
            fields=[
                ("key", models.CharField(db_collation="C", max_length=80, primary_key=True, serialize=False)),
                ("minute", models.DateTimeField()),
                ("requests", models.PositiveIntegerField()),
            ],
        ),
        migrations.RunSQL("ALTER TABLE orders_pace SET UNLOGGED", "ALTER TABLE orders_pace SET LOGGED"),
        migrations.AlterField(
            model_name="auditentry",
            name="category",
            field=models.CharField(
                choices=[
                    ("collection", "Collection"),
                    ("alteration", "Alteration"),
                    ("consultation", "Consultation"),
                    ("disclosure", "Disclosure"),
                    ("combination", "Combination"),
                    ("erasure", "Erasure"),
                    ("access", "Signing in and out"),
                    ("refusal", "Refused"),
                ],
                max_length=16,
            ),
        ),
    ]
