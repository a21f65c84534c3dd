"""Text that comes from users, made fit for one line of a terminal, a ticket or an index."""


def plain(text: object, limit: int) -> str:
    """One line without control characters (a terminal would obey them), at most `limit` characters."""
    shown = "".join(character if character.isprintable() else " " for character in str(text))
    flat = " ".join(shown.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def within_bytes(text: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8, cut between characters."""
    return text.encode()[:limit].decode(errors="ignore")
