"""Seals the emails that were written and sent before, each under a key of its own day and area."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def seal(apps: Any, schema_editor: Any) -> None:
    """Seal every letter and the messages made of it; what is sealed already stays as it is."""
    from orders.access import sealing

    letters = apps.get_model("notifications", "Letter").objects.select_related("run").order_by("run_id", "pk")
    deliveries = apps.get_model("notifications", "Delivery").objects
    keys: dict[int, sealing.Key] = {}
    for letter in letters.iterator(chunk_size=200):
        if letter.text.startswith("v1."):
            continue
        if letter.run_id not in keys:
            keys = {letter.run_id: sealing.for_letters([letter.run.orders])[0]}
        key = keys[letter.run_id]
        letter.text, letter.html = key.seal(letter.text), key.seal(letter.html)
        letter.sheet = letter.sheet and key.seal_bytes(bytes(letter.sheet))
        letter.save(update_fields=["text", "html", "sheet"])
        for delivery in deliveries.filter(letter=letter, message__isnull=False):
            delivery.message = key.seal_bytes(bytes(delivery.message))
            delivery.save(update_fields=["message"])


def keep(apps: Any, schema_editor: Any) -> None:
    """What is sealed stays sealed."""


class Migration(migrations.Migration):
    """Changes rows only."""

    dependencies = [
        ("notifications", "0010_alerts_of_saved_searches"),
        ("orders", "0094_seal_what_is_held"),
    ]

    operations = [migrations.RunPython(seal, keep)]
