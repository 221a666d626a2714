"""A home is one of its person and of the record that the source names: two sources may use the same key."""

from django.db import migrations, models

OLD, NEW = "residence_current", "residence_current_of"
_ONE_CURRENT = """CREATE UNIQUE INDEX CONCURRENTLY {name} ON orders_residence ({columns}){nulls}
                  WHERE superseded_id IS NULL"""


class Migration(migrations.Migration):
    """Makes the index beside the old one, without keeping anybody waiting, then drops that."""

    atomic = False
    dependencies = [("orders", "0157_named_by_source")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    _ONE_CURRENT.format(
                        name=NEW, columns="person_id, named_id, source_ref", nulls=" NULLS NOT DISTINCT"
                    ),
                    f"DROP INDEX CONCURRENTLY {NEW}",
                ),
                migrations.RunSQL(
                    f"DROP INDEX CONCURRENTLY {OLD}",
                    _ONE_CURRENT.format(name=OLD, columns="person_id, source_ref", nulls=""),
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint(model_name="residence", name=OLD),
                migrations.AddConstraint(
                    model_name="residence",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("superseded__isnull", True)),
                        fields=("person", "named", "source_ref"),
                        name=NEW,
                        nulls_distinct=False,
                    ),
                ),
            ],
        ),
    ]
