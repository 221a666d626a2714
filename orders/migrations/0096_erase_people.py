"""The one way in which what is only ever added to may be blanked: a function that erases people.

It runs with the rights of its owner, the role that migrates, so that the role of the pages needs no right to change or
delete what is kept. It blanks descriptions of the people named, and destroys keys; it can change no event, no fact and
no entry of the log. docs/decisions/0091-erasure.md.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION orders_erase_people(people bigint[], orders bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    destroyed bigint;
    tokens int[];
BEGIN
    -- The triggers of these four tables alone, and only until this function returns.
    PERFORM set_config('pgtrigger.ignore', (
        SELECT array_agg(tgname)::text FROM pg_trigger
         WHERE NOT tgisinternal AND tgrelid IN ('orders_person'::regclass, 'orders_personversion'::regclass,
                                                'orders_order'::regclass, 'orders_orderversion'::regclass)), true);
    UPDATE orders_person
       SET source_ref = 'erased-' || id, family_name = '(erased)', given_names = '', date_of_birth = NULL, sex = '',
           ethnicity = '', pnc_id = '', warnings = '{}', aliases = '[]'
     WHERE id = ANY(people);
    UPDATE orders_personversion
       SET source_ref = 'erased-' || id, family_name = '(erased)', given_names = '', date_of_birth = NULL, sex = '',
           ethnicity = '', pnc_id = '', warnings = '{}', aliases = '[]'
     WHERE pgh_obj_id = ANY(people);
    UPDATE orders_order SET case_ref = '', restricted_reason = '' WHERE id = ANY(orders);
    UPDATE orders_orderversion SET case_ref = '', restricted_reason = '' WHERE pgh_obj_id = ANY(orders);
    PERFORM set_config('pgtrigger.ignore', '{}', true);

    UPDATE orders_residence SET postcode_index = '', outward_index = '' WHERE person_id = ANY(people);
    UPDATE orders_merge SET moved = moved || '{"before": {"was": {}, "became": {}}}'
     WHERE kept_id = ANY(people) OR other_id = ANY(people);

    SELECT array_agg(DISTINCT abs(token)) INTO tokens FROM (
        SELECT unnest(n.tokens) FROM orders_partyname n WHERE n.person_id = ANY(people)
         UNION SELECT unnest(p.tokens) FROM orders_partynamepast p WHERE p.person_id = ANY(people)) named (token);
    DELETE FROM orders_partynamepast WHERE person_id = ANY(people);
    DELETE FROM orders_partyname WHERE person_id = ANY(people);
    DELETE FROM orders_nametoken t
     WHERE t.id = ANY(tokens)
       AND NOT EXISTS (SELECT FROM orders_partyname n WHERE n.tokens && ARRAY[t.id, -t.id]::int[])
       AND NOT EXISTS (SELECT FROM orders_partynamepast p WHERE p.tokens && ARRAY[t.id, -t.id]::int[]);

    -- A person or order that never had a key gets a destroyed one, by which everybody knows that it was erased.
    INSERT INTO orders_sealingkey (person_id, wrapped_by, destroyed_at)
    SELECT id, '', clock_timestamp() FROM unnest(people) id ON CONFLICT DO NOTHING;
    INSERT INTO orders_sealingkey (order_id, wrapped_by, destroyed_at)
    SELECT id, '', clock_timestamp() FROM unnest(orders) id ON CONFLICT DO NOTHING;
    UPDATE orders_sealingkey SET wrapped = NULL, wrapped_by = '', destroyed_at = clock_timestamp()
     WHERE wrapped IS NOT NULL
       AND (person_id = ANY(people) OR order_id = ANY(orders)
            OR person_id IS NULL AND order_id IS NULL AND tells_of && orders);
    GET DIAGNOSTICS destroyed = ROW_COUNT;
    RETURN destroyed;
END $$;
REVOKE ALL ON FUNCTION orders_erase_people(bigint[], bigint[]) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    """Makes the function."""

    dependencies = [("orders", "0095_reasons_given")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION orders_erase_people(bigint[], bigint[])"),
    ]
