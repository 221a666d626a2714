-- The facts of a chunk by which it is found: headings, people, parties and homes.

INSERT INTO orders_order (id, public_id, source, source_ref, kind, reference, owner_force_id, court, case_ref, without_notice,
                          power_of_arrest, replaces_ref, replaces_id, team, officer, restricted, restricted_reason,
                          recording_id, first_recording_id)
SELECT id, md5('order ' || id)::uuid, 'bench', 'O-' || id, kind,
       kind || '/' || extract(year FROM coalesce(authorised, applied)) || '/' || lpad(id::text, 7, '0'), owner,
       CASE WHEN is_notice THEN '' ELSE 'Court ' || 1 + pg_temp.pick(id, 60, 90) END,
       CASE WHEN is_notice THEN '' ELSE 'CR' || lpad(id::text, 9, '0') END, without_notice, power_of_arrest,
       coalesce('O-' || replaces_id, ''), replaces_id, 'Team ' || 1 + pg_temp.pick(id, 61, 9), 'PC ' || 1000 + pg_temp.pick(id, 62, 8000),
       restricted, CASE WHEN restricted THEN 'invented' ELSE '' END, recording_id, recording_id
  FROM history ORDER BY id;

INSERT INTO orders_person (id, public_id, source, source_ref, family_name, given_names, date_of_birth, sex, ethnicity,
                           pnc_id, warnings, aliases, recording_id)
WITH belonging AS MATERIALIZED (
    SELECT s.*, role = 'perpetrator' AND pg_temp.roll(id, 70) < 0.88 OR role = 'victim' AND pg_temp.roll(id, 70) < 0.1 AS is_man,
           (%(communities)s::int[])[1 + pg_temp.pick(id, 69, cardinality(%(communities)s::int[]))] AS c
      FROM someone s WHERE is_new
), named AS MATERIALIZED (
    SELECT b.*, (%(families)s::text[])[pg_temp.skewed(id, 83, (%(families_before)s::int[])[c], (%(families_size)s::int[])[c])] AS other_family,
           CASE WHEN pg_temp.roll(id, 71) < 0.85
                THEN (%(families)s::text[])[pg_temp.skewed(id, 72, (%(families_before)s::int[])[c], (%(families_size)s::int[])[c])]
                ELSE initcap((%(first_syllables)s::text[])[1 + pg_temp.pick(id, 73, cardinality(%(first_syllables)s::text[]))]
                     || (%(middle_syllables)s::text[])[1 + pg_temp.pick(id, 74, cardinality(%(middle_syllables)s::text[]))]
                     || (%(last_syllables)s::text[])[1 + pg_temp.pick(id, 75, cardinality(%(last_syllables)s::text[]))])
           END AS single
      FROM belonging b
), called AS MATERIALIZED (
    SELECT named.*, CASE WHEN pg_temp.roll(id, 68) < 0.03 THEN single || '-' || other_family ELSE single END AS family,
           CASE WHEN is_man THEN pg_temp.given(id, 76, %(men)s, (%(men_before)s::int[])[c], (%(men_size)s::int[])[c])
                ELSE pg_temp.given(id, 76, %(women)s, (%(women_before)s::int[])[c], (%(women_size)s::int[])[c]) END AS given
      FROM named
)
SELECT id, md5('person ' || id)::uuid, 'bench', 'P-' || id, family, given, %(today)s::date - 6600 - pg_temp.pick(id, 77, 19000),
       CASE WHEN is_man THEN 'M' ELSE 'F' END, '',
       CASE WHEN role = 'perpetrator' AND pg_temp.roll(id, 78) < 0.7
            THEN 1985 + pg_temp.pick(id, 79, 40) || '/' || lpad((id / 3)::text, 7, '0') || 'Z' ELSE '' END,
       CASE WHEN role = 'perpetrator' AND pg_temp.roll(id, 80) < 0.3 THEN ARRAY[(ARRAY['VI', 'WE', 'DR', 'MN', 'SU'])[1 + pg_temp.pick(id, 81, 5)]]
            ELSE '{}' END,
       CASE WHEN pg_temp.roll(id, 82) < 0.15
            THEN jsonb_build_array(jsonb_build_array(other_family, given))
            ELSE '[]' END, 1
  FROM called ORDER BY id;

INSERT INTO orders_party (order_id, person_id, role, relationship, recording_id)
SELECT order_id, person_id, role, CASE WHEN role = 'victim' THEN 'partner' ELSE '' END, recording_id
  FROM party JOIN history ON history.id = order_id ORDER BY order_id, role;

INSERT INTO orders_residence (person_id, source_ref, address, postcode, postcode_index, outward_index,
                              neighbourhood_code, neighbourhood_id, found_in_id, status, from_on, to_on, secret, recording_id)
WITH told AS MATERIALIZED (
    SELECT h.*, a.code, pg_temp.roll(person_id, 84) < 0.85 AS says_where FROM home h LEFT JOIN orders_area a ON a.id = hood_id
)
SELECT person_id, 'R-' || person_id || '-' || which,
       CASE WHEN hood_id IS NULL THEN '' ELSE 1 + pg_temp.pick(person_id, 85, 140) || ' Example Road (invented)' END,
       coalesce(i.postcode, ''), coalesce(i.whole, ''), coalesce(i.outward, ''),
       CASE WHEN hood_id IS NOT NULL AND says_where THEN code ELSE '' END, CASE WHEN says_where THEN hood_id END,
       hood_id,
       CASE WHEN hood_id IS NULL THEN 'no fixed abode' ELSE 'home' END, from_on, to_on, secret, 1
  FROM told LEFT JOIN postcode_index i ON i.postcode = pg_temp.postcode(hood_id, pg_temp.pick(person_id, 86, 8))
 WHERE is_new ORDER BY person_id, which;
