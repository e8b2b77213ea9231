"""How an organisation looks in its reports: name, logo, six colours; and the palette that follows from them.

Every colour that carries words is moved towards black or white until it can be read on its background
(WCAG 2.2, 1.4.3: contrast 4.5 to 1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO

from pydantic import BaseModel, ConfigDict, Field, field_validator

LOGO_BYTES = 300 * 1024
LOGO_PIXELS = 4_000_000
_CONTRAST = 4.5
_COLOUR = re.compile(r"#?([0-9a-fA-F]{6})")


class Branding(BaseModel):
    """An organisation's look. An empty colour means the default one; in JSON the logo is base64."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    name: str = Field(default="", max_length=80)
    logo: bytes | None = None
    primary: str = ""
    secondary: str = ""
    background: str = ""
    heading: str = ""
    text: str = ""
    highlight: str = ""

    @field_validator("primary", "secondary", "background", "heading", "text", "highlight")
    @classmethod
    def _six_digits(cls, value: str) -> str:
        if not value:
            return ""
        found = _COLOUR.fullmatch(value)
        if not found:
            raise ValueError(
                f"{value[:20]!r} is no colour. Write six hexadecimal digits, as '#0B6B57', or leave it empty"
            )
        return f"#{found[1].lower()}"

    @field_validator("logo")
    @classmethod
    def _printable(cls, value: bytes | None) -> bytes | None:
        if value is not None:
            _check_logo(value)
        return value


@dataclass(frozen=True)
class Palette:
    """Every colour of a report, as `#rrggbb`; `series` are the colours of a chart's lines and bars, in order."""

    background: str
    heading: str
    text: str
    muted: str
    line: str
    accent: str
    highlight: str
    good: str
    warning: str
    bad: str
    series: tuple[str, ...]


def light_palette(branding: Branding) -> Palette:
    """Return the colours of the page on paper and on a light screen."""
    ground = branding.background or "#ffffff"
    return _palette(
        ground,
        heading=branding.heading or ("#12161c" if _luminance(ground) > 0.4 else "#f4f6f8"),
        text=branding.text or ("#2d343d" if _luminance(ground) > 0.4 else "#d5dae0"),
        branding=branding,
    )


def dark_palette(branding: Branding) -> Palette:
    """Return the colours on a dark screen: the brand's own hues, on our ground."""
    return _palette("#14181d", heading="#f1f3f5", text="#cdd3da", branding=branding)


def logo_kind(logo: bytes) -> str:
    """Return the MIME type of a logo that passed the check."""
    return "image/png" if logo.startswith(b"\x89PNG") else "image/jpeg"


def _palette(ground: str, *, heading: str, text: str, branding: Branding) -> Palette:
    def ink(colour: str) -> str:
        return readable(colour, on=ground)

    accent, second = branding.primary or "#0b6b57", branding.secondary or "#3e5c9a"
    return Palette(
        background=ground,
        heading=ink(heading),
        text=ink(text),
        muted=ink(_mix(text, ground, 0.3)),
        line=_mix(text, ground, 0.85),
        accent=ink(accent),
        highlight=ink(branding.highlight or accent),
        good=ink("#0b6b57"),
        warning=ink("#a85b08"),
        bad=ink("#b4471b"),
        series=tuple(ink(c) for c in (accent, second, "#b0620f", "#8a3b74", "#1f7391", "#66741c")),
    )


def readable(colour: str, *, on: str) -> str:
    """Return the colour, or the nearest one to black or white that can be read on the background `on`."""
    towards = "#000000" if _luminance(on) > 0.18 else "#ffffff"
    for step in range(26):
        moved = _mix(colour, towards, step / 25)
        if contrast(moved, on) >= _CONTRAST:
            return moved
    return towards


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    dark, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix(colour: str, other: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _check_logo(logo: bytes) -> None:
    """Raise ValueError unless the bytes are a whole PNG or JPEG within the limits."""
    from PIL import Image

    if len(logo) > LOGO_BYTES:
        raise ValueError(f"the logo has {len(logo) // 1024:,} KB; at most {LOGO_BYTES // 1024} KB are allowed")
    try:
        # The size stands in the head of the file, so a picture that would fill the memory is refused unread.
        with Image.open(BytesIO(logo), formats=("PNG", "JPEG")) as picture:
            width, height = picture.size
            if width * height > LOGO_PIXELS:
                raise ValueError(f"the logo is {width:,} x {height:,} pixels; {LOGO_PIXELS:,} in all are allowed")
            picture.load()
    except (OSError, SyntaxError, Image.DecompressionBombError):
        raise ValueError("the logo cannot be read as a PNG or JPEG picture. Save it as one of the two") from None
