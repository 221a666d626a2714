"""The view that search reads when asked what was known at an instant: present and past places with the dates of knowledge."""

from django.db import migrations

VIEW = """
CREATE VIEW orders_placeasknown AS
SELECT 'now ' || p.id AS row, p.order_id, p.area_id, p.valid_from, p.valid_until, p.kind, p.live_from, p.live_until,
       p.ended_from, p.roles, p.roles_shown, p.roles_emailed, p.served_from, p.on_pnc_from, p.on_pnc_until,
       p.breached_at, p.review_due_on, r.recorded_at AS known_from, '9999-12-30 00:00:00+00'::timestamptz AS known_until
  FROM orders_place p JOIN orders_recording r ON r.id = p.recording_id
UNION ALL
SELECT 'past ' || p.id, p.order_id, p.area_id, p.valid_from, p.valid_until, p.kind, p.live_from, p.live_until,
       p.ended_from, p.roles, p.roles_shown, p.roles_emailed, p.served_from, p.on_pnc_from, p.on_pnc_until,
       p.breached_at, p.review_due_on, r.recorded_at, s.recorded_at
  FROM orders_placepast p
  JOIN orders_recording r ON r.id = p.recording_id
  JOIN orders_recording s ON s.id = p.superseded_id
"""


class Migration(migrations.Migration):
    """Makes the view."""

    dependencies = [("orders", "0001_the_record")]

    operations = [migrations.RunSQL(VIEW, "DROP VIEW orders_placeasknown")]
