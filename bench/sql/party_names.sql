-- By which names the parties of some orders are found, as `orders/party_names.py` works it out; `standing_check` proves it.

INSERT INTO orders_partyname (order_id, person_id, role, tokens, date_of_birth, pnc_id, keys, recording_id)
WITH placed AS MATERIALIZED (
    SELECT l.order_id, array_agg(DISTINCT a.id) FILTER (WHERE a.level = 'force') AS forces,
           coalesce(array_agg(DISTINCT a.id) FILTER (WHERE a.level = 'lpa'), '{}') AS lpas
      FROM orders_place l JOIN orders_area a ON a.id = l.area_id AND a.level <> 'neighbourhood'
     WHERE l.order_id BETWEEN %(first)s AND %(last)s
     GROUP BY l.order_id
), called AS MATERIALIZED (
    SELECT t.order_id, t.person_id, t.role, t.recording_id, p.date_of_birth, p.pnc_id, f.ids || g.ids AS own,
           coalesce(af.ids || ag.ids, '{}') AS other,
           f.initials || g.initials || coalesce(af.initials || ag.initials, '{}') AS initials
      FROM orders_party t
      JOIN orders_person p ON p.id = t.person_id
      JOIN bench_name f ON f.sort = 'family' AND f.name = p.family_name
      JOIN bench_name g ON g.sort = 'given' AND g.name = p.given_names
      LEFT JOIN bench_name af ON af.sort = 'family' AND af.name = p.aliases -> 0 ->> 0
      LEFT JOIN bench_name ag ON ag.sort = 'given' AND ag.name = p.aliases -> 0 ->> 1
     WHERE t.order_id BETWEEN %(first)s AND %(last)s
)
SELECT c.order_id, person_id, role,
       ARRAY(SELECT DISTINCT token FROM (SELECT unnest(own) UNION ALL
                                         SELECT -id FROM unnest(other) id WHERE id <> ALL(own)) one (token) ORDER BY token),
       date_of_birth, pnc_id,
       ARRAY(SELECT DISTINCT force << 34 | thing
               FROM unnest(forces) force,
                    (SELECT id::bigint FROM unnest(own || other) id
                     UNION ALL SELECT 3::bigint << 32 | letter FROM unnest(initials) letter
                     UNION ALL SELECT 1::bigint << 32 | value
                                 FROM unnest(ARRAY[date_of_birth - date '0001-01-01' + 1,
                                                   4000000 + extract(year FROM date_of_birth)::integer * 12
                                                   + extract(month FROM date_of_birth)::integer,
                                                   5000000 + extract(year FROM date_of_birth)::integer]) value
                                WHERE date_of_birth IS NOT NULL
                     UNION ALL SELECT 2::bigint << 32 | crc32(pnc_id::bytea) WHERE pnc_id <> '') it (thing)
              UNION SELECT lpa << 34 | token FROM unnest(lpas) lpa, unnest(own || other) token
              ORDER BY 1), recording_id
  FROM called c JOIN placed USING (order_id)
 ORDER BY c.order_id, person_id;
