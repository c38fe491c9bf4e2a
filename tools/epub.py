"""The built pages as an ePub 3, for readers that know neither scripts nor the site's style sheet.

Each page is one file. Formulas and charts are SVG in the colour of the text, so that a dark page of the reader does not
hide them; figures are PNG, which every reader knows. Questions stay folded: where a reader cannot fold, the answer
stands below.
"""

import io
import re
import zipfile
from copy import copy
from html import escape

import yaml
from bs4 import BeautifulSoup
from PIL import Image

from tools.book import ROOT, pages_of
from website.formulas import render, with_breaks

DATE = (1980, 1, 1, 0, 0, 0)  # of every file in an archive, so that two builds give the same bytes
LEFT_OUT = ".sd-summary-state-marker, svg.wide"
FORMULA = {"data-tex": True}
STILL = "on the website this picture moves"
SPELT = {"viewbox": "viewBox", "clippath": "clipPath", "lineargradient": "linearGradient"}  # as SVG wants it

# Of the site's classes those stay that are named here.
STYLE = """
body { line-height: 1.5; overflow-wrap: break-word; }
h1, h2, h3, summary { line-height: 1.25; break-after: avoid; }
img, svg { max-width: 100%; height: auto; }
figure, .chart, .equation { margin: 1.5em 0; break-inside: avoid; }
figure img, .chart-picture svg { display: block; width: 100%; max-width: 40em; max-height: 90vh; margin: 0 auto;
  object-fit: contain; }
.chart-picture svg { max-width: 28em; }
figcaption, .chart-numbers { font-size: 0.85em; margin: 0.5em 0; }
.equation { text-align: center; }
.formula { display: inline-block; max-width: 100%; }
.equation-number { margin-left: 1em; font-size: 0.85em; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.8em; line-height: 1.35; margin: 0.75em 0;
  padding: 0.3em 0.75em; border-left: 0.2em solid #888; text-align: left; }
.cell_output pre { border-left-style: dotted; }
.highlight-python .k, .highlight-python .kn, .highlight-python .ow { font-weight: bold; }
.highlight-python .c1 { font-style: italic; }
table { border-collapse: collapse; margin: 1em 0; font-size: 0.85em; }
th, td { border-bottom: 1px solid #888; padding: 0.3em 0.5em; text-align: left; vertical-align: top; }
th p, td p, li p { margin: 0.1em 0; }
dt, .admonition-title, .label { font-weight: bold; }
.admonition, details { margin: 1em 0; padding: 0.4em 0.75em; border: 1px solid #888; border-radius: 0.3em; }
.predict details, details details { margin: 0.4em 0; }
.admonition-title { margin: 0.2em 0; }
.label { margin-right: 0.5em; }
.sd-card { margin: 1em 0; break-inside: avoid; }
.sd-card p { margin: 0; }
.sd-card-title { font-weight: bold; }
.sd-card-img-top { width: 6em; }
nav ol { list-style: none; padding-left: 1.2em; }
"""

PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>{title}</title><link rel="stylesheet" type="text/css" href="style.css"/></head>
<body>
{body}
</body>
</html>
"""

CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
<rootfiles><rootfile full-path="book/book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""

IDENTIFIER = "urn:uuid:5c9f3a0e-7d0b-5b7e-9d55-1f6c1b0f2a61"  # of the book, whatever its state
PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="book" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="book">{identifier}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:language>en</dc:language>
<dc:creator>{author}</dc:creator>
<dc:date>{date}</dc:date>
<dc:description>{about}</dc:description>
<dc:rights>{rights}</dc:rights>
<meta property="dcterms:modified">{date}T00:00:00Z</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">structuralNavigation</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
<item id="style" href="style.css" media-type="text/css"/>
{items}
</manifest>
<spine toc="ncx">
{spine}
</spine>
</package>
"""

NCX = """<?xml version="1.0" encoding="utf-8"?>
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1" xml:lang="en">
<head><meta name="dtb:uid" content="{identifier}"/></head>
<docTitle><text>{title}</text></docTitle>
<navMap>{points}</navMap>
</ncx>
"""


def put(archive, name, content, packed=zipfile.ZIP_DEFLATED):
    """Write a file into an archive: the same bytes for the same content."""
    entry = zipfile.ZipInfo(name, DATE)
    entry.compress_type, entry.external_attr = packed, 0o644 << 16
    archive.writestr(entry, content)


def file_of(link):
    """The address in the ePub of a page, or a place on it, that the PDF has as #page or #page--place."""
    page, dashes, place = link.removeprefix("#").partition("--")
    return f"{page}.xhtml" + (f"#{page}--{place}" if dashes else "")


def headings(article):
    """The title of a page, and of each of its sections with its address."""
    title, *rest = [(" ".join(h.get_text().split()), f"#{h.parent['id']}") for h in article.find_all(["h1", "h2"])]
    return title[0], [(text, file_of(link), []) for text, link in rest]


def contents(articles):
    """The book as a tree of (title, address, what is below): parts, pages, sections."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    titled = {name: (headings(article), article["id"]) for name, article in articles.items()}
    entries = {name: (title, f"{key}.xhtml", below) for name, ((title, below), key) in titled.items()}
    parts = [(part["caption"], [entries[page] for page in pages_of(part)]) for part in toc["parts"]]
    return [entries[toc["root"]], *((caption, below[0][1], below) for caption, below in parts)]


def as_list(entries):
    items = [f'<li><a href="{link}">{escape(title)}</a>{as_list(below)}</li>\n' for title, link, below in entries]
    return f"<ol>\n{''.join(items)}</ol>" if items else ""


def as_points(entries, name="point"):
    return "".join(
        f'<navPoint id="{name}-{n}"><navLabel><text>{escape(title)}</text></navLabel><content src="{link}"/>'
        f"{as_points(below, f'{name}-{n}')}</navPoint>\n"
        for n, (title, link, below) in enumerate(entries, 1)
    )


def draw(articles):
    """Each formula of these pages as SVG, which is read aloud as its TeX."""
    found = sorted({place["data-tex"] for article in articles for place in article.find_all(attrs=FORMULA)})
    texs = [with_breaks(tex.strip("$")) for tex in found]
    results = render([[tex, text.startswith("$$")] for tex, text in zip(texs, found, strict=True)], "svg")["results"]
    drawn = {}
    for text, tex, result in zip(found, texs, results, strict=True):
        svg = BeautifulSoup(result["html"], "html.parser").svg
        svg["aria-label"] = tex
        del svg["focusable"]
        for element in svg.find_all(True):
            element.attrs = {key: value for key, value in element.attrs.items() if not key.startswith("data-")}
        drawn[text] = svg
    return drawn


def image_in(source):
    """Where the ePub has an image of the site."""
    return source.replace("_images/", "images/").replace(".webp", ".png")


def mend(article, formulas):
    """Make a page one that any reader can show. The classes that the style sheet does not name go."""
    for link in article.select(".sd-stretched-link"):  # of a card of the front page: its title does instead
        title = link.parent.select_one(".sd-card-title")
        link.string = title.get_text().strip()
        title.clear()
        title.append(link.extract())
    for element in article.select(LEFT_OUT):
        element.decompose()
    for place in article.find_all(attrs=FORMULA):
        place.clear()
        place.append(copy(formulas[place["data-tex"]]))
        del place["data-tex"]
    for numbers in article.select(".chart-numbers"):
        numbers.string = " · ".join([*(line.get_text() for line in numbers.select("span")), STILL])
    for summary in article.find_all("summary"):
        for paragraph in summary.find_all("p"):
            paragraph.name = "span"
    for link in article.find_all("a", href=re.compile("^#")):
        link["href"] = file_of(link["href"])
    for image in article.find_all("img"):
        image["src"] = image_in(image["src"])
        del image["decoding"]
    kept = set(re.findall(r"\.([a-z][\w-]*)", STYLE))
    for element in article.find_all(True):
        element.name = SPELT.get(element.name, element.name)
        if classes := [name for name in element.get("class", []) if name in kept]:
            element["class"] = classes
        else:
            del element["class"]
        if element.name != "svg":
            del element["style"]
        else:
            element["xmlns"] = "http://www.w3.org/2000/svg"
        if "viewbox" in element.attrs:
            element["viewBox"] = element.attrs.pop("viewbox")
    for element in article.find_all(["span", "a"]):
        if not {"id", "class" if element.name == "span" else "href"} & element.attrs.keys():
            element.unwrap()
    article.smooth()
    return str(article)


def as_png(file):
    """A figure's pixels as a PNG; a drawing stays what it is."""
    if file.suffix != ".webp":
        return file.read_bytes()
    png = io.BytesIO()
    Image.open(file).convert("RGB").save(png, "PNG")
    return png.getvalue()


def write(target, site, articles):
    """Write the ePub from the articles of the site, by page: their identifiers and links are those of the PDF."""
    tree = contents(articles)
    images = sorted({image["src"] for article in articles.values() for image in article.find_all("img")})
    formulas = draw(articles.values())
    titles = {article["id"]: headings(article)[0] for article in articles.values()}
    files = {article["id"]: mend(article, formulas) for article in articles.values()}
    cite = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    about = {
        "identifier": IDENTIFIER,
        "title": cite["title"],
        "author": ", ".join(author["name"] for author in cite["authors"]),
        "date": cite["date-released"],
        "about": cite["abstract"].strip(),
        "rights": config["copyright"],
    }
    about = {key: escape(str(value)) for key, value in about.items()}
    items = [
        f'<item id="{key}" href="{key}.xhtml" media-type="application/xhtml+xml"{svg * ("<svg" in text)}/>'
        for svg in [' properties="svg"']
        for key, text in files.items()
    ]
    with zipfile.ZipFile(target, "w") as archive:
        put(archive, "mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        put(archive, "META-INF/container.xml", CONTAINER)
        for number, source in enumerate(images):
            png = as_png(site / source)
            name = image_in(source)
            kind = "svg+xml" if name.endswith(".svg") else "png"
            items.append(f'<item id="image-{number}" href="{name}" media-type="image/{kind}"/>')
            put(archive, f"book/{name}", png)
        for key, text in files.items():
            put(archive, f"book/{key}.xhtml", PAGE.format(title=escape(titles[key]), body=text))
        nav = f'<nav epub:type="toc" role="doc-toc"><h1>Contents</h1>{as_list(tree)}</nav>'
        put(archive, "book/nav.xhtml", PAGE.format(title="Contents", body=nav))
        put(archive, "book/toc.ncx", NCX.format(points=as_points(tree), **about))
        put(archive, "book/style.css", STYLE)
        spine = "\n".join(f'<itemref idref="{key}"/>' for key in files)
        put(archive, "book/book.opf", PACKAGE.format(items="\n".join(items), spine=spine, **about))
