-- The orders of a chunk, with the instants of what happened to each. Half of them come in pairs: a notice or an interim
-- and the order that follows it, about the same people. Nothing happens after `today` begins. Each step is worked out
-- once (MATERIALIZED): put into one another, the expressions would grow without end.

DROP TABLE IF EXISTS history, party, someone, home;

CREATE TEMP TABLE history AS
WITH pair AS MATERIALIZED (
    SELECT p, mod(p, %(forces)s)::integer AS force_no, pg_temp.midnight(%(today)s::date) AS now,
           CASE WHEN pg_temp.roll(p, 1) < 0.42 THEN
                CASE WHEN pg_temp.roll(p, 2) < 0.85 THEN 'DVPN' WHEN pg_temp.roll(p, 2) < 0.9 THEN 'DAPN' ELSE 'ISPO' END
           END AS leads
      FROM generate_series((%(first)s + 1) / 2, %(last)s / 2) p
), begun AS MATERIALIZED (
    SELECT pair.*, date_trunc('minute', now - interval '10 minutes'
                   - interval '1 day' * 4400 * power(pg_temp.roll(p, 3), 1.3)) AS begun
      FROM pair
), numbered AS MATERIALIZED (
    SELECT 2 * p - 2 + n AS id, begun.*, n,
           CASE WHEN leads IS NOT NULL AND n = 2 THEN 2 * p - 1 END AS replaces_id,
           CASE WHEN leads IS NOT NULL AND n = 1 THEN leads
                WHEN leads IS NOT NULL THEN CASE leads WHEN 'DVPN' THEN 'DVPO' WHEN 'DAPN' THEN 'DAPO' ELSE 'SPO' END
                ELSE (%(kinds)s::text[])[1 + pg_temp.pick(2 * p - 2 + n, 4, cardinality(%(kinds)s::text[]))]
           END AS kind
      FROM begun, generate_series(1, 2) n
), formed AS MATERIALIZED (
    SELECT numbered.*, kind IN ('DVPN', 'DAPN') AS is_notice, kind IN ('ISPO', 'ISHPO', 'ISRO') AS is_interim,
           CASE WHEN kind IN ('ISPO', 'ISHPO', 'ISRO') THEN 3 WHEN kind = 'SHPO' THEN 60 + 24 * pg_temp.pick(id, 6, 2)
                WHEN kind IN ('SPO', 'SRO') THEN 24 + 12 * pg_temp.pick(id, 6, 2)
                WHEN kind = 'RO' THEN 24 + 12 * pg_temp.pick(id, 6, 3)
                ELSE (ARRAY[6, 12, 12, 24])[1 + pg_temp.pick(id, 6, 4)] END AS months,
           CASE WHEN leads IS NOT NULL THEN 'linked'
                WHEN pg_temp.roll(id, 5) < 0.003 THEN 'pending'
                WHEN pg_temp.roll(id, 5) < 0.023 THEN 'refused'
                WHEN pg_temp.roll(id, 5) < 0.027 AND kind NOT IN ('SPO', 'SHPO', 'SRO') THEN 'no end known'
                WHEN pg_temp.roll(id, 5) < 0.064 THEN 'live'
                WHEN pg_temp.roll(id, 5) < 0.30 THEN 'discharged'
                WHEN pg_temp.roll(id, 5) < 0.34 THEN 'varied'
                ELSE 'expired' END AS course,
           kind NOT IN ('DVPN', 'DVPO', 'DAPN', 'ISPO', 'ISHPO', 'ISRO') AND pg_temp.roll(id, 7) < 0.25 AS open_ended
      FROM numbered
), noticed AS MATERIALIZED (
    -- Notices, and with them the orders that follow: served, heard within the statute's 48 hours, decided.
    SELECT formed.*,
           CASE WHEN leads IN ('DVPN', 'DAPN') OR is_notice THEN
               began + pg_temp.minutes(31 + 270 * pg_temp.roll(p, 8))
               + CASE WHEN began + pg_temp.minutes(31 + 270 * pg_temp.roll(p, 8))
                           = pg_temp.midnight(pg_temp.local_day(began + pg_temp.minutes(31 + 270 * pg_temp.roll(p, 8))))
                      THEN interval '1 minute' ELSE interval '0' END
           END AS notice_served
      FROM (SELECT formed.*, CASE WHEN leads IS NULL AND n = 2 AND is_notice
                                  THEN begun - interval '200 days' ELSE begun END AS began FROM formed) formed
), timed AS MATERIALIZED (
    SELECT noticed.*, d.base + CASE WHEN d.runs_on THEN notice_served - pg_temp.midnight(d.day) ELSE interval '0' END AS deadline
      FROM noticed LEFT JOIN hearing_day d ON d.day = pg_temp.local_day(notice_served)
), heard AS MATERIALIZED (
    SELECT timed.*, date_trunc('minute', notice_served + (deadline - notice_served) * 0.85) AS notice_heard FROM timed
), decided AS MATERIALIZED (
    SELECT heard.*, CASE WHEN leads = 'ISPO' THEN began + interval '1 day' * (20 + pg_temp.pick(p, 9, 30))
                         ELSE notice_heard + interval '45 minutes' END AS pair_decided
      FROM heard
), made AS MATERIALIZED (
    SELECT decided.*,
           CASE WHEN is_notice THEN NULL
                WHEN replaces_id IS NOT NULL THEN
                    CASE WHEN pair_decided <= now AND pg_temp.roll(p, 10) >= 0.08 THEN pair_decided END
                WHEN leads = 'ISPO' THEN began
                WHEN course IN ('pending', 'refused') THEN NULL
                WHEN course = 'live' AND open_ended
                    THEN date_trunc('minute', now - interval '1 day' * 1500 * pg_temp.roll(id, 11) - interval '1 hour')
                WHEN course = 'live'
                    THEN date_trunc('minute', now - interval '1 day' * 29 * months * pg_temp.roll(id, 11) - interval '1 hour')
                ELSE date_trunc('minute', now - interval '1 day' * (31 * months + 5)
                                - interval '1 day' * 3600 * power(pg_temp.roll(id, 11), 1.2))
           END AS made
      FROM decided
), lasting AS MATERIALIZED (
    SELECT made.*,
           CASE WHEN made IS NULL OR course = 'no end known' THEN NULL
                WHEN open_ended AND course IN ('live', 'discharged') THEN NULL
                WHEN kind = 'DVPO' THEN pg_temp.local_day(made) + (ARRAY[27, 27, 27, 20, 13])[1 + pg_temp.pick(id, 12, 5)]
                ELSE (pg_temp.local_day(made) + interval '1 month' * months)::date - 1 END AS until_on,
           made IS NOT NULL AND open_ended AND course IN ('live', 'discharged') AS until_open,
           CASE WHEN course = 'discharged' AND made IS NOT NULL
                THEN made + pg_temp.minutes(1440 * 29 * months * (0.05 + 0.9 * pg_temp.roll(id, 13))) END AS discharged,
           CASE WHEN course = 'varied' AND made IS NOT NULL AND NOT is_interim AND kind <> 'DVPO'
                THEN made + pg_temp.minutes(1440 * 15 * months) END AS varied
      FROM made
), over AS MATERIALIZED (
    SELECT lasting.*, CASE WHEN varied IS NOT NULL THEN until_on + 60 END AS varied_until,
           coalesce(discharged, pg_temp.midnight(1 + until_on + CASE WHEN varied IS NULL THEN 0 ELSE 60 END)) AS own_end
      FROM lasting
), told AS MATERIALIZED (
    SELECT over.*,
           CASE WHEN is_notice THEN
                CASE WHEN notice_served <= now AND pg_temp.roll(id, 14) >= 0.002 THEN notice_served END
                WHEN made IS NOT NULL AND pg_temp.roll(id, 14) < 0.93 AND made + pg_temp.minutes(60 + 3600 * pg_temp.roll(id, 15)) <= now
                THEN made + pg_temp.minutes(60 + 3600 * pg_temp.roll(id, 15)) END AS served,
           CASE WHEN made IS NOT NULL AND pg_temp.roll(id, 14) >= 0.96 AND made + interval '5 hours' <= now
                THEN made + interval '5 hours' END AS told
      FROM over
), judged AS MATERIALIZED (
    SELECT told.*,
           CASE WHEN is_notice AND served IS NOT NULL AND notice_heard <= now
                     AND (leads IS NOT NULL OR pg_temp.roll(id, 16) >= 0.005) THEN notice_heard END AS heard,
           -- Decided on the record of the order itself: a notice alone, an application that failed, an order discharged.
           CASE WHEN is_notice AND leads IS NULL AND served IS NOT NULL AND pair_decided <= now
                     AND pg_temp.roll(id, 16) >= 0.005 THEN pair_decided
                WHEN replaces_id IS NOT NULL AND made IS NULL AND pair_decided <= now THEN pair_decided
                WHEN course = 'refused' AND NOT is_notice
                    THEN date_trunc('minute', now - interval '1 day' * (2 + 3600 * pg_temp.roll(id, 17)))
                ELSE discharged END AS ended_at,
           CASE WHEN leads IS NOT NULL AND n = 1 AND pair_decided <= now THEN pair_decided END AS determined_at
      FROM told
), entered AS MATERIALIZED (
    SELECT judged.*, coalesce(made, served) AS started,
           least(coalesce(ended_at, determined_at, own_end), now) AS last_day
      FROM judged
), kept AS MATERIALIZED (
    SELECT entered.*,
           CASE WHEN started IS NOT NULL AND pg_temp.roll(id, 18) < 0.88 AND started + pg_temp.minutes(200 + 1000 * pg_temp.roll(id, 19)) <= now
                THEN started + pg_temp.minutes(200 + 1000 * pg_temp.roll(id, 19)) END AS on_pnc,
           CASE WHEN made IS NOT NULL AND pg_temp.roll(id, 20) < 0.09 AND last_day > made + interval '2 hours'
                THEN date_trunc('minute', made + interval '1 hour' + (last_day - made - interval '1 hour') * pg_temp.roll(id, 21)) END AS breached,
           CASE WHEN kind = 'SPO' AND made + interval '40 days' <= now THEN made + interval '30 days'
                WHEN kind = 'NMO' AND until_open AND made + interval '330 days' <= now THEN made + interval '320 days' END AS reviewed
      FROM entered
)
SELECT id, p AS pair, force_no, pg_temp.force_id(force_no) AS owner, kind, is_notice, replaces_id,
       -- About whom: a following order is about the people of the one it follows.
       coalesce(replaces_id, id) AS of_order,
       CASE WHEN is_notice THEN began END AS authorised,
       CASE WHEN NOT is_notice THEN
            coalesce(made, ended_at, CASE leads WHEN 'ISPO' THEN began ELSE notice_served END,
                     now - interval '1 day' * 30 * pg_temp.roll(id, 26)) - interval '9 hours' END AS applied,
       made, until_on, until_open, varied, varied_until, served, told, heard, deadline, ended_at, determined_at, on_pnc,
       CASE WHEN on_pnc IS NOT NULL AND pg_temp.roll(id, 22) < 0.8
                 AND last_day + interval '2 days' > on_pnc AND last_day + interval '2 days' <= now
            THEN last_day + interval '2 days' END AS off_pnc,
       breached, reviewed,
       CASE WHEN reviewed IS NOT NULL THEN pg_temp.local_day(made) + CASE kind WHEN 'SPO' THEN 58 ELSE 700 END END AS reviewed_until,
       CASE WHEN kind IN ('NMO', 'OCC') THEN CASE WHEN pg_temp.roll(id, 23) < 0.6 THEN true WHEN pg_temp.roll(id, 23) < 0.9 THEN false END
       END AS without_notice,
       CASE WHEN kind = 'OCC' THEN pg_temp.roll(id, 24) < 0.5 END AS power_of_arrest,
       pg_temp.roll(id, 25) < 0.005 AS restricted
  FROM kept;

ALTER TABLE history ADD COLUMN recording_id bigint;
UPDATE history SET recording_id = least(401, 1 + greatest(0, 401 - (%(today)s::date - pg_temp.local_day(
    greatest(authorised, applied, made, varied, served, told, heard, ended_at, on_pnc, off_pnc, breached, reviewed)))));

CREATE INDEX ON history (id);
ANALYZE history;

-- One in eight orders that start a pair is about the respondent of an earlier one of the same force.
CREATE TEMP TABLE party AS
WITH respondent AS MATERIALIZED (
    SELECT id, of_order, (of_order + 1) / 2 AS p, (of_order + 1) / 2 - %(forces)s * (1 + pg_temp.pick(of_order, 30, 40)) AS q
      FROM history
)
SELECT id AS order_id, 'perpetrator' AS role,
       CASE WHEN pg_temp.roll(of_order, 31) < 0.125 AND q >= 1 AND pg_temp.roll(2 * q - 1, 31) >= 0.125
            THEN 3 * (2 * q - 1) - 2 ELSE 3 * of_order - 2 END AS person_id
  FROM respondent
UNION ALL
SELECT id, 'victim', 3 * of_order - 1 FROM history
UNION ALL
SELECT id, 'victim', 3 * of_order FROM history WHERE pg_temp.roll(of_order, 32) < 0.1;

CREATE TEMP TABLE someone AS
SELECT DISTINCT ON (person_id) person_id AS id, (person_id + 2) / 3 AS of_order, role,
       mod(((person_id + 2) / 3 + 1) / 2, %(forces)s)::integer AS force_no,
       (person_id + 2) / 3 BETWEEN %(first)s AND %(last)s AS is_new
  FROM party ORDER BY person_id;

-- Where they live: a third with a second home, most of those by moving. Perpetrators in ten LPAs, victims half the time
-- in the same; a few in another force.
CREATE TEMP TABLE home AS
WITH lives AS MATERIALIZED (
    SELECT s.*, %(today)s::date - 400 - pg_temp.pick(id, 41, 3600) AS since,
           CASE WHEN pg_temp.roll(id, 40) < 0.03 THEN mod(force_no + 1 + pg_temp.pick(id, 42, 5), %(forces)s) ELSE force_no END AS where_no,
           CASE WHEN role = 'victim' AND pg_temp.roll(id, 43) < 0.5 THEN pg_temp.pick(3 * of_order - 2, 44, 10)
                ELSE pg_temp.pick(id, 44, 10) END AS lpa,
           role = 'perpetrator' AND pg_temp.roll(id, 45) < 0.06 AS unhoused,
           pg_temp.roll(id, 46) < 0.3 AS moves, pg_temp.roll(id, 47) < 0.033 AS has_second,
           CASE WHEN role = 'perpetrator' THEN CASE WHEN pg_temp.roll(id, 48) < 0.9 THEN false END
                WHEN pg_temp.roll(id, 48) < 0.35 THEN true WHEN pg_temp.roll(id, 48) < 0.65 THEN false END AS secret
      FROM someone s
), moving AS MATERIALIZED (
    SELECT lives.*, CASE WHEN moves AND NOT unhoused
                    THEN since + 30 + floor(pg_temp.roll(id, 49) * (%(today)s::date - since - 35))::integer END AS moved
      FROM lives
), homes AS MATERIALIZED (
    SELECT id, is_new, 'A' AS which, since AS from_on, moved AS to_on, secret, where_no, lpa,
           CASE WHEN NOT unhoused THEN pg_temp.pick(id, 50, 30) END AS hood FROM moving
    UNION ALL
    SELECT id, is_new, 'B', moved, NULL, secret, where_no,
           CASE WHEN pg_temp.roll(id, 51) < 0.5 THEN lpa ELSE pg_temp.pick(id, 52, 10) END, pg_temp.pick(id, 53, 30)
      FROM moving WHERE moved IS NOT NULL
    UNION ALL
    SELECT id, is_new, 'C', since + 100, NULL, secret, where_no, pg_temp.pick(id, 54, 10), pg_temp.pick(id, 55, 30)
      FROM moving WHERE has_second AND NOT unhoused
)
SELECT id AS person_id, is_new, which, from_on, to_on, secret,
       CASE WHEN hood IS NOT NULL THEN pg_temp.force_id(where_no) END AS force_id,
       CASE WHEN hood IS NOT NULL THEN pg_temp.lpa_id(where_no, lpa) END AS lpa_id,
       CASE WHEN hood IS NOT NULL THEN pg_temp.hood_id(where_no, lpa, hood) END AS hood_id,
       pg_temp.midnight(from_on) AS starts,
       CASE WHEN to_on IS NULL THEN %(far)s::timestamptz ELSE pg_temp.midnight(to_on) END AS ends
  FROM homes;

ANALYZE party, someone, home;
