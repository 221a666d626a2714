"""Which forces the imports so far were about: those of the orders of their source."""

from django.db import migrations


class Migration(migrations.Migration):
    """Fills in the forces of imports that came before they were kept."""

    dependencies = [("orders", "0080_uploads")]

    operations = [
        migrations.RunSQL(
            """UPDATE orders_importrun r SET forces = s.forces
                 FROM (SELECT source, array_agg(DISTINCT owner_force_id) AS forces FROM orders_order GROUP BY source) s
                WHERE s.source = r.source""",
            migrations.RunSQL.noop,
            elidable=True,
        )
    ]
