"""What search engines and social networks read of a page, the page for an address that does not exist, the card.

sphinxext-opengraph, sphinx-sitemap and sphinx-notfound-page do the same for one address that is set by hand. A fork or
a copy without one fails in a strict build or gets one that is not its own, and the sitemap lists 404 and search.
"""

import html
import json
import math
import os
from pathlib import Path
from urllib.parse import urlsplit

import matplotlib as mpl
from docutils import nodes
from matplotlib.figure import Figure

from website.repository import repository_url

LENGTH = 160  # what search engines show of a description
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
UNLISTED = {"404", "genindex", "search"}  # pages that are no answer to a search
BLUE = "#0072b2"


def pages_url(folder):
    """Where the site of this repository is published, with a slash at its end; None where that is not known."""
    if url := os.environ.get("CI_PAGES_URL"):  # GitLab
        return url.rstrip("/") + "/"
    address = urlsplit(repository_url(folder) or "")
    if address.netloc != "github.com":
        return None
    owner, name = address.path.strip("/").split("/")
    own_page = f"{owner}.github.io".lower()
    return f"https://{own_page}/" + ("" if name.lower() == own_page else f"{name}/")


def description(doctree):
    """The first paragraph of a page: what a chapter answers."""
    paragraphs = (p.astext() for p in doctree.findall(nodes.paragraph) if isinstance(p.parent, nodes.section))
    text = " ".join(next(paragraphs, "").split())
    return text if len(text) <= LENGTH else text[:LENGTH].rsplit(" ", 1)[0] + " …"


def book(config, base):
    """What the whole is, for search engines, as schema.org has it."""
    about = {
        "@context": "https://schema.org",
        "@type": ["Book", "LearningResource"],
        "name": config.html_title,
        "author": {"@type": "Organization", "name": config.author},
        "inLanguage": "en",
        "educationalLevel": "university",
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }
    return json.dumps(about | ({"url": base} if base else {})).replace("</", "<\\/")


def write_sitemap(app, error):
    """Where it is known where the site will be: its pages, for search engines."""
    base = app.config.html_baseurl
    if error or app.builder.format != "html" or not base:
        return
    pages = sorted(app.env.all_docs)
    places = "".join(f"<url><loc>{html.escape(address(app, page))}</loc></url>\n" for page in pages)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{SITEMAP}">\n{places}</urlset>\n'
    (Path(app.outdir) / "sitemap.xml").write_text(text, encoding="utf-8")
    (Path(app.outdir) / "robots.txt").write_text(f"Sitemap: {base}sitemap.xml\n", encoding="utf-8")


def address(app, page):
    """The canonical one."""
    return app.config.html_baseurl + ("" if page == app.config.root_doc else f"{page}.html")


def set_base(app, config):
    config.html_baseurl = pages_url(app.confdir) or ""
    config.html_additional_pages["404"] = "404.html"


def add_meta(app, page, template, context, doctree):
    """Describe the page; canonical address and pictures only where it is known where the site will be."""
    title = context.get("title") or app.config.html_title
    about = (description(doctree) if doctree else "") or f"{title} of the book {app.config.html_title}."
    tags = {"og:title": title, "og:description": about, "og:type": "article", "og:site_name": app.config.html_title}
    base = app.config.html_baseurl
    if base:
        context["pageurl"] = address(app, page)
        tags |= {"og:url": address(app, page), "og:image": f"{base}_static/card.png"}
    lines = [f'<meta name="description" content="{html.escape(about)}" />']
    lines += [f'<meta property="{name}" content="{html.escape(content)}" />' for name, content in tags.items()]
    lines += ['<meta name="twitter:card" content="summary_large_image" />'] if base else []
    if page in UNLISTED:
        lines.append('<meta name="robots" content="noindex" />')
        context["pageurl"] = None
    if page == app.config.root_doc:
        lines.append(f'<script type="application/ld+json">{book(app.config, base)}</script>')
    if page == "404":  # it is shown at any address, and its links have to work from there
        lines.append(f'<base href="{urlsplit(base).path or "/"}" />')
    context["metatags"] = "\n".join([context.get("metatags", ""), *lines])


def draw_card(app, error):
    """The picture that social networks show beside a link: the curve of the logo, and the title."""
    if error or app.builder.format != "html":
        return
    with mpl.rc_context({"font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(12, 6.3), dpi=100, facecolor=BLUE)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(-4, 4), ylim=(-0.25, 1.9))
        axes.axis("off")
        x = [i / 50 - 4 for i in range(401)]
        axes.plot(x, [math.exp(-t * t / 2) for t in x], color="white", linewidth=9)
        axes.text(0, 1.55, app.config.html_title, color="white", fontsize=54, weight="bold", ha="center", va="center")
        axes.text(0, 1.2, "and regularisers are priors", color="white", fontsize=30, ha="center", va="center")
        figure.savefig(Path(app.outdir) / "_static" / "card.png", metadata={"Software": None})


def setup(app):
    app.connect("config-inited", set_base)
    app.connect("html-page-context", add_meta)
    app.connect("build-finished", draw_card)
    app.connect("build-finished", write_sitemap)
