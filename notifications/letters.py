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
    """The message of a delivery; made and stored, sealed under the letter's key, at the first try."""
    if delivery.message is None:
        delivery.message_id = message_id(delivery)
        key = sealing.key_of(delivery.letter.text)
        text, html = sealing.unseal([delivery.letter.text, delivery.letter.html])
        message = made(
            subject=delivery.letter.subject,
            text=text,
            html=html,
            address=delivery.address,
            identity=delivery.message_id,
            sheet=sealing.unseal_bytes(delivery.letter.sheet),
        )
        delivery.message = key.seal_bytes(message)
        Delivery.objects.filter(pk=delivery.pk).update(message=delivery.message, message_id=delivery.message_id)
    found = bytes_of(delivery)
    if found is None:
        raise sealing.ErasedKeyError("an order of this email has been erased")
    return found


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
