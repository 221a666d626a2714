"""Invented people with the variety of names of the region, and invented homes in real wards."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from orders.statute.pnc_id import check_letter

# Given and family names of one community each, so that combinations look as they do in the region.
_COMMUNITIES: tuple[tuple[int, str, str, str], ...] = (
    (40, "Adam Alan Ben Callum Craig Darren Gavin Jack Kieran Lee Mark Paul Ryan Sean Stephen Wayne",
     "Amy Beth Chloe Donna Emma Gemma Hannah Jade Joanne Kelly Lucy Megan Natalie Rachel Sarah Zoe",
     "SMITH JONES TAYLOR BROWN WALKER CLARKE BAKER COOPER HARRIS MASON PERRY TURNER WEBB HICKMAN GROVES YARDLEY"),
    (20, "Adil Ahmed Bilal Faisal Hamza Imran Kashif Naveed Omar Rashid Sajid Tariq Usman Zahid",
     "Aisha Amina Farah Fatima Hina Iqra Nadia Nasreen Rukhsana Saima Shazia Yasmin Zainab",
     "HUSSAIN AHMED ALI KHAN MAHMOOD AKHTAR IQBAL MALIK MIRZA RASHID SHAH BUTT HUSSEIN"),
    (12, "Amrit Balraj Gurdeep Harpreet Jaspal Kuldip Manjit Navdeep Parminder Ranjit Sukhdev",
     "Amandeep Baljit Gurpreet Harjit Jasvir Kiran Manpreet Navjot Rajinder Simran Sukhvinder",
     "SINGH KAUR DHILLON GILL GREWAL SANDHU SIDHU BAINS ATWAL JOHAL"),
    (6, "Abdul Farid Jamal Mizan Rafiq Shamim Tarek", "Begum-Jahan Farida Hasina Nazma Rina Salma Taslima",
     "BEGUM CHOUDHURY HAQUE MIAH RAHMAN UDDIN KHATUN"),
    (9, "Andre Courtney Delroy Jermaine Leroy Marlon Tyrone Winston", "Alicia Candice Keisha Latoya Marcia Shanice",
     "CAMPBELL FRANCIS GORDON GRANT THOMAS WILLIAMS BAILEY MORGAN"),
    (6, "Chidi Emeka Femi Kofi Kwame Tunde", "Abena Adaeze Folasade Ngozi Temitope Yewande",
     "ADEYEMI MENSAH OKAFOR OKONKWO OWUSU BALOGUN"),
    (7, "Adrian Andrei Jakub Krzysztof Marek Pawel Tomasz Wojciech", "Agnieszka Anna Ioana Katarzyna Magda Zofia",
     "NOWAK KOWALSKI WIŚNIEWSKI POPESCU IONESCU ZIELIŃSKI LEWANDOWSKI"),
)  # fmt: skip
_STREETS = (
    "Example Road", "Sample Close", "Specimen Street", "Placeholder Way", "Illustration Avenue", "Instance Lane",
    "Model Terrace", "Demo Gardens", "Test Grove", "Trial Court",
)  # fmt: skip
_ETHNICITIES = ("W1", "W2", "W9", "M1", "A1", "A2", "A3", "B1", "B2", "O9", "NS")
_WARNINGS = ("VI", "WE", "DR", "MN", "SU", "ES", "FI")


@dataclass(slots=True)
class Home:
    """A residence; dates local. `secret` is Y, N or blank."""

    ref: str
    address: str
    postcode: str
    neighbourhood: str
    status: str
    from_on: date
    to_on: date | None
    secret: str


@dataclass(slots=True)
class Somebody:
    """An invented person."""

    ref: str
    family_name: str
    given_names: str
    date_of_birth: date
    sex: str
    ethnicity: str
    pnc_id: str
    warnings: str
    aliases: str
    homes: list[Home] = field(default_factory=list)


class People:
    """Makes people, each with a ref of their own. The same random source gives the same people."""

    def __init__(self, chance: random.Random, postcodes: dict[str, list[str]], today: date) -> None:
        self._chance = chance
        self._postcodes = postcodes
        self._neighbourhoods = sorted(postcodes)
        self._today = today
        self._count = 0
        self._homes = 0
        self._weights = [weight for weight, *_ in _COMMUNITIES]
        self._names = [(men.split(), women.split(), family.split()) for _, men, women, family in _COMMUNITIES]

    def perpetrator(self) -> Somebody:
        """Mostly men, with a PNC ID more often than not; some without a home that places them."""
        chance = self._chance
        person = self._person("M" if chance.random() < 0.88 else "F", identified=True)
        roll = chance.random()
        if roll < 0.88:
            self._settle(person, "N" if chance.random() < 0.9 else "")
        else:
            status = "no fixed abode" if roll < 0.93 else "custody" if roll < 0.97 else "out of force"
            self._homes += 1
            begun = self._today - timedelta(days=chance.randint(30, 900))
            person.homes.append(Home(f"DA-{self._homes}", "", "", "", status, begun, None, "N"))
        return person

    def victim(self) -> Somebody:
        """Mostly women; whose address is often secret, or nobody said."""
        roll = self._chance.random()
        person = self._person("F" if self._chance.random() < 0.9 else "M", identified=False)
        self._settle(person, "Y" if roll < 0.35 else "N" if roll < 0.65 else "")
        return person

    def move(self, person: Somebody, on: date) -> None:
        """Let somebody move home on a day."""
        for home in person.homes:
            if home.to_on is None:
                home.to_on = on
        secret = person.homes[-1].secret if person.homes else ""
        self._add_home(person, on, secret)

    def _person(self, sex: str, *, identified: bool) -> Somebody:
        chance = self._chance
        self._count += 1
        men, women, families = chance.choices(self._names, self._weights)[0]
        family, given = chance.choice(families), chance.choice(men if sex == "M" else women)
        pnc_id = ""
        if identified and chance.random() < 0.7:
            year, serial = chance.randint(1985, self._today.year - 1), chance.randint(1, 9_999_999)
            pnc_id = f"{year}/{serial:07}{check_letter(year, serial)}"
        aliases = ""
        if chance.random() < 0.15:
            drawn = chance.choice(families)
            aliases = f"{next(name for name in (drawn, *families) if name != family)}, {given}"
        warnings = (
            "|".join(sorted(chance.sample(_WARNINGS, chance.randint(1, 2))))
            if identified and chance.random() < 0.3
            else ""
        )
        born = self._today - timedelta(days=chance.randint(18 * 366, 70 * 365))
        return Somebody(
            f"DP-{self._count}", family, given, born, sex, chance.choice(_ETHNICITIES), pnc_id, warnings, aliases
        )

    def _settle(self, person: Somebody, secret: str) -> None:
        chance = self._chance
        self._add_home(person, self._today - timedelta(days=chance.randint(400, 4_000)), secret)
        if chance.random() < 0.06:
            self.move(person, self._today - timedelta(days=chance.randint(5, 390)))

    def _add_home(self, person: Somebody, from_on: date, secret: str) -> None:
        chance = self._chance
        self._homes += 1
        neighbourhood = chance.choice(self._neighbourhoods)
        postcode = chance.choice(self._postcodes[neighbourhood])
        address = f"{chance.randint(1, 140)} {chance.choice(_STREETS)} (demonstration)"
        # Some sources give only the postcode.
        code = neighbourhood if chance.random() < 0.8 else ""
        person.homes.append(Home(f"DA-{self._homes}", address, postcode, code, "home", from_on, None, secret))
