-- What every session that fills the register needs: chance by id, local days, and the statute's clock of hearings.
-- The same id and salt give the same number everywhere, so the same register comes of the same size and day.

CREATE FUNCTION pg_temp.roll(id bigint, salt integer) RETURNS float8 IMMUTABLE LANGUAGE sql AS
$$ SELECT (hashint8extended(id, salt) & 4503599627370495)::float8 / 4503599627370496 $$;

CREATE FUNCTION pg_temp.pick(id bigint, salt integer, choices integer) RETURNS integer IMMUTABLE LANGUAGE sql AS
$$ SELECT floor(pg_temp.roll(id, salt) * choices)::integer $$;

-- The place in a list of some of its entries, the earlier ones more often.
CREATE FUNCTION pg_temp.skewed(id bigint, salt integer, before integer, size integer) RETURNS integer IMMUTABLE LANGUAGE sql AS
$$ SELECT before + 1 + floor(size * power(pg_temp.roll(id, salt), 1.8))::integer $$;

-- Given names: of three people in ten, two.
CREATE FUNCTION pg_temp.given(id bigint, salt integer, names text[], before integer, size integer) RETURNS text IMMUTABLE LANGUAGE sql AS
$$ SELECT names[pg_temp.skewed(id, salt, before, size)]
          || CASE WHEN pg_temp.roll(id, salt + 100) < 0.3 THEN ' ' || names[pg_temp.skewed(id, salt + 101, before, size)] ELSE '' END $$;

CREATE FUNCTION pg_temp.midnight(day date) RETURNS timestamptz IMMUTABLE LANGUAGE sql AS
$$ SELECT day::timestamp AT TIME ZONE 'Europe/London' $$;

CREATE FUNCTION pg_temp.local_day(at timestamptz) RETURNS date IMMUTABLE LANGUAGE sql AS
$$ SELECT (at AT TIME ZONE 'Europe/London')::date $$;

CREATE FUNCTION pg_temp.minutes(number float8) RETURNS interval IMMUTABLE LANGUAGE sql AS
$$ SELECT floor(number) * interval '1 minute' $$;

-- Areas lie in blocks: a force, its 10 local policing areas, the 30 neighbourhoods of each.
CREATE FUNCTION pg_temp.force_id(force_no integer) RETURNS bigint IMMUTABLE LANGUAGE sql AS
$$ SELECT force_no::bigint * 311 + 1 $$;

CREATE FUNCTION pg_temp.lpa_id(force_no integer, lpa integer) RETURNS bigint IMMUTABLE LANGUAGE sql AS
$$ SELECT force_no::bigint * 311 + 2 + lpa $$;

CREATE FUNCTION pg_temp.hood_id(force_no integer, lpa integer, hood integer) RETURNS bigint IMMUTABLE LANGUAGE sql AS
$$ SELECT force_no::bigint * 311 + 12 + lpa * 30 + hood $$;

-- Q begins no real postcode. Eight for each neighbourhood.
CREATE FUNCTION pg_temp.postcode(hood bigint, number integer) RETURNS text IMMUTABLE LANGUAGE sql AS
$$ SELECT 'Q' || chr(65 + (hood / 900)::integer) || mod(hood / 9, 100) || ' ' || mod(hood, 9) + 1
          || chr(65 + number) || chr(72 + number) $$;
