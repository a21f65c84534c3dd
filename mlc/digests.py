"""Digests of what a person approves, so that an approval can be held against what is about to be deployed."""

import hashlib
import json


def digest(value: object) -> str:
    """SHA-256 over canonical JSON (sorted keys, no blanks), as `sha256:<hex>`. `value` must be JSON-able."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
