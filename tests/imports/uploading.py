"""Uploading a bundle as somebody at the browser, and having the worker read it."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from orders.imports import work
from orders.models import Area, Role, Upload, User
from tests.imports.bundles import Draft
from tests.pages.asking import text


def client_of(name: str, *roles: Role, force: str = "WMP") -> Client:
    user = User.objects.create_user(name, roles=[role.value for role in roles], force=Area.objects.get(code=force))
    client = Client()
    client.force_login(user)
    return client


def zipped(draft: Draft) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in draft.content().items():
            archive.writestr(name, content)
    return out.getvalue()


def sent(client: Client, content: bytes, name: str = "extract.zip") -> Any:
    return client.post("/imports", {"bundle": SimpleUploadedFile(name, content)})


def uploaded(client: Client, draft: Draft) -> Upload:
    """Upload and have it read."""
    response = sent(client, zipped(draft))
    assert response.status_code == 302, text(response)
    work.work_on_all()
    return Upload.objects.latest("pk")
