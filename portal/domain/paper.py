"""Which paper a document is set on: that of its reader's locale, unless the organisation wants one for all."""

US_LETTER = ("en_US", "en_CA", "es_MX", "fr_CA")


def paper_for(wanted: str, locale: str) -> str:
    """`a4` or `letter`; `wanted` may be either, or `auto` for that of the locale."""
    if wanted != "auto":
        return wanted
    return "letter" if locale.replace("-", "_") in US_LETTER else "a4"
