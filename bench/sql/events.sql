-- The conditions and events of a chunk, or of a sample of it.

INSERT INTO orders_condition (order_id, source_ref, code, text, begins_is_date, until_is_date, recording_id)
SELECT id, 'C-' || id || '-' || number, (ARRAY['A', 'B', 'C', 'D', 'H', 'G'])[1 + mod(pg_temp.pick(id, 90, 6) + number, 6)],
       (ARRAY['Must not use or threaten violence against the protected person.',
              'Must not contact the protected person directly or through others.',
              'Must not enter the home of the protected person.',
              'Must not go within 100 metres of the home of the protected person.',
              'Must not message or follow the protected person by any electronic means.',
              'Must attend a programme as directed.'])[1 + mod(pg_temp.pick(id, 90, 6) + number, 6)], false, false, recording_id
  FROM history, generate_series(1, 2 + pg_temp.pick(id, 91, 3)) number
 WHERE mod(id, %(sample)s) = 0 ORDER BY id, number;

INSERT INTO orders_event (order_id, source_ref, kind, at, at_is_date, until, until_is_date, until_open, by_whom, text,
                          retracts_ref, recording_id)
SELECT id, 'E-' || id || '-' || e.kind, e.kind, e.at, false, e.until, e.until IS NOT NULL, e.is_open,
       CASE WHEN e.kind = 'SERVED' THEN 'PC 2000' ELSE '' END,
       CASE WHEN e.kind = 'BREACHED' THEN 'Seen outside the home (invented).' ELSE '' END, '', recording_id
  FROM history h, LATERAL (VALUES
       ('APPLIED', applied, NULL::timestamptz, false),
       ('AUTHORISED', authorised, NULL, false),
       ('MADE', made, pg_temp.midnight(until_on), until_open),
       ('SERVED', served, NULL, false),
       ('TOLD', told, NULL, false),
       ('HEARING', heard, NULL, false),
       ('ON_PNC', on_pnc, NULL, false),
       ('VARIED', varied, pg_temp.midnight(varied_until), false),
       ('BREACHED', breached, NULL, false),
       ('ARRESTED', CASE WHEN pg_temp.roll(id, 92) < 0.6 THEN breached + interval '1 hour' END, NULL, false),
       ('REVIEWED', reviewed, pg_temp.midnight(reviewed_until), false),
       (CASE WHEN is_notice OR made IS NULL THEN (ARRAY['REFUSED', 'WITHDRAWN'])[1 + pg_temp.pick(id, 93, 2)]
             ELSE (ARRAY['DISCHARGED', 'DISCHARGED', 'DISCHARGED', 'QUASHED', 'SET_ASIDE'])[1 + pg_temp.pick(id, 93, 5)] END,
        ended_at, NULL, false),
       ('OFF_PNC', off_pnc, NULL, false)) e (kind, at, until, is_open)
 WHERE e.at IS NOT NULL AND mod(id, %(sample)s) = 0
 ORDER BY id, e.at;
