"""Figures: sharp, of known size, dark on a dark page, fetched when they come near, stored as lossless WebP."""

import re
from pathlib import Path

import numpy as np
from PIL import Image

DENSITY = 2  # pixels of a stored figure for each pixel that it takes on the page
DARK_PAGE = 18  # the grey that white becomes, of 255: the background of a dark page


def shorten_names(app, env):
    """A figure of a notebook is named by 64 digits of its content; sixteen do, and a page names each figure twice."""
    for source, (pages, name) in env.images.items():
        env.images[source] = pages, re.sub(r"^([0-9a-f]{16})[0-9a-f]{48}(?=\.)", r"\1", name)


def mend_images(app, page, template, context, tree):
    """Say how large each figure is, so that nothing jumps when it comes; one for light pages and one for dark ones."""
    sources = {name: Path(app.srcdir, source) for source, name in app.builder.images.items()}

    def mend(tag):
        with Image.open(sources[tag["name"] + ".png"]) as image:
            width, height = (side // DENSITY for side in image.size)
        size = f'loading="lazy" decoding="async" width="{width}" height="{height}"'
        after = re.sub(' style="[^"]*"', "", tag["after"])  # a fixed height, which a narrow page would keep
        return "".join(
            f'<img class="only-{mode}" {size}{tag["before"]}{end}.webp"{after}>'
            for mode, end in [("light", ""), ("dark", "-dark")]
        )

    if "body" in context:
        context["body"] = re.sub(
            r'<img(?P<before>[^>]* src="[^"]*/(?P<name>[^"/]+))\.png"(?P<after>[^>]*)>', mend, context["body"]
        )


def darken(pixels):
    """Turn lightness round and keep the hue of RGB values 0 … 255: white becomes the dark page, black white.

    A colour that is lighter than the middle, such as the purple of the alternative, would be too dim for a line. So
    colours are lifted, the more the purer they are, as far as their brightest part allows. Greys stay as they are.
    """
    red, green, blue = (part.astype(np.float32) / 255 for part in np.moveaxis(pixels, -1, 0))
    high, low = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    turn = 1 - high - low + np.minimum((high - low) / 2, low)  # the brightest part becomes 1 - low, and is lifted
    dark = (np.round(DARK_PAGE + (part + turn) * (255 - DARK_PAGE)) for part in (red, green, blue))
    return np.stack([part.astype(np.uint8) for part in dark], axis=-1)


def write_webp(app, error):
    """Replace each PNG by a WebP of the same pixels and half the size, and by its dark twin."""
    if error or app.builder.format != "html":
        return
    for png in (Path(app.outdir) / "_images").glob("*.png"):
        with Image.open(png) as image:
            light = image.convert("RGB")
        dark = Image.fromarray(darken(np.asarray(light)))
        for picture, end in [(light, ""), (dark, "-dark")]:
            # Two per cent larger than can be, in half the time.
            picture.save(png.with_name(f"{png.stem}{end}.webp"), lossless=True, quality=75, method=3)
        png.unlink()


def setup(app):
    app.connect("env-updated", shorten_names)
    app.connect("html-page-context", mend_images, priority=900)
    app.connect("build-finished", write_webp)
