-- The places of a chunk, as `orders/places.py` works them out; `standing_check` proves it.

DROP TABLE IF EXISTS outlook, stay, stint;

-- One outlook from each instant at which something takes effect. An order made in another way than a notice waits in
-- the outlook of its making; an order of family courts made without notice has another one once its respondent knows.
CREATE TEMP TABLE outlook AS
WITH cut AS (
    SELECT id, %(dawn)s::timestamptz AS at FROM history
    UNION SELECT id, coalesce(least(served, told), %(dawn)s) FROM history WHERE kind = 'NMO' AND made IS NOT NULL AND without_notice IS NOT FALSE
    UNION SELECT id, varied FROM history WHERE varied IS NOT NULL
    UNION SELECT id, ended_at FROM history WHERE ended_at IS NOT NULL AND (made IS NOT NULL OR is_notice)
    UNION SELECT id, determined_at FROM history WHERE determined_at IS NOT NULL AND (made IS NOT NULL OR served IS NOT NULL)
    UNION SELECT id, heard FROM history WHERE heard IS NOT NULL
), period AS (
    SELECT id, at AS valid_from, lead(at, 1, %(far)s::timestamptz) OVER (PARTITION BY id ORDER BY at) AS valid_until FROM cut
), known AS (
    SELECT h.*, valid_from, valid_until,
           CASE WHEN ended_at <= valid_from THEN ended_at WHEN determined_at <= valid_from THEN determined_at END AS ended
      FROM period JOIN history h USING (id)
)
SELECT id AS order_id, valid_from, valid_until,
       coalesce(CASE WHEN is_notice THEN served ELSE made END, ended_at, determined_at, %(far)s) AS live_from,
       CASE WHEN is_notice AND served IS NULL THEN coalesce(determined_at, %(far)s)
            WHEN is_notice THEN coalesce(ended, CASE WHEN heard <= valid_from THEN %(far)s ELSE deadline + interval '1 microsecond' END)
            WHEN made IS NULL THEN coalesce(ended_at, %(far)s)
            WHEN ended IS NOT NULL THEN ended
            WHEN until_open THEN %(far)s
            WHEN until_on IS NULL THEN made
            ELSE pg_temp.midnight(1 + CASE WHEN varied <= valid_from THEN varied_until ELSE until_on END) END AS live_until,
       CASE WHEN is_notice AND served IS NULL THEN coalesce(determined_at, %(far)s)
            WHEN is_notice THEN coalesce(ended, %(far)s)
            WHEN made IS NULL THEN coalesce(ended_at, %(far)s)
            WHEN ended IS NOT NULL THEN ended
            WHEN until_open OR until_on IS NULL THEN %(far)s
            ELSE pg_temp.midnight(1 + CASE WHEN varied <= valid_from THEN varied_until ELSE until_on END) END AS ended_from
  FROM known;

-- What each home adds to its neighbourhood, its area and its force; and to the owning force a life without a home.
CREATE TEMP TABLE stay AS
WITH lived AS (
    SELECT p.order_id, p.role, h.*, CASE p.role WHEN 'perpetrator' THEN 1 ELSE 2 END AS lives
      FROM party p JOIN home h USING (person_id)
)
SELECT order_id, area.id AS area_id, starts, ends, lives::smallint AS roles, area.shown::smallint AS shown, area.emailed::smallint AS emailed
  FROM lived, LATERAL (VALUES
       (hood_id, CASE WHEN secret THEN 0 ELSE lives END,
        CASE WHEN secret THEN 0 ELSE lives END),
       (lpa_id, lives, lives), (force_id, lives, lives)) area (id, shown, emailed)
 WHERE hood_id IS NOT NULL
UNION ALL
-- While a victim's home is secret or may be, no neighbourhood of the order is told of by email.
SELECT v.order_id, n.area_id, v.starts, v.ends, 0::smallint, 0::smallint, 16::smallint
  FROM lived v JOIN (SELECT DISTINCT order_id, hood_id AS area_id FROM lived WHERE hood_id IS NOT NULL) n USING (order_id)
 WHERE v.role = 'victim' AND v.secret IS NOT FALSE
UNION ALL
SELECT order_id, owner, %(dawn)s::timestamptz, coalesce(min(starts) FILTER (WHERE hood_id IS NOT NULL), %(far)s::timestamptz),
       (lives * 4)::smallint, (lives * 4)::smallint, (lives * 4)::smallint
  FROM lived JOIN history ON history.id = order_id
 GROUP BY order_id, owner, lived.person_id, lives;

ANALYZE outlook, stay;

-- Cut where who lives there changes; neighbours with equal masks are one stint.
CREATE TEMP TABLE stint AS
WITH cut AS (
    SELECT order_id, area_id, starts AS at FROM stay
    UNION SELECT order_id, area_id, ends FROM stay
    UNION SELECT id, owner, %(dawn)s::timestamptz FROM history
    UNION SELECT id, owner, %(far)s::timestamptz FROM history
), piece AS (
    SELECT order_id, area_id, at, lead(at) OVER (PARTITION BY order_id, area_id ORDER BY at) AS till FROM cut
), masked AS (
    SELECT piece.order_id, piece.area_id, at, till, coalesce(bit_or(roles), 0::smallint) AS roles,
           coalesce(bit_or(shown), 0::smallint) AS shown, CASE WHEN bit_or(emailed) & 16 > 0 THEN 0::smallint ELSE coalesce(bit_or(emailed), 0::smallint) END AS emailed
      FROM piece
      LEFT JOIN stay ON stay.order_id = piece.order_id AND stay.area_id = piece.area_id AND starts <= at AND ends >= till
     WHERE till IS NOT NULL
     GROUP BY piece.order_id, piece.area_id, at, till
), compared AS (
    SELECT masked.*, row_number() OVER whole = 1 OR (roles, shown, emailed) IS DISTINCT FROM
               (lag(roles) OVER whole, lag(shown) OVER whole, lag(emailed) OVER whole) AS begins,
           max(till) OVER (PARTITION BY order_id, area_id) AS last
      FROM masked
    WINDOW whole AS (PARTITION BY order_id, area_id ORDER BY at)
)
SELECT order_id, area_id, at AS starts, lead(at, 1, last) OVER (PARTITION BY order_id, area_id ORDER BY at) AS ends,
       roles, shown, emailed
  FROM compared WHERE begins;

ANALYZE stint;

INSERT INTO orders_place (order_id, area_id, valid_from, valid_until, kind, live_from, live_until, ended_from, roles,
                          roles_shown, roles_emailed, served_from, on_pnc_from, on_pnc_until, breached_at, review_due_on,
                          breaches, conditions, recording_id)
SELECT h.id, area_id, greatest(starts, valid_from), least(ends, valid_until), kind, live_from, live_until, ended_from,
       roles, shown, emailed, coalesce(served, %(far)s), coalesce(on_pnc, %(far)s), coalesce(off_pnc, %(far)s), breached,
       CASE WHEN made IS NULL THEN NULL
            WHEN kind = 'SPO' THEN coalesce(reviewed_until, (pg_temp.local_day(made) + interval '1 month')::date)
            WHEN kind = 'NMO' AND until_open THEN coalesce(reviewed_until, (pg_temp.local_day(made) + interval '12 months')::date)
       END, CASE WHEN breached IS NOT NULL THEN ARRAY[breached] END,
       -- The codes of facts.sql: each order has two to four of six, one after the other.
       (SELECT bit_or((ARRAY[1, 2, 4, 8, 128, 64])[1 + mod(pg_temp.pick(h.id, 90, 6) + number, 6)])
          FROM generate_series(1, 2 + pg_temp.pick(h.id, 91, 3)) number)::smallint, recording_id
  FROM history h
  JOIN outlook o ON o.order_id = h.id
  JOIN stint s ON s.order_id = h.id AND starts < valid_until AND valid_from < ends
 WHERE roles > 0 OR area_id = owner
 ORDER BY h.id;
