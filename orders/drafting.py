"""A draft as its pages: which there are, what stands in each, and the order that they come to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from orders.access import permissions
from orders.actions.by_hand import NewOrder
from orders.forms.entering import (
    ConditionsForm,
    HomeForm,
    KindForm,
    MoreForm,
    NoticeForm,
    NumbersForm,
    PersonForm,
    WhenForm,
)
from orders.models import Draft, Order, Party, Person, Residence, User
from orders.people.duplicates import possible_duplicates
from orders.record import facts
from orders.record.storing import NewPerson
from orders.statute import KINDS, began_on

MOST_PROTECTED = 20
TITLES = {
    "kind": "What kind of order is it?",
    "numbers": "By which numbers is it known?",
    "notice": "What the court said besides",
    "when": "When it began and ends",
    "respondent": "Whom does it bind?",
    "respondent-home": "Where does the respondent live?",
    "conditions": "What does it forbid or require?",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A question page: its key and its heading."""

    key: str
    title: str


class Drafting:
    """A draft with its forms. `answers` are what was sent, page by page, as lists of texts."""

    def __init__(self, draft: Draft, user: User) -> None:
        self.draft, self.user = draft, user
        self.answers: dict[str, dict[str, list[str]]] = draft.answers

    @property
    def kind(self) -> str:
        """The kind of order, blank until it has been chosen."""
        kind = (self.answers.get("kind") or {}).get("kind", [""])[0]
        return kind if kind in KINDS else ""

    @property
    def follows(self) -> Order | None:
        """The notice or interim that it follows, if the user may see it."""
        public_id = (self.answers.get("follows") or {}).get("order", [""])[0]
        if not public_id:
            return None
        return permissions.visible_orders(self.user, timezone.now()).filter(public_id=public_id).first()

    def pages(self) -> list[Page]:
        """The pages of the kind, in the order in which they are asked."""
        if not self.kind:
            return [Page("kind", TITLES["kind"])]
        keys = ["kind", "numbers", *(["notice"] if self.kind in ("NMO", "OCC") else []), "when", "respondent"]
        if not self._has_home("respondent"):
            keys.append("respondent-home")
        found = [Page(key, TITLES[key]) for key in keys]
        for number in range(1, MOST_PROTECTED + 1):
            person = f"protected-{number}"
            found.append(Page(person, f"Whom does it protect? (person {number})"))
            if not self._has_home(person):
                found.append(Page(f"{person}-home", f"Where does protected person {number} live?"))
            found.append(Page(f"{person}-more", "Does the order protect anybody else?"))
            if (self.answers.get(f"{person}-more") or {}).get("more") != ["yes"]:
                break
        return [*found, Page("conditions", TITLES["conditions"])]

    def form(self, key: str, data: QueryDict | None = None, *, kept: bool = False) -> Any:
        """The form of a page: with what was sent now; `kept`, with what stands in the draft; or to be shown."""
        stood = self._data(key)
        given = data if data is not None else (stood if kept else None)
        initial = {} if stood is None else _initial(stood)
        if key == "kind":
            return KindForm(given, initial=initial)
        if key == "numbers":
            return NumbersForm(self.kind, given, initial=initial)
        if key == "notice":
            return NoticeForm(self.kind, given, initial=initial)
        if key.endswith("-more"):
            return MoreForm(given, initial=initial)
        if key == "conditions":
            return ConditionsForm(given if given is not None else stood)
        # Dates are kept in boxes and a person in more fields than one, so these are shown as they were typed.
        given = given if given is not None else stood
        if key == "when":
            follows = self.follows
            followed = facts.load([follows.pk])[follows.pk] if follows is not None else None
            return WhenForm(self.kind, given, followed=followed)
        if key.endswith("-home"):
            secret = "Y" if key.startswith("protected") else None
            initial = {"withheld": secret, "status": "home"}
            return HomeForm(given, force=self.user.force, began=self._began(), initial=initial)
        began = self._began() if key == "respondent" else None
        binds = None if began is None else (self.kind, began)
        return PersonForm(self._alike(key, given), given, protected=key.startswith("protected"), binds=binds)

    def _began(self) -> date | None:
        """The day on which the order began; None while that has not been answered rightly."""
        when = self.form("when", kept=True)
        if not when.is_bound or not when.is_valid():
            return None
        return began_on(self.kind, [when.begun()])

    def _alike(self, key: str, data: QueryDict | None) -> list[tuple[Person, str]]:
        """People of the register who may be the one described; whoever the followed order is about comes first."""
        found: dict[int, tuple[Person, str]] = {}
        follows = self.follows
        if follows is not None:
            role = "perpetrator" if key == "respondent" else "victim"
            for party in Party.objects.filter(order=follows, role=role, superseded=None).select_related("person"):
                found[party.person_id] = (party.person, f"in {follows.reference}")
        if data is not None:
            described = PersonForm([], data, protected=key.startswith("protected"))
            described.is_valid()
            values = described.cleaned_data
            person = Person(
                family_name=values.get("family_name", ""), given_names=values.get("given_names", ""),
                date_of_birth=values.get("date_of_birth"), pnc_id=values.get("pnc_id", ""),
            )  # fmt: skip
            for other, why in possible_duplicates(person, self.user, at=timezone.now(), opened=()):
                found.setdefault(other.pk, (other, why))
        return list(found.values())

    def keep(self, key: str, data: QueryDict) -> None:
        """Keep what was sent for a page, right or wrong."""
        self.answers[key] = {
            name: data.getlist(name) for name in data if name not in ("csrfmiddlewaretoken", "add", "step")
        }
        self.draft.answers = self.answers
        self.draft.save(update_fields=["text", "changed_at"])

    def problems(self) -> list[Page]:
        """The pages that are not, or wrongly, answered."""
        return [
            page
            for page in self.pages()
            if self._data(page.key) is None or not self.form(page.key, kept=True).is_valid()
        ]

    def order(self) -> tuple[NewOrder, str]:
        """The order, and what was said where something is missing. Every page must be right."""
        if self.user.force is None:
            raise ValueError("a user without a force enters no order")
        forms = {page.key: self._valid(page.key) for page in self.pages()}
        numbers = forms["numbers"].cleaned_data
        notice = forms.get("notice")
        reasons: list[str] = []
        people: dict[str, Person | NewPerson] = {}
        relationships: dict[int, str] = {}
        for key in ("respondent", *(key for key in forms if key.startswith("protected") and key.count("-") == 1)):
            person = forms[key].person()
            if isinstance(person, NewPerson) and (home := forms.get(f"{key}-home")) is not None:
                person = replace(person, homes=(home.home(),))
            if isinstance(person, NewPerson) and person.date_of_birth is None:
                reasons.append(f"No date of birth of {key.replace('-', ' ')}: {forms[key].cleaned_data['no_birth']}")
            if key != "respondent":
                relationships[len(people) - 1] = forms[key].cleaned_data.get("relationship", "")
            people[key] = person
        victims = [person for key, person in people.items() if key != "respondent"]
        when: WhenForm = forms["when"]
        order = NewOrder(
            kind=self.kind,
            reference=numbers["reference"],
            owner_force=self.user.force,
            perpetrator=people["respondent"],
            victims=victims,
            events=when.events(numbers.get("court", "")),
            replaces=self.follows,
            court=numbers.get("court", ""),
            case_ref=numbers.get("case_ref", ""),
            officer=numbers.get("officer", ""),
            without_notice=notice.answer("without_notice") if notice else None,
            power_of_arrest=notice.answer("power_of_arrest") if notice and self.kind == "OCC" else None,
            conditions=forms["conditions"].conditions(),
            relationships=relationships,
        )
        return order, " ".join(reasons)

    def _valid(self, key: str) -> Any:
        form = self.form(key, kept=True)
        if not form.is_valid():
            raise ValueError(f"{key} is not answered")
        return form

    def _data(self, key: str) -> QueryDict | None:
        stood = self.answers.get(key)
        if stood is None:
            return None
        data = QueryDict(mutable=True)
        for name, values in stood.items():
            data.setlist(name, values)
        return data

    def _has_home(self, key: str) -> bool:
        """Whether somebody of the register was chosen of whom a home is known: it is not asked again."""
        chosen = (self.answers.get(key) or {}).get("same", [""])[0]
        if not chosen or chosen == "new":
            return False
        return Residence.objects.filter(person__public_id=chosen, superseded__isnull=True).exists()


def _initial(data: QueryDict) -> dict[str, Any]:
    return {name: data.get(name) for name in data}
