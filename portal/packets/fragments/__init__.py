"""The contexts of the packet's pages and of their fragments, and what this room puts on the pages of a case."""

from portal.packets.fragments.case_page import offers, tabs
from portal.packets.fragments.comments import said
from portal.packets.fragments.editor import covered, editor, progress, rows_context, rows_of, section_part
from portal.packets.fragments.packet import commenting, packet_page, packet_pdf
from portal.packets.fragments.saving import kept_label, saved_label

__all__ = [
    "commenting",
    "covered",
    "editor",
    "kept_label",
    "offers",
    "packet_page",
    "packet_pdf",
    "progress",
    "rows_context",
    "rows_of",
    "said",
    "saved_label",
    "section_part",
    "tabs",
]
