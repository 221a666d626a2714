"""What a file is, by how it begins and how it ends; its name and what the browser said of it count for nothing.

Nothing is decoded: a file that nobody trusts is not given to a parser of images in the web process. That each kind must
also end as it should keeps out what is two things at once, an archive or a page behind a picture.
"""

from __future__ import annotations

import re
from typing import Literal

from orders.models import DocumentType

_PDF_BEGINS = re.compile(rb"%PDF-[12]\.\d")
_PDF_ENDS = b"%%EOF"
_PNG_BEGINS = b"\x89PNG\r\n\x1a\n"
_PNG_ENDS = b"\x00\x00\x00\x00IEND\xaeB`\x82"
_JPEG_BEGINS, _JPEG_ENDS = b"\xff\xd8\xff", b"\xff\xd9"
_TIFF_BEGINS: dict[bytes, Literal["little", "big"]] = {b"II*\x00": "little", b"MM\x00*": "big"}
_BLANK = b"\x00\t\n\x0c\r "


class NotADocument(ValueError):
    """A file that is not taken, in words for whoever uploads it."""


def type_of(content: bytes) -> DocumentType:
    """What a file is. Raises NotADocument."""
    if not content:
        raise NotADocument("The file is empty. Choose another")
    if _PDF_BEGINS.match(content):
        return _whole(DocumentType.PDF, content.rstrip(_BLANK).endswith(_PDF_ENDS))
    if content.startswith(_PNG_BEGINS):
        return _whole(DocumentType.PNG, content[12:16] == b"IHDR" and content.endswith(_PNG_ENDS))
    if content.startswith(_JPEG_BEGINS):
        return _whole(DocumentType.JPEG, content.rstrip(b"\x00").endswith(_JPEG_ENDS))
    order = _TIFF_BEGINS.get(content[:4])
    if order is not None:
        directory = int.from_bytes(content[4:8], order)
        return _whole(DocumentType.TIFF, 8 <= directory <= len(content) - 2 and not _hides_archive(content))
    raise NotADocument("The file must be a PDF, PNG, JPEG or TIFF. Its name does not count: scan or print it anew")


def _whole(found: DocumentType, ends_well: bool) -> DocumentType:
    if not ends_well:
        raise NotADocument(
            f"The file begins as a {found.label} but is cut off, or has something else behind it. Scan or print it anew"
        )
    return found


def _hides_archive(content: bytes) -> bool:
    """Whether a file ends as a ZIP archive does; a TIFF has no end of its own by which to tell."""
    return b"PK\x05\x06" in content[-65_557:]
