"""Names of invented people, by community: lists that the package Faker carries, some of our own, and made up ones.

The earlier a name stands in its list the more often it comes. Rare family names are put together of syllables.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from typing import Any


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _faker(locale: str, *lists: str) -> tuple[str, ...]:
    """Names that Faker has for a locale in Latin letters, the frequent first where it says how frequent they are."""
    provider: Any = import_module(f"faker.providers.person.{locale}").Provider
    found: dict[str, float] = {}
    for name in lists:
        held = getattr(provider, name)
        weights = dict(held) if hasattr(held, "items") else dict.fromkeys(held, 0.0)
        for word, weight in weights.items():
            if 1 < len(word) <= 30:
                found[word] = max(weight, found.get(word, 0.0))
    return tuple(sorted(found, key=lambda word: -found[word]))


def _mixed(*lists: tuple[str, ...]) -> tuple[str, ...]:
    """The names of some lists, each once, those of the earlier lists first."""
    return tuple(dict.fromkeys(chain.from_iterable(lists)))


@dataclass(frozen=True, slots=True)
class Community:
    """Whose names go together; `share` in a hundred."""

    share: int
    men: tuple[str, ...]
    women: tuple[str, ...]
    families: tuple[str, ...]


def communities() -> tuple[Community, ...]:
    """Those of a force of the West Midlands, roughly."""
    english = (_faker("en_GB", "first_names_male"), _faker("en_GB", "first_names_female"))
    pakistani = _words(
        "Mohammed Muhammad Ahmed Ali Adil Bilal Faisal Hamza Hassan Imran Kashif Naveed Omar Rashid Sajid Tariq Usman "
        "Zahid Abdul Yusuf Ibrahim Ismail Khalid Nadeem Shahid Waseem Zubair"
    )
    pakistani_women = _words(
        "Aisha Fatima Amina Farah Hina Iqra Nadia Nasreen Rukhsana Saima Shazia Yasmin Zainab Maryam Khadija Sumaira "
        "Noreen Uzma Bushra Samina"
    )
    return (
        Community(36, *english, _mixed(_faker("en_GB", "last_names"), _faker("en_US", "last_names"))),
        Community(
            6,
            _faker("en_IE", "first_names_male"),
            _faker("en_IE", "first_names_female"),
            _mixed(
                _words("O'Neill O'Brien Murphy Kelly Walsh O'Connor Byrne Ryan Doherty O'Sullivan McCarthy Gallagher"),
                _faker("en_IE", "last_names"),
                _faker("ga_IE", "last_names"),
            ),
        ),
        Community(
            5,
            _mixed(
                _words("Rhys Gareth Dafydd Gruffydd Ieuan Huw Owain Emyr Iolo Llŷr Siôn Tomos Hywel Aled"),
                english[0][:60],
            ),
            _mixed(
                _words("Siân Angharad Bethan Catrin Cerys Eleri Ffion Gwenllian Lowri Megan Nerys Rhiannon Seren"),
                english[1][:60],
            ),
            _words(
                "Jones Davies Williams Evans Thomas Roberts Lewis Hughes Morgan Griffiths Edwards Owen Rees Price "
                "Llewellyn Pritchard Powell Bowen Parry Pugh Gwynne Lloyd Vaughan Howell Jenkins Llywelyn ap-Rhys Bevan"
            ),
        ),
        Community(
            20,
            _mixed(pakistani, _faker("en_PK", "first_names")[:220]),
            pakistani_women,
            _mixed(
                _words(
                    "Khan Hussain Ahmed Ali Begum Akhtar Iqbal Mahmood Malik Shah Mirza Rashid Butt Hussein Miah "
                    "Rahman Uddin Choudhury Chowdhury Haque Khatun Chaudhry Sheikh Qureshi Siddiqui Syed Bibi Kausar "
                    "Parveen Hassan Aslam al-Hassan Abdul-Rahman ul-Haq Bin-Yusuf"
                ),
                _faker("en_PK", "last_names"),
            ),
        ),
        Community(
            12,
            _mixed(
                _words("Amrit Balraj Gurdeep Harpreet Jaspal Kuldip Manjit Navdeep Parminder Ranjit Sukhdev"),
                _faker("en_IN", "first_names_male"),
            ),
            _mixed(
                _words("Amandeep Gurpreet Harjit Jasvir Kiran Manpreet Navjot Rajinder Simran Sukhvinder"),
                _faker("en_IN", "first_names_female"),
            ),
            _mixed(
                _words("Singh Kaur Patel Dhillon Gill Grewal Sandhu Sidhu Bains Atwal Johal Sharma Chahal De-Silva"),
                _faker("en_IN", "last_names"),
            ),
        ),
        Community(
            7,
            _faker("pl_PL", "first_names_male"),
            _faker("pl_PL", "first_names_female"),
            _mixed(
                _words("Nowak Kowalski Wiśniewski Wójcik Zieliński Lewandowski Kamiński Szymański"),
                _faker("pl_PL", "unisex_last_names", "male_last_names"),
            ),
        ),
        Community(
            8,
            _mixed(
                _words("Chidi Emeka Femi Kofi Kwame Tunde Babatunde Olufemi Chukwuemeka"),
                _faker("yo_NG", "first_names_male"),
                _faker("ig_NG", "first_names_male"),
                _faker("tw_GH", "first_names_male"),
            ),
            _mixed(
                _words("Abena Adaeze Folasade Ngozi Temitope Yewande"),
                _faker("yo_NG", "first_names_female"),
                _faker("ig_NG", "first_names_female"),
                _faker("tw_GH", "first_names_female"),
            ),
            _mixed(
                _words("Adeyemi Okafor Okonkwo Mensah Owusu Balogun"),
                _faker("yo_NG", "last_names"),
                _faker("ig_NG", "last_names"),
                _faker("ha_NG", "last_names"),
                _faker("tw_GH", "last_names"),
            ),
        ),
        Community(
            6,
            _faker("ro_RO", "first_names_male"),
            _faker("ro_RO", "first_names_female"),
            _mixed(_faker("ro_RO", "last_names"), _faker("sw", "last_names")),
        ),
    )


FIRST_SYLLABLES = _words(
    "al an bar bel bran cal car chan dal dar del dun el fal far gal gar hal har hol kal kar kel lan lar lin mal "
    "mar mel nor pal par pel ral ran sal san sel sha tal tan tel val van wal war wil yar zan"
)
MIDDLE_SYLLABLES = _words("a be da de di e fa ge i ka la le li ma mi na ni o ra ri sa ta te ti u va")
LAST_SYLLABLES = _words(
    "bury by cott dale den ding don field ford gate ham ian ing kin ley lock low man mer ner nett ov rick row sen "
    "shaw ski son ster stock ton well wick worth"
)


def values() -> dict[str, Any]:
    """The lists as the SQL of the filling takes them: one after the other, with where those of a community begin."""
    of_all = communities()
    found: dict[str, Any] = {"communities": [number for number, one in enumerate(of_all, 1) for _ in range(one.share)]}
    for sort in ("men", "women", "families"):
        lists = [getattr(one, sort) for one in of_all]
        found[sort] = [name for names in lists for name in names]
        found[f"{sort}_size"] = [len(names) for names in lists]
        found[f"{sort}_before"] = [sum(map(len, lists[:number])) for number in range(len(lists))]
    return found | {
        "first_syllables": list(FIRST_SYLLABLES),
        "middle_syllables": list(MIDDLE_SYLLABLES),
        "last_syllables": list(LAST_SYLLABLES),
    }
