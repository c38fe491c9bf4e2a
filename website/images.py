"""Figures have their size in the page, wait until they are near the viewport, and are stored as lossless WebP."""

import re
from pathlib import Path

from PIL import Image


def mend_images(app, page, template, context, tree):
    """Say how large each figure is, so that nothing jumps when it comes, and let it wait until it is needed."""
    sources = {name: Path(app.srcdir, source) for source, name in app.builder.images.items()}

    def mend(tag):
        with Image.open(sources[tag["name"] + ".png"]) as image:
            width, height = image.size
        return f'<img loading="lazy" decoding="async" width="{width}" height="{height}"{tag["before"]}.webp"'

    if "body" in context:
        context["body"] = re.sub(r'<img(?P<before>[^>]* src="[^"]*/(?P<name>[^"/]+))\.png"', mend, context["body"])


def write_webp(app, error):
    """Replace each PNG by a WebP of the same pixels and half the size."""
    if error or app.builder.format != "html":
        return
    for png in (Path(app.outdir) / "_images").glob("*.png"):
        with Image.open(png) as image:
            image.save(png.with_suffix(".webp"), lossless=True, quality=100)
        png.unlink()


def setup(app):
    app.connect("html-page-context", mend_images, priority=900)
    app.connect("build-finished", write_webp)
