-- The map: forces B01, B02 and so on, 10 local policing areas in each, 30 neighbourhoods in each of those.

INSERT INTO orders_area (id, code, name, level, parent_id, force_id, ons_code, vintage, is_demonstration)
SELECT pg_temp.force_id(f), 'B' || to_char(f + 1, 'FM00'), 'Force ' || f + 1, 'force', NULL, NULL, '', 'invented', true
  FROM generate_series(0, %(forces)s - 1) f;

INSERT INTO orders_area (id, code, name, level, parent_id, force_id, ons_code, vintage, is_demonstration)
SELECT pg_temp.lpa_id(f, l), 'B' || to_char(f + 1, 'FM00') || '-L' || to_char(l + 1, 'FM00'),
       'Area ' || l + 1 || ' of force ' || f + 1, 'lpa', pg_temp.force_id(f), pg_temp.force_id(f), '', 'invented', true
  FROM generate_series(0, %(forces)s - 1) f, generate_series(0, 9) l;

INSERT INTO orders_area (id, code, name, level, parent_id, force_id, ons_code, vintage, is_demonstration)
SELECT pg_temp.hood_id(f, l, n),
       'B' || to_char(f + 1, 'FM00') || '-L' || to_char(l + 1, 'FM00') || '-N' || to_char(n + 1, 'FM00'),
       'Neighbourhood ' || n + 1, 'neighbourhood', pg_temp.lpa_id(f, l), pg_temp.force_id(f), '', 'invented', true
  FROM generate_series(0, %(forces)s - 1) f, generate_series(0, 9) l, generate_series(0, 29) n;

INSERT INTO orders_postcode (postcode, neighbourhood_id, is_demonstration)
SELECT replace(pg_temp.postcode(id, number), ' ', ''), id, true
  FROM orders_area, generate_series(0, 7) number
 WHERE level = 'neighbourhood';

INSERT INTO notifications_mailbox (area_id, address, is_active)
SELECT id, lower(code) || '@lpa.demo.invalid', true FROM orders_area WHERE level = 'lpa';

-- One recording a day for the last 400 days, and one for all that came before.
INSERT INTO orders_recording (id, recorded_at, source, action, reason)
SELECT number, pg_temp.midnight(%(today)s::date - 401 + number), 'bench', 'invent', ''
  FROM generate_series(1, 401) number;
