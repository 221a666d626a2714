-- The counts that are kept beside the places, as `orders/tally.py` keeps them.
INSERT INTO orders_placetally (area_id, kind, roles, roles_shown, stints)
SELECT area_id, kind, roles, roles_shown, count(*) FROM orders_place WHERE valid_until = %(far)s
 GROUP BY area_id, kind, roles, roles_shown;
