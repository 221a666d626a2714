"""What stands in the margins of every printed sheet: the marking, who printed it, of when, and the number of the page.

A style sheet of its own, because it is the same user's on every page and the content security policy lets no page have
styles in itself.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from orders.access.permissions import Action
from orders.templatetags.order_words import moment
from orders.views.access import permitted, user_of

_SHEET = """@page {{
  margin: 16mm 14mm 18mm;
  @top-center {{ content: {marking}; font: bold 10pt Arial, sans-serif; }}
  @bottom-center {{
    content: {marking} "\\a" {printed} ". Page " counter(page) " of " counter(pages);
    font: bold 9pt Arial, sans-serif; text-align: center; white-space: pre-wrap;
  }}
}}
"""


@permitted(Action.ACCOUNT)
def print_marks(request: HttpRequest) -> HttpResponse:
    """The style sheet for paper, of the user and the instant at which the page was shown."""
    user = user_of(request)
    marking = settings.PROTECTIVE_MARKING + (" – DEMONSTRATION DATA" if settings.DEMONSTRATION else "")
    printed = f"Printed by {user} ({user.username}), as shown on {moment(timezone.now())}"
    return HttpResponse(_SHEET.format(marking=css_text(marking), printed=css_text(printed)), content_type="text/css")


def css_text(text: str) -> str:
    """A text as CSS holds it; whatever is no letter, digit or space by its number, so that nothing ends it.

    The blank after a number belongs to the number (CSS Syntax 3, 4.3.7): a blank of the text's own comes besides.
    """
    return '"' + "".join(one if one.isalnum() or one == " " else f"\\{ord(one):06x} " for one in text) + '"'
