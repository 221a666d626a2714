"""From a delivery to the bytes that travel: made once, kept with the row, and the same at every try."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.utils import timezone

from notifications.models import Delivery
from orders.access import sealing
from orders.statute import LONDON

XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def message_id(delivery: Delivery) -> str:
    """Stable: copies of the same delivery are seen as one (RFC 5322 s.3.6.4)."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<digest.{delivery.run.day:%Y%m%d}.{delivery.pk}@{domain}>"


def message_of(delivery: Delivery) -> bytes:
    """The message of a delivery: as first handed over, or else made now and put into the row, which is not saved.

    In the row it is sealed under the letter's key. Raises ErasedKeyError when an order of it has been erased.
    """
    letter = delivery.letter
    key = sealing.key_of(letter.text)
    if delivery.message is not None:
        return key.opened(delivery.message)
    delivery.message_id = message_id(delivery)
    text, html = sealing.unseal_within([letter.text, letter.html], lambda ids: {key.id: key})
    message = made(
        subject=letter.subject,
        text=text,
        html=html,
        address=delivery.address,
        identity=delivery.message_id,
        sheet=None if letter.sheet is None else key.opened(letter.sheet),
    )
    delivery.message = key.seal_bytes(message)
    return message


def bytes_of(delivery: Delivery) -> bytes | None:
    """The message as it was handed over, byte for byte; None before the first try, and when it has been erased."""
    return sealing.unseal_bytes(delivery.message)


def made(*, subject: str, text: str, html: str, address: str, identity: str, sheet: bytes | None = None) -> bytes:
    """A message in ASCII alone, so that it passes every server (RFC 5322, RFC 2045)."""
    found = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    found["From"] = settings.DEFAULT_FROM_EMAIL
    found["To"] = address
    found["Reply-To"] = settings.REPLY_TO_EMAIL or settings.DEFAULT_FROM_EMAIL
    found["Subject"] = subject
    found["Date"] = format_datetime(timezone.now().astimezone(LONDON))
    found["Message-ID"] = identity
    found["Auto-Submitted"] = "auto-generated"  # RFC 3834 s.5
    found["X-Auto-Response-Suppress"] = "All"
    found["Sensitivity"] = "Company-Confidential"
    found.set_content(text, cte="quoted-printable")
    found.add_alternative(html, subtype="html", cte="quoted-printable")
    if sheet is not None:
        found.add_attachment(sheet, maintype=XLSX[0], subtype=XLSX[1], filename="civil-orders.xlsx")
    return found.as_bytes()
