"""Mends the theme: scripts wait for the page, icons are one small font, names are those that are read.

The rest of it is in `templates/`, which go before the theme's own templates of the same name.
"""

import re
import shutil
from pathlib import Path

from website.fonts import subset_font

STYLE = Path(__file__).with_name("icons.css")
FINISH = [
    # The name that is read out is the text that is shown.
    ('<summary aria-label="Toggle hidden content">', "<summary>"),
    ('<summary><span class="toctree-toggle"', '<summary aria-label="Exercises"><span class="toctree-toggle"'),
    # A notebook is saved and does not open as text.
    (r'(<a href="[^"]*_sources/[^"]*\.ipynb") target="_blank"', r"\1 download"),
    (r"<title>(.*?) &#8212; \1</title>", r"<title>\1</title>"),
    # Only the theme's version switcher reads this, and it would run before the script that it needs.
    (r"<script>DOCUMENTATION_OPTIONS\.page[^<]*</script>\n?", ""),
    # References have a role that exists.
    ('role="doc-biblioentry"', 'role="listitem"'),
    # One picture of a repository needs no font of brands.
    (r'class="fab fa-git(hub|lab)', 'class="fas fa-code-branch'),
    # A long name breaks where its words end, as in a narrow table: `SGD|Regressor`, `nll_|loss(|mean`, not in 0.5.
    (
        r'(?<=<span class="pre">)(?:[\w.=(),]|&quot;)+(?=</span>)',
        lambda name: re.sub(
            r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[_=(])(?=\w|&)|(?<=\.)(?=[A-Za-z])",
            "<wbr>",
            name[0],
        ),
    ),
    # Names, operators, brackets and spaces in code have the colour of the text: half of a page's elements, for nothing.
    (r'<span class="(?:n|nn|o|p|w)">([^<]*)</span>', r"\1"),
    # Lines begin at the left, but in code: a page of them is some hundred bytes.
    (r"(?s)(<pre.*?</pre>)|\n[ \t\n]+", lambda found: found[1] or "\n"),
    # The name of folded code is the same when it is open.
    (r'<p class="collapsed (.*)\n<p class="expanded \1', r'<p class="\1'),
    # The arrow of what opens: website.css draws it.
    (r"<svg [^>]*octicon-chevron-right.*?</svg>", ""),
    # No tabs of the book belong together, and it would look for them before anything is drawn.
    (r"<script [^>]*_static/design-tabs\.js[^>]*></script>\n?", ""),
    # The page is drawn before its scripts run; all but website.js answer a touch, and wait there for one.
    (r'<script (?!defer)(?=[^>]*src="[^"]*_static/)', "<script defer "),
    (r'(<script [^>]*)\bsrc(?=="[^"]*_static/(?!website\.js))', r"\1data-src"),
]
# The theme looks at each box of code whether it scrolls, and lays out the page anew for each: website.js does so too.
THRASHING = re.compile(r'document\.querySelectorAll\("pre, \.nboutput[^"]*"\)\.forEach\(\(e=>\{e\.tabIndex=[^}]*\}\)\)')
ICON_RULE = re.compile(r'([^{}]+){content:"\\(f[0-9a-f]+)"}')


def finish_pages(app, error):
    """Mend what stands in no template of ours: see FINISH."""
    if error or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for wrong, right in FINISH:
            text = re.sub(wrong, right, text)
        page.write_text(text, encoding="utf-8")
    for script in Path(app.outdir).glob("_static/scripts/*.js"):
        script.write_text(THRASHING.sub("0", script.read_text(encoding="utf-8")), encoding="utf-8")


def write_icons(app, error):
    """Replace Font Awesome (1.5 MB of script, 100 kB of style, 300 kB of fonts) by the icons that pages use."""
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    rules_of_all = next(static.glob("vendor/fontawesome/*/css/all.min.css"), None)
    if rules_of_all is None:  # newer themes have the icons in their own sheet
        return
    awesome = rules_of_all.parents[1]
    pages = "".join(page.read_text(encoding="utf-8") for page in Path(app.outdir).rglob("*.html"))
    used = set(re.findall(r"\bfa-[\w-]+", pages)) | {"fa-xmark"}  # the theme's search adds this one by script
    rules, characters = [], set()
    for selectors, code in ICON_RULE.findall(rules_of_all.read_text(encoding="utf-8")):
        names = used & set(re.findall(r"\.(fa-[\w-]+):before", selectors))
        if names:
            characters.add(int(code, 16))
            rules += [f'.{name}::before{{content:"\\{code}"}}' for name in sorted(names)]
    theme = (static / "styles" / "pydata-sphinx-theme.css").read_text(encoding="utf-8")
    characters |= {ord(icon) for icon in re.findall(r'--pst-icon-[\w-]+: ?"(.)"', theme)}

    subset_font(awesome / "webfonts" / "fa-solid-900.ttf", static / "icons.woff", characters)
    (static / "icons.css").write_text("\n".join([STYLE.read_text(), *rules]), encoding="utf-8")
    shutil.rmtree(static / "vendor")


def setup(app):
    app.connect("build-finished", finish_pages)
    app.connect("build-finished", write_icons)
    app.add_css_file("website.css", priority=900)
    app.add_js_file("website.js")
