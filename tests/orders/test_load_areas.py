"""Areas of a file are stored by their code, whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Area
from tests.orders.build import make_nmo, make_person

pytestmark = pytest.mark.django_db

ROWS = (
    "WAL-01,Palfrey,neighbourhood,WAL,E05001,2026",
    "WAL,Walsall,lpa,WMP,,2026",
    "WMP,West Midlands,force,,,2026",
)


def load(folder: Path, *rows: str) -> None:
    path = folder / "areas.csv"
    path.write_text("\n".join(("code,name,level,parent,ons_code,vintage", *rows)), encoding="utf-8")
    call_command("load_areas", areas=path, stdout=io.StringIO())


def test_areas_are_stored_under_what_they_lie_in_whatever_their_order(tmp_path: Path) -> None:
    load(tmp_path, *ROWS)
    assert list(Area.objects.values_list("code", "name", "level", "parent__code", "force__code", "ons_code")) == [
        ("WAL", "Walsall", "lpa", "WMP", "WMP", ""),
        ("WAL-01", "Palfrey", "neighbourhood", "WAL", "WMP", "E05001"),
        ("WMP", "West Midlands", "force", None, None, ""),
    ]
    assert not Area.objects.filter(is_demonstration=True).exists()


def test_what_is_loaded_again_is_changed_and_keeps_its_id(tmp_path: Path) -> None:
    load(tmp_path, *ROWS)
    before = dict(Area.objects.values_list("code", "pk"))
    load(tmp_path, "WAL-01,Palfrey and Pleck,neighbourhood,WAL,E05001,2027", "WAL-02,Bescot,neighbourhood,WAL,,2027")
    assert Area.objects.get(code="WAL-01").name == "Palfrey and Pleck"
    assert Area.objects.get(code="WAL-02").force == Area.objects.get(code="WMP")
    after = dict(Area.objects.values_list("code", "pk"))
    assert {code: after[code] for code in before} == before


def test_an_area_in_which_orders_may_lie_is_not_moved_unseen(tmp_path: Path) -> None:
    load(tmp_path, *ROWS, "DUD,Dudley,lpa,WMP,,2026")
    moved = "WAL-01,Palfrey,neighbourhood,DUD,E05001,2027"
    make_nmo(Area.objects.get(code="WMP"), make_person("P"), make_person("V"))
    with pytest.raises(CommandError, match=r"line 2: WAL-01 would move to DUD\. Move it under Reference data"):
        load(tmp_path, moved)
    assert Area.objects.get(code="WAL-01").parent == Area.objects.get(code="WAL")


def test_many_areas_take_as_many_statements_as_few(tmp_path: Path) -> None:
    def statements(*rows: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            load(tmp_path, *rows)
        return len(asked)

    few = statements(*ROWS)
    assert statements(*ROWS, *(f"WAL-1{number:02},Ward {number},neighbourhood,WAL,," for number in range(60))) == few


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("WAL,Walsall again,lpa,WMP,,", "line 5: the code 'WAL' stands in it twice"),
        ("WOL-01,Bilston,neighbourhood,WOL,,", "line 5: parent 'WOL' is not the code of an area above"),
        ("STF,Staffordshire,force,WMP,,", "line 5: parent 'WMP' is not the code of an area above"),
        ("WOL,Wolverhampton,borough,WMP,,", "line 5: level is 'borough', not force, lpa or neighbourhood"),
    ],
)
def test_a_file_with_a_fault_is_refused_whole_and_the_line_is_named(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        load(tmp_path, *ROWS, row)
    assert not Area.objects.exists()
