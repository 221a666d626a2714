"""What is asked about people: who they are, where they live, and whether two records are of one."""

from __future__ import annotations

from typing import Any

from django import forms

from govuk_forms.dates import DateField
from orders.forms.doing import DoingForm
from orders.forms.putting_right import ReasonedForm
from orders.models import Area, Level, Person, Postcode
from orders.models.person import ResidenceStatus
from orders.record.storing import NewHome, spaced
from orders.statute import valid_pnc_id

SEXES = [("M", "Male"), ("F", "Female"), ("X", "Not specified"), ("", "Not known")]


def aliases_of(text: str) -> list[list[str]]:
    """Other names, each on a line as FAMILY, Given."""
    found = []
    for line in text.splitlines():
        family, _, given = line.partition(",")
        if family.strip():
            found.append([family.strip(), given.strip()])
    return found


class DescribedFields(forms.Form):
    """Who somebody is."""

    family_name = forms.CharField(
        label="Family name", max_length=200, error_messages={"required": "Enter the family name"}
    )
    given_names = forms.CharField(label="Given names", max_length=200, required=False)
    date_of_birth = DateField(
        called="Date of birth",
        label="Date of birth",
        help_text="For example, 23 6 1986",
        required=False,
        not_future=True,
    )
    no_birth = forms.CharField(
        label="If the date of birth is not known, why",
        max_length=200,
        required=False,
        help_text="Without it people are taken for each other: ask the court for it.",
    )
    sex = forms.ChoiceField(label="Sex", choices=SEXES, required=False, widget=forms.RadioSelect)
    pnc_id = forms.CharField(label="PNC ID, if known", max_length=13, required=False, help_text="Like 2003/0062845E")
    aliases = forms.CharField(
        label="Other names, each on a line: FAMILY, Given",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_pnc_id(self) -> str:
        """With the letter that its number requires."""
        text = str(self.cleaned_data["pnc_id"]).strip().upper()
        if text and not valid_pnc_id(text):
            raise forms.ValidationError("PNC ID must be like 2003/0062845E: check the number and its letter")
        return text

    def clean(self) -> dict[str, Any]:
        """A date of birth, or why there is none."""
        values = super().clean() or {}
        born = values.get("date_of_birth")
        if born is None and "date_of_birth" not in self.errors and not (values.get("no_birth") or "").strip():
            self.add_error("date_of_birth", "Enter the date of birth, or say below why it is not known")
        return values


class DescriptionForm(DescribedFields, ReasonedForm):
    """A person's description, put right."""

    FIELDS = ("family_name", "given_names", "date_of_birth", "sex", "pnc_id", "aliases")

    def __init__(self, person: Person, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.person = person
        self.order_fields([
            "family_name", "given_names", "date_of_birth", "no_birth", "sex", "pnc_id", "aliases", "reason",
        ])  # fmt: skip

    @staticmethod
    def told(person: Person) -> dict[str, Any]:
        """What stands there."""
        told = {name: getattr(person, name) for name in DescriptionForm.FIELDS}
        return {**told, "aliases": "\n".join(", ".join(pair) for pair in person.aliases)}

    def changes(self) -> dict[str, Any]:
        """The fields that are to change."""
        values = {name: self.cleaned_data[name] for name in self.FIELDS}
        values["aliases"] = aliases_of(values["aliases"])
        return {name: value for name, value in values.items() if getattr(self.person, name) != value}


class HomeFields(forms.Form):
    """Where somebody lives. A neighbourhood is looked up by the postcode where none is chosen."""

    status = forms.ChoiceField(
        label="Where do they live?",
        choices=[(value, label if value != "home" else "At an address") for value, label in ResidenceStatus.choices],
        widget=forms.RadioSelect,
        initial="home",
        error_messages={"required": "Select where they live"},
    )
    address = forms.CharField(label="Address", max_length=500, required=False)
    postcode = forms.CharField(label="Postcode", max_length=9, required=False, help_text="It finds the neighbourhood.")
    neighbourhood = forms.ModelChoiceField(
        label="Neighbourhood, if the postcode is not known",
        help_text="Beside a postcode that lies across two of them it counts before the postcode.",
        queryset=Area.objects.none(),
        required=False,
        empty_label="",
    )
    from_on = DateField(called="The day from which they lived there", label="Since when", not_future=True)
    withheld = forms.ChoiceField(
        label="Is the address secret?",
        choices=[("Y", "Yes: keep it from everybody without the permission"), ("N", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether the address is secret"},
    )

    def limit(self, force: Area | None) -> None:
        """Only neighbourhoods of the user's force."""
        field: Any = self.fields["neighbourhood"]
        field.queryset = Area.objects.filter(level=Level.NEIGHBOURHOOD, force=force).select_related("parent")
        field.label_from_instance = lambda area: f"{area.parent.name}: {area.name}"

    def clean(self) -> dict[str, Any]:
        """A home needs an address or a postcode; a postcode that is not known needs its neighbourhood chosen."""
        values = super().clean() or {}
        typed = (values.get("postcode") or "").strip()
        postcode = spaced(typed)
        if values.get("status") == "home" and not values.get("address") and not postcode:
            self.add_error("address", "Enter the address or the postcode")
        values["postcode"] = postcode
        values["found"] = values.get("neighbourhood")
        if postcode and values["found"] is None and "neighbourhood" not in self.errors:
            known = Postcode.objects.filter(postcode=postcode.replace(" ", "")).select_related("neighbourhood").first()
            if known is not None:
                values["found"] = known.neighbourhood
            elif values.get("status") == "home" and not self.data.get("unplaced"):
                self.add_error(
                    "postcode",
                    f"{typed.upper()} is not in the register's list. Check it, or choose the neighbourhood below",
                )
        elif postcode and values["found"] is not None:
            self._in_one_area(postcode, values["found"])
        return values

    def _in_one_area(self, postcode: str, chosen: Area) -> None:
        """A postcode can lie across two neighbourhoods, but whose area it is must not be left to chance."""
        known = (
            Postcode.objects.filter(postcode=postcode.replace(" ", "")).select_related("neighbourhood__parent").first()
        )
        if known is not None and known.neighbourhood.parent_id != chosen.parent_id:
            lies_in = known.neighbourhood
            self.add_error(
                "neighbourhood",
                f"{postcode} lies in {lies_in.name}, {lies_in.parent}. Leave the neighbourhood blank, or put the "
                "postcode right",
            )

    def home(self) -> NewHome:
        """The home; the form must be valid."""
        values = self.cleaned_data
        return NewHome(
            values["from_on"],
            values["status"],
            values.get("to_on"),
            values["address"].strip(),
            values["postcode"],
            values["found"],
            values["withheld"] == "Y",
        )


class MoveForm(HomeFields, DoingForm):
    """Where somebody has moved."""

    to_on = DateField(
        called="The day they leave", label="Until when, if it is over", required=False,
        help_text="The first day they no longer lived there.",
    )  # fmt: skip
    reason = forms.CharField(label="How that is known", max_length=500, required=False)

    def __init__(self, *args: Any, force: Area | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.limit(force)
        self.fields["from_on"].label = "From which day do they live there?"
        self.order_fields([
            "status", "address", "postcode", "neighbourhood", "from_on", "to_on", "withheld", "reason",
        ])  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """They leave after they came."""
        values = super().clean()
        begins, ends = values.get("from_on"), values.get("to_on")
        if begins is not None and ends is not None and ends <= begins:
            self.add_error("to_on", "The day they leave must be after the day from which they live there")
        return values


class MergeForm(ReasonedForm):
    """Whether two records are of one person."""

    same = forms.ChoiceField(
        label="Are they the same person?",
        choices=[("yes", "Yes: make them one record"), ("no", "No: they are two people")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether they are the same person"},
    )
    field_order = ["same", "reason"]


class AdoptForm(ReasonedForm):
    """Whether an order entered by hand is one that a source sent."""

    def __init__(self, *args: Any, contradicted: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["same"] = forms.ChoiceField(
            label="Are they the same order?",
            choices=[("yes", "Yes: the one from the source stands for both"), ("no", "No: they are two orders")],
            widget=forms.RadioSelect,
            error_messages={"required": "Select whether they are the same order"},
        )
        if contradicted:
            self.fields["word"] = forms.ChoiceField(
                label="They contradict each other. Whose word counts?",
                choices=[
                    ("source", "The source's"),
                    ("entered", "What was entered by hand"),
                    ("open", "Not known yet: the order is unconfirmed until somebody finds out"),
                ],
                widget=forms.RadioSelect,
                required=False,
            )
        self.order_fields(["same", "word", "reason"])

    def clean(self) -> dict[str, Any]:
        """A contradiction must be decided, or said to be open."""
        values = super().clean() or {}
        if values.get("same") == "yes" and "word" in self.fields and not values.get("word"):
            self.add_error("word", "Select whose word counts")
        return values
