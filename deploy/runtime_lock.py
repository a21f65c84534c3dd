"""Prints the part of the lock file that an installation needs, hashes and all.

    pip install --dry-run --report report.json -c versions.txt -r wanted.txt
    python runtime_lock.py requirements.lock report.json > runtime.lock

The lock holds the test and build tools too, and pip takes hashes only from a complete list of pinned requirements.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path


def locked_entries(lock: str) -> dict[str, str]:
    """Each package of the lock with its whole entry: version, marker, hashes."""
    entries = re.findall(r"^[A-Za-z0-9][^\n]*\\\n(?: +--hash=\S+(?: \\)?\n)+", lock, flags=re.MULTILINE)
    return {normalised(re.split(r"[=\[ ]", entry, maxsplit=1)[0]): entry for entry in entries}


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(lock_file: str, report_file: str) -> int:
    entries = locked_entries(Path(lock_file).read_text(encoding="utf-8"))
    report = json.loads(Path(report_file).read_text(encoding="utf-8"))
    wanted = sorted(normalised(item["metadata"]["name"]) for item in report["install"])
    if missing := [name for name in wanted if name not in entries]:
        sys.stderr.write(f"{lock_file} does not hold {', '.join(missing)}: run `make lock`\n")
        return 1
    sys.stdout.write("".join(entries[name] for name in wanted))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
