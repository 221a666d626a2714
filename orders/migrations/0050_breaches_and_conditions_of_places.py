"""Search rows say when the order was breached and which conditions run; run rebuild_standing to fill them in."""

import django.contrib.postgres.fields
from django.db import migrations, models

_COLUMNS = """p.order_id, p.area_id, p.valid_from, p.valid_until, p.kind, p.live_from, p.live_until, p.ended_from, p.roles,
       p.roles_shown, p.roles_emailed, p.served_from, p.on_pnc_from, p.on_pnc_until, p.breached_at, p.review_due_on"""

_VIEW = """
DROP VIEW orders_placeasknown;
CREATE VIEW orders_placeasknown AS
SELECT 'now ' || p.id AS row, {columns}, r.recorded_at AS known_from,
       '9999-12-30 00:00:00+00'::timestamptz AS known_until
  FROM orders_place p JOIN orders_recording r ON r.id = p.recording_id
UNION ALL
SELECT 'past ' || p.id, {columns}, r.recorded_at, s.recorded_at
  FROM orders_placepast p
  JOIN orders_recording r ON r.id = p.recording_id
  JOIN orders_recording s ON s.id = p.superseded_id
"""


def _array():
    return django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), null=True, size=None)


class Migration(migrations.Migration):
    """Adds the columns, to the view of past knowledge too."""

    dependencies = [("orders", "0072_entered_twice_index")]

    operations = [
        migrations.AddField("place", "breaches", _array()),
        migrations.AddField("place", "conditions", models.SmallIntegerField(db_default=0)),
        migrations.AddField("placepast", "breaches", _array()),
        migrations.AddField("placepast", "conditions", models.SmallIntegerField(db_default=0)),
        migrations.RunSQL(
            _VIEW.format(columns=f"{_COLUMNS}, p.breaches, p.conditions"), _VIEW.format(columns=_COLUMNS)
        ),
    ]
