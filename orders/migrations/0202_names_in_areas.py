"""Parties are found by their names in a local policing area, besides in a force: keys for what is there already."""

from django.db import migrations

# Written anew rather than changed in place, which would leave a dead row beside each and grow the index one by one.
REWRITE = """
SET LOCAL maintenance_work_mem = '256MB';
CREATE TEMPORARY TABLE named ON COMMIT DROP AS
SELECT n.id, n.order_id, n.person_id, n.role, n.tokens, n.date_of_birth, n.pnc_id, ARRAY({keys}) AS keys, n.recording_id
  FROM orders_partyname n{beside};
DROP INDEX party_name_keys;
TRUNCATE orders_partyname;
INSERT INTO orders_partyname (id, order_id, person_id, role, tokens, date_of_birth, pnc_id, keys, recording_id)
SELECT id, order_id, person_id, role, tokens, date_of_birth, pnc_id, keys, recording_id FROM named ORDER BY id;
CREATE INDEX party_name_keys ON orders_partyname USING gin (keys);
ANALYZE orders_partyname;
"""

WITH_AREAS = REWRITE.format(
    keys="""
       SELECT unnest(n.keys) AS key
        UNION SELECT lpa << 34 | abs(token) FROM unnest(placed.lpas) lpa, unnest(n.tokens) token
        ORDER BY key""",
    beside="""
  LEFT JOIN (SELECT l.order_id, array_agg(DISTINCT l.area_id) AS lpas
               FROM orders_place l JOIN orders_area a ON a.id = l.area_id AND a.level = 'lpa'
              GROUP BY l.order_id) placed USING (order_id)""",
)

WITHOUT = REWRITE.format(
    keys="""
       SELECT key FROM unnest(n.keys) key WHERE key >> 34 IN (SELECT id FROM orders_area WHERE level = 'force')
        ORDER BY key""",
    beside="",
)


class Migration(migrations.Migration):
    """Adds the keys, in one pass; what was found in the past keeps those of its forces."""

    dependencies = [("orders", "0201_theme_of_pages")]

    operations = [migrations.RunSQL(WITH_AREAS, WITHOUT)]
