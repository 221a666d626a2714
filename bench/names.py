"""Names of invented people: common ones, and syllables of which some 40,000 rarer family names are put together."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MEN = _words(
    "Adam Adrian Ahmed Alan Amrit Andrei Ben Bilal Callum Chidi Craig Darren Delroy Faisal Gavin Gurdeep Hamza "
    "Harpreet Imran Jack Jakub Jamal Jaspal Jermaine Kashif Kieran Kofi Kwame Lee Leroy Manjit Mark Marlon Mizan "
    "Naveed Omar Paul Pawel Rafiq Ranjit Rashid Ryan Sajid Sean Stephen Sukhdev Tariq Tomasz Tunde Tyrone Usman "
    "Wayne Winston Zahid"
)
WOMEN = _words(
    "Abena Agnieszka Aisha Alicia Amandeep Amina Amy Anna Beth Candice Chloe Donna Emma Farah Fatima Folasade "
    "Gemma Gurpreet Hannah Hasina Hina Ioana Jade Jasvir Joanne Katarzyna Keisha Kelly Kiran Latoya Lucy Magda "
    "Marcia Megan Nadia Natalie Nazma Ngozi Rachel Rina Rukhsana Saima Salma Sarah Shazia Simran Yasmin Yewande "
    "Zainab Zofia Zoe"
)
FAMILIES = _words(
    "Adeyemi Ahmed Akhtar Ali Atwal Bailey Bains Baker Balogun Begum Brown Butt Campbell Choudhury Clarke Cooper "
    "Dhillon Francis Gill Gordon Grant Grewal Groves Haque Harris Hickman Hussain Hussein Ionescu Iqbal Johal "
    "Jones Kaur Khan Khatun Kowalski Lewandowski Mahmood Malik Mason Mensah Miah Mirza Morgan Nowak O'Brien "
    "O'Neill Okafor Okonkwo Owusu Perry Popescu Rahman Rashid Sandhu Shah Sidhu Singh Smith Smith-Jones Taylor "
    "Thomas Turner Uddin Walker Webb Williams Wiśniewski Yardley Zieliński"
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
