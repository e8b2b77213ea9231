from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from interact.reports.branding import (
    LOGO_BYTES,
    Branding,
    contrast,
    dark_palette,
    light_palette,
    logo_kind,
    readable,
)

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def a_picture(kind="PNG", size=(40, 20)):
    file = BytesIO()
    Image.new("RGB", size, "green").save(file, kind)
    return file.getvalue()


def test_a_colour_is_six_digits_with_or_without_the_hash():
    assert Branding(primary="0B6B57", text="#ABCDEF").primary == "#0b6b57"
    assert Branding(text="#ABCDEF").text == "#abcdef"
    assert Branding(highlight="").highlight == ""


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "#1234567", "url(x)", "#000000;}", "#000000\n"])
def test_anything_else_is_no_colour(colour):
    with pytest.raises(ValidationError, match=r"is no colour. Write six hexadecimal digits"):
        Branding(primary=colour)


@given(colours, colours)
def test_every_colour_of_words_can_be_read_on_its_background(colour, ground):
    assert contrast(readable(colour, on=ground), ground) >= 4.5


@given(colours, colours, colours)
def test_a_palette_can_be_read_whatever_the_brand_chose(primary, background, text):
    brand = Branding(primary=primary, secondary=text, background=background, heading=primary, text=text, highlight=text)
    for palette in (light_palette(brand), dark_palette(brand)):
        words = (
            palette.heading,
            palette.text,
            palette.muted,
            palette.accent,
            palette.good,
            palette.bad,
            *palette.series,
        )
        assert min(contrast(colour, palette.background) for colour in words) >= 4.5


def test_a_readable_brand_colour_is_kept_as_it_is():
    assert light_palette(Branding(primary="#0b6b57")).accent == "#0b6b57"


def test_a_bright_brand_colour_is_darkened_on_white():
    assert light_palette(Branding(primary="#ffd400")).accent != "#ffd400"


@pytest.mark.parametrize(("kind", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_a_logo_is_a_png_or_a_jpeg(kind, mime):
    assert logo_kind(Branding(logo=a_picture(kind)).logo) == mime


def test_a_logo_survives_json():
    brand = Branding(name="Norrland", logo=a_picture())
    assert Branding.model_validate_json(brand.model_dump_json()) == brand


@pytest.mark.parametrize(
    "file",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", a_picture("GIF"), a_picture()[:60], b"\x89PNG\r\n\x1a\n" * 4],
)
def test_any_other_file_is_no_logo(file):
    with pytest.raises(ValidationError, match="cannot be read as a PNG or JPEG"):
        Branding(logo=file)


def test_a_logo_of_more_than_300_kb_is_refused():
    with pytest.raises(ValidationError, match="at most 300 KB are allowed"):
        Branding(logo=a_picture() + bytes(LOGO_BYTES))


@pytest.mark.parametrize("size", [(2001, 2000), (30_000, 30_000)])
def test_a_logo_of_more_than_four_million_pixels_is_refused(size):
    file = BytesIO()
    Image.new("1", size).save(file, "PNG")
    with pytest.raises(ValidationError, match=r"4,000,000 in all are allowed|cannot be read"):
        Branding(logo=file.getvalue())
