"""Measure every page of the built site in Chromium: python -m tools.page_report [page ...]

What share of a page is code, printed output and pictures, how soon its first picture ends, how far a reader scrolls
without one, how long its code cells are, how many characters stand in a line, and which boxes scroll sideways.
"""

import statistics
import sys

from playwright.sync_api import sync_playwright

from tools import chromium
from tools.book import SITE

WIDE, LAPTOP = {"width": 1440, "height": 900}, {"width": 1280, "height": 800}
MEASURE = """() => {
  for (const section of document.querySelectorAll("section")) section.style.contentVisibility = "visible";
  const main = document.querySelector("article.bd-article");
  const all = (selector) => [...main.querySelectorAll(selector)].filter((e) => e.checkVisibility());
  const sum = (elements) => elements.reduce((total, e) => total + e.getBoundingClientRect().height, 0);
  const code = all(".cell_input div.highlight pre"), output = all(".cell_output div.highlight pre");
  const pictures = all("figure img, .chart");
  const top = main.getBoundingClientRect().top + scrollY, height = main.getBoundingClientRect().height;
  const place = (e) => { const box = e.getBoundingClientRect(); return [box.top + scrollY, box.bottom + scrollY]; };
  const clicks = [...pictures, ...all("summary")].map(place).sort((a, b) => a[0] - b[0]);
  const stops = [[top, top], ...clicks, [top + height, 0]];
  let stretch = 0, end = stops[0][1];
  for (const [from, to] of stops.slice(1)) { stretch = Math.max(stretch, from - end); end = Math.max(end, to); }
  const prose = all("p").filter((p) => !p.closest(".chart, table, .sd-card, .admonition, figure"));
  const lines = prose.filter((p) => !p.querySelector("mjx-container")).flatMap((p) => {
    const high = parseFloat(getComputedStyle(p).lineHeight), n = Math.round(p.getBoundingClientRect().height / high);
    return n >= 3 ? [p.innerText.length / (n - 0.5)] : [];
  });
  return {
    height, code: sum(code), output: sum(output), pictures: sum(pictures), stretch,
    first: pictures.length ? place(pictures[0])[1] : null,
    cells: code.map((pre) => pre.innerText.trimEnd().split("\\n").length),
    measure: lines,
    sideways: [...code, ...output].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.innerText),
  };
}"""


def measure(page, address):
    """What MEASURE finds on the page at 1440 px; the boxes that scroll sideways are those at 1280 px."""
    page.set_viewport_size(WIDE)
    page.goto(address)
    page.evaluate("document.querySelectorAll('img').forEach((image) => (image.loading = 'eager'))")
    found = page.evaluate(MEASURE)
    page.set_viewport_size(LAPTOP)
    return found | {"sideways": page.evaluate(MEASURE)["sideways"]}


def row(name, found):
    """One line of the report."""
    shares = [found[part] / found["height"] for part in ("code", "output", "pictures")]
    cells, measures = found["cells"] or [0], found["measure"] or [0]
    return (
        f"{name:40} {found['height']:7.0f}"
        + "".join(f"{share:8.0%}" for share in shares)
        + f"{found['first'] or 0:8.0f}"
        f"{found['stretch']:8.0f}{statistics.median(cells):7.0f}{max(cells):5.0f}{statistics.median(measures):7.0f}"
        f"{len(found['sideways']):7}"
    )


def main(names):
    pages = [SITE / f"{name}.html" for name in names] or sorted(SITE.glob("chapters/*.html"))
    pages = pages if names else [SITE / "index.html", *pages, *sorted(SITE.glob("exercises/*/*.html"))]
    if not all(page.exists() for page in pages):
        print("There is no built site: run make site first", file=sys.stderr)
        return 1
    print(f"{'at 1440 px':40} {'height':>7}    code  output    pict   first stretch median max  chars sideways")
    options = {"executable_path": chromium.find(), "args": chromium.OPTIONS}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        page = browser.new_page()
        found = {path.relative_to(SITE).with_suffix("").as_posix(): measure(page, path.as_uri()) for path in pages}
        browser.close()
    for name, one in found.items():
        print(row(name, one))
    chapters = [one for name, one in found.items() if name.startswith("chapters/")]
    total = sum(one["height"] for one in chapters) or 1
    shares = {part: sum(one[part] for one in chapters) / total for part in ("code", "output", "pictures")}
    print("all chapters: " + ", ".join(f"{part} {share:.1%}" for part, share in shares.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
