"""The child that draws charts, the only vl-convert: `python -m interact.reports.artist FONTS`.

Its engine (V8) reserves more address space than any limit allows, hangs after a fork and ends the process on a bad
specification; so it lives here, with limits on time and on the number of rows.
"""

from __future__ import annotations

import base64
import sys
from typing import Any

from interact.reports.serving import limit, serve

VEGA_LITE = "6.4"


def main(fonts: str) -> None:
    """Answer `{"spec": …}` with `{"svg": …}`, and with a `scale` beside it with `{"png": …}`, in base64."""
    limit()
    import vl_convert

    vl_convert.register_font_directory(fonts)

    def draw(request: dict[str, Any]) -> dict[str, Any]:
        spec, scale = request["spec"], request.get("scale")
        # The empty list is what keeps a specification from fetching anything.
        if scale is None:
            return {"svg": vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[])}
        png = vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=scale, allowed_base_urls=[])
        return {"png": base64.b64encode(png).decode()}

    serve(draw)


if __name__ == "__main__":
    main(sys.argv[1])
