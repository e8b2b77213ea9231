"""The child that prints, the only WeasyPrint: `python -m interact.reports.press FONTS`.

It fetches nothing: what a page may show comes with the request, by its exact address, and the fonts are our own.
"""

from __future__ import annotations

import base64
import gc
import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from interact.reports.serving import limit, serve

MEMORY_BYTES = 2 * 1024**3
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""Debian's names of what WeasyPrint loads; the fonts and their configuration come along."""
WEIGHTS = (400, 500, 600, 700)
_FONT_FACE = '@font-face {{ font-family: "Report Sans"; font-weight: {0}; src: url(asset:report-sans-{0}.ttf); }}\n'


def main(fonts: Path) -> None:
    """Answer `{"html", "pictures", "attachments", "created"}` with `{"pdf", "pages"}`, bytes in base64."""
    limit(memory_bytes=MEMORY_BYTES)
    # A page's boxes hold one another; collecting them while they are made costs a quarter of the time.
    gc.disable()
    try:
        from weasyprint import CSS  # type: ignore[import-untyped]
        from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]
    except OSError:
        sys.exit(f"WeasyPrint finds no Pango on this machine. Install the packages {PACKAGES}")

    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    files = {
        f"asset:report-sans-{weight}.ttf": (fonts / f"report-sans-{weight}.ttf").read_bytes() for weight in WEIGHTS
    }
    font_assets = {address: (body, "font/ttf") for address, body in files.items()}
    settings = FontConfiguration()
    faces = "".join(_FONT_FACE.format(weight) for weight in WEIGHTS)
    sheet = CSS(string=faces, url_fetcher=_fetcher(font_assets), font_config=settings)
    gc.freeze()

    def draw(request: dict[str, Any]) -> dict[str, Any]:
        gc.collect()
        return _print(request, sheet, settings)

    serve(draw)


def _print(request: dict[str, Any], sheet: Any, settings: Any) -> dict[str, Any]:
    from weasyprint import HTML, Attachment

    created = datetime.fromisoformat(request["created"])
    pictures = {address: (base64.b64decode(body), kind) for address, body, kind in request["pictures"]}
    page = HTML(string=request["html"], url_fetcher=_fetcher(pictures))
    document = page.render(stylesheets=[sheet], font_config=settings)
    document.metadata.attachments = [
        Attachment(string=base64.b64decode(body), name=name, description=about, created=created, modified=created)
        for name, about, body in request["attachments"]
    ]
    pdf = document.write_pdf(pdf_variant="pdf/ua-1")
    return {"pdf": base64.b64encode(pdf).decode(), "pages": len(document.pages)}


def _fetcher(assets: dict[str, tuple[bytes, str]]) -> Any:
    """Return a fetcher that knows these addresses, and ends the child at any other."""
    from weasyprint.urls import (  # type: ignore[import-untyped]
        FatalURLFetchingError,
        URLFetcher,
        URLFetcherResponse,
    )

    class AssetFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint is imported here only, so its class is too
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url not in assets:
                raise FatalURLFetchingError(f"The page asks for {url[:60]!r}, which no report may fetch.")
            body, kind = assets[url]
            return URLFetcherResponse(url, body, {"Content-Type": kind})

    return AssetFetcher(allowed_protocols=(), allow_redirects=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
