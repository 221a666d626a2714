"""Keys of names go into their indexes at once, and wait in no list that every search reads from end to end."""

import django.contrib.postgres.indexes
from django.db import migrations

_INDEXES = {"partyname": "party_name_keys", "partynamepast": "party_name_past_keys"}


def _set(fastupdate: str) -> str:
    return "".join(
        f"ALTER INDEX {name} SET (fastupdate = {fastupdate}); SELECT gin_clean_pending_list('{name}');"
        for name in _INDEXES.values()
    )


class Migration(migrations.Migration):
    """Changes how both are written, and rebuilds neither."""

    dependencies = [("orders", "0203_indexes_of_what_was_known")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_set("off"), _set("on"))],
            state_operations=[
                operation
                for model, name in _INDEXES.items()
                for operation in (
                    migrations.RemoveIndex(model_name=model, name=name),
                    migrations.AddIndex(
                        model_name=model,
                        index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["keys"], name=name),
                    ),
                )
            ],
        )
    ]
