"""Words of agents as HTML that can do no harm: Markdown without HTML, figures filled in last.

A reference to a figure is taken out before the Markdown is read and its value put in, escaped, after the HTML has been
cleaned. So a campaign named `**x**` or `<script>` is shown under that name, and never read as markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from interact.chats.calculation import Calculation
from interact.chats.figures import MARKED, SHOWN, UNTRACED, resolve
from interact.chats.result import Result
from interact.reports.sources import Source, source_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_PLACE = re.compile("\ue000(\\d+)\ue001")
_ANCHOR = re.compile(r"(<a .*?</a>)", re.DOTALL)
_LINKED = re.compile(r"^<a [^>]*>(.*)</a>$", re.DOTALL)
_INLINE = frozenset({"strong", "em", "code", "del", "s", "br", "a"})
_TABLE = frozenset({"table", "thead", "tbody", "tr", "th", "td"})
_BLOCKS = _INLINE | _TABLE | {"p", "ul", "ol", "li", "h3", "h4", "pre", "blockquote", "hr"}
_LEVELS = {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}


class Prose:
    """Turns an agent's texts into HTML, with the figures of one set of results.

    With `sources`, by result, each figure of a paragraph is a link to where it comes from.
    """

    def __init__(
        self,
        results: Mapping[str, Result],
        calculations: Iterable[Calculation] = (),
        *,
        sources: Mapping[str, Source] | None = None,
    ) -> None:
        self._results = results
        self._calculations = tuple(calculations)
        self._sources = sources or {}

    def plain(self, text: str) -> str:
        """Return the text with its figures, to be escaped by whoever prints it."""
        return resolve(text, self._results, self._calculations)

    def words(self, text: str) -> str:
        """Return the words alone, a line a paragraph, an item or a cell: no Markdown, not escaped."""
        taken, references = _take_out(text)
        lines = (_said(token) for token in _reader().parse(taken))
        return _PLACE.sub(
            lambda match: self.plain(references[int(match[1])]), "\n".join(line for line in lines if line)
        )

    def line(self, text: str) -> Markup:
        """Return one line: emphasis and links, no blocks, and figures without links."""
        taken, references = _take_out(text)
        return self._fill(_clean(_reader().renderInline(taken), _INLINE), references, linked=False)

    def blocks(self, text: str) -> Markup:
        """Return paragraphs, lists, small headings and tables."""
        taken, references = _take_out(text)
        reader = _reader()
        tokens = reader.parse(taken)
        for token in tokens:
            token.tag = _LEVELS.get(token.tag, token.tag)
        html = reader.renderer.render(tokens, reader.options, {})
        return self._fill(_clean(html, _BLOCKS), references, linked=True)

    def _fill(self, html: str, references: list[str], *, linked: bool) -> Markup:
        def figure(match: re.Match[str]) -> str:
            written = references[int(match[1])]
            shown = self.plain(written)
            if shown == UNTRACED or MARKED.fullmatch(written):
                return str(Markup("<mark>{}</mark>").format(shown))
            source = source_of(written, self._sources, self._results, self._calculations) if linked else None
            return str(source.link(shown) if source else escape(shown))

        return Markup(_outside_links(html, figure))  # cleaned by nh3, and what is put in is escaped


def _outside_links(html: str, figure: Callable[[re.Match[str]], str]) -> str:
    """Return HTML with its figures; inside a link of the agent's they are no links themselves."""

    def plain(match: re.Match[str]) -> str:
        return _LINKED.sub(r"\1", figure(match))

    parts = _ANCHOR.split(html)
    return "".join(_PLACE.sub(plain if part.startswith("<a ") else figure, part) for part in parts)


def _take_out(text: str) -> tuple[str, list[str]]:
    references: list[str] = []

    def place(match: re.Match[str]) -> str:
        references.append(match[0])
        return f"\ue000{len(references) - 1}\ue001"

    return SHOWN.sub(place, text.replace("\ue000", "").replace("\ue001", "")), references


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["image", "entity"])


def _said(token: Token) -> str:
    """Return the words of a block; "" for what only opens or closes one."""
    if token.children is None:
        return token.content
    return "".join(" " if child.type in ("softbreak", "hardbreak") else child.content for child in token.children)


def _clean(html: str, tags: frozenset[str]) -> str:
    import nh3

    return nh3.clean(
        html,
        tags=set(tags),
        attributes={"a": {"href"}, "th": {"style"}, "td": {"style"}},
        attribute_filter=_attribute,
        url_schemes={"https", "mailto"},
        filter_style_properties={"text-align"},
    )


def _attribute(tag: str, name: str, value: str) -> Any:
    # A relative link would lead into whatever page shows the report.
    return None if name == "href" and not value.lower().startswith(("https://", "mailto:")) else value
