"""Words without their endings."""


def stem(word: str) -> str:
    """A word without its commonest endings."""
    for ending in ("ing", "ies", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
