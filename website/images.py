"""Figures: compressed without loss, their size in the page so that nothing jumps, fetched when they come near."""

import re
from pathlib import Path

from PIL import Image

PICTURE = re.compile(r'<img (?![^>]*loading=)([^>]*?)src="([^"]*_images/[^"]+\.png)"')


def compress(path):
    """Write the same pixels in fewer bytes; returns (width, height)."""
    with Image.open(path) as image:
        pixels = image.convert("RGBA")
    if pixels.getextrema()[3] == (255, 255):
        pixels = pixels.convert("RGB")
    draft = path.with_suffix(".part")
    pixels.save(draft, format="PNG", optimize=True)
    if draft.stat().st_size < path.stat().st_size:
        draft.replace(path)
    draft.unlink(missing_ok=True)
    return pixels.size


def mend_images(app, error):
    if error or app.builder.format != "html":
        return
    sizes = {path.name: compress(path) for path in Path(app.outdir).glob("_images/*.png")}
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")

        def size(match):
            width, height = sizes[match[2].rsplit("/", 1)[1]]
            more = f'width="{width}" height="{height}" loading="lazy" decoding="async"'
            return f'<img {match[1]}src="{match[2]}" {more}'

        mended = PICTURE.sub(size, text)
        if mended != text:
            page.write_text(mended, encoding="utf-8")


def setup(app):
    app.connect("build-finished", mend_images)
