"""Charts as they stand in a page: SVG checked and named, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from markupsafe import Markup

from interact.errors import ReportFailed

_ALLOWED = frozenset({"svg", "g", "path", "line", "rect", "text", "tspan", "title", "defs", "clipPath"})
_SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Picture:
    """A drawn chart, for a page and for a phone; without either, `note` says why."""

    wide: str = ""
    narrow: str = ""
    """SVG, marked as safe; see `inline`."""
    key: tuple[tuple[str, str], ...] = ()
    """Name and colour of each series that the plot itself does not name."""
    note: str = ""
    is_missing: bool = False
    """True when there were rows to draw, and no picture came of them."""


def inline(svg: str, *, title: str) -> Markup:
    """Return the SVG to stand in a page under a title, which is its text for those who do not see it."""
    root = ElementTree.fromstring(svg)  # written by our own child, which knows no entities
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        if element.tag not in _ALLOWED:
            raise ReportFailed(f"A chart holds the element {element.tag[:40]!r}, which our charts never have.")
        element.attrib.pop("class", None)
    for parent in list(root.iter("g")):
        for path in [
            child for child in parent if child.tag == "path" and not child.get("fill") and not child.get("stroke")
        ]:
            parent.remove(path)  # Vega's frames: without colour, but a PDF would tag each
    root.set("role", "img")
    name = ElementTree.Element("title")
    name.text = title
    root.insert(0, name)
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # allowed elements only, escaped texts
