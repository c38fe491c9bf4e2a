"""One sheet of style with what the pages use, and an address for each file that changes with its content.

Jupyter Book's themes bring a dozen sheets, 300 kB, which the first picture of a page waits for; a twentieth of them is
used. And a host that lets browsers keep files (GitHub Pages: ten minutes) would give a new page an old script.
"""

import functools
import hashlib
import itertools
import re
from pathlib import Path

import tinycss2

SHEET = "_static/book.css"
NOSCRIPT = re.compile(r"(<noscript>.*?</noscript>)", re.S)
LINK = re.compile(
    r'<link\b(?=[^>]*\brel="stylesheet")[^>]*\bhref="(?P<root>(?:\.\./)*)(?P<path>_static/[^"?]+)[^>]*>\n*'
)
ASSET = re.compile(r'\b(src|href)="((?:\.\./)*)(_static/[^"?#]+\.(?:css|js|svg))(?:\?[^"]*)?"')
FETCHED = re.compile(r"(_static/\w+\.js)(?:\?v=\w+)?(?=[\"`])")
NESTED = {"media", "supports", "layer", "container"}


def words_of(files):
    """Whatever may be a class, an id, an element or an attribute there."""
    return set(re.findall(r"[\w-]+", "\n".join(file.read_text(encoding="utf-8") for file in files)))


def is_used(selector, words):
    """Whether all that one selector asks for (a list of tokens) occurs; what stands in :is(…) or :not(…) is let be."""
    before = None
    for token in selector:
        if token.type == "hash":
            wanted = token.value
        elif token.type == "ident" and before != ":":
            wanted = token.value
        elif token.type == "[] block" and token.content and token.content[0].type == "ident":
            name = token.content[0].value  # scripts write data-theme as dataset.theme
            camel = re.sub(r"-(\w)", lambda letter: letter[1].upper(), name.removeprefix("data-"))
            wanted = name if name in words else camel
        else:
            wanted = None
        if wanted and wanted not in words:
            return False
        before = token.value if token.type == "literal" else None
    return True


def selectors(prelude):
    """The selectors of a rule, each a list of tokens."""
    found = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def purge(rules, words):
    """The rules without selectors that nothing on the site can match."""
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            used = [tinycss2.serialize(one).strip() for one in selectors(rule.prelude) if is_used(one, words)]
            if used:
                kept.append((",".join(used), tinycss2.parse_blocks_contents(rule.content, True, True)))
        elif rule.type == "at-rule" and rule.lower_at_keyword in NESTED and rule.content is not None:
            inner = purge(tinycss2.parse_rule_list(rule.content, True, True), words)
            if inner:
                kept.append((f"@{rule.at_keyword} {tinycss2.serialize(rule.prelude).strip()}", inner))
        elif rule.type == "at-rule" and rule.lower_at_keyword != "charset":
            kept.append((rule.serialize(), None))
    return kept


def readers(rules):
    """[(custom property or None, the custom properties that this declaration reads)]."""
    for _, inside in rules:
        for one in inside or []:
            if isinstance(one, tuple):
                yield from readers([one])
            elif one.type == "declaration":
                name = one.name if one.name.startswith("--") else None
                yield name, set(re.findall(r"--[\w-]+", tinycss2.serialize(one.value)))


def read_variables(rules, words):
    """The custom properties that a script or a rule reads, if only to set another one that is read."""
    declared = list(readers(rules))
    read = {word for word in words if word.startswith("--")}
    while more := set().union(*(uses for name, uses in declared if name is None or name in read)) - read:
        read |= more
    return read


def text_of(rules, read):
    """Rules as they are written, on as few characters as is easy."""
    lines = []
    for head, inside in rules:
        if inside is None:
            lines.append(head)
            continue
        parts = [
            text_of([one], read)
            if isinstance(one, tuple)
            else f"{one.name}:{tinycss2.serialize(one.value).strip()}{'!important' * one.important};"
            for one in inside
            if isinstance(one, tuple) or (one.type == "declaration" and (one.name[:2] != "--" or one.name in read))
        ]
        if parts:
            lines.append(f"{head}{{{''.join(parts)}}}")
    return "\n".join(lines)


def moved(css, folder, static):
    """A sheet's text with its addresses relative to `static`, without fonts that are not there."""

    def move(address):
        target = (folder / re.split("[?#]", address[2])[0]).resolve()
        return f"url({target.relative_to(static.resolve()).as_posix()})" if target.is_file() else "url()"

    css = re.sub(r"url\((['\"]?)(?!data:|#|http)([^)'\"]+)\1\)", move, css)
    return re.sub(r"@font-face\s*\{[^}]*url\(\)[^}]*\}", "", css)


def with_one_link(text):
    """A page whose first link to a sheet is the one to ours, and the only one outside of <noscript>."""
    links = itertools.count()

    def ours(link):
        return "" if next(links) else f'<link href="{link["root"]}{SHEET}" rel="stylesheet" />\n'

    return "".join(part if part.startswith("<noscript>") else LINK.sub(ours, part) for part in NOSCRIPT.split(text))


def combine(app, error):
    """Write the one sheet, and let every page ask for it."""
    out = Path(app.outdir)
    if error or app.builder.format != "html":
        return
    pages = {page: page.read_text(encoding="utf-8") for page in out.rglob("*.html") if "_static" not in page.parts}
    links = (link["path"] for text in pages.values() for link in LINK.finditer(NOSCRIPT.sub("", text)))
    # Not each theme that layout.html serves brings each of the sheets that it names.
    paths = [path for path in dict.fromkeys(links) if path != SHEET and (out / path).is_file()]
    if not paths:  # no page was written
        return
    scripts = [script for script in (out / "_static").rglob("*.js") if "locales" not in script.parts]
    words = words_of([*pages, *scripts])
    rules = []
    for path in paths:
        css = moved((out / path).read_text(encoding="utf-8"), (out / path).parent, out / "_static")
        rules += purge(tinycss2.parse_stylesheet(css, True, True), words)
    (out / SHEET).write_text(text_of(rules, read_variables(rules, words)), encoding="utf-8")
    for page, text in pages.items():
        page.write_text(with_one_link(text), encoding="utf-8")
    for path in paths:
        (out / path).unlink()


def stamp(app, error):
    """Let an address end with the hash of what is there."""
    out = Path(app.outdir)
    if error or app.builder.format != "html":
        return

    @functools.cache
    def version(path):
        return hashlib.sha256((out / path).read_bytes()).hexdigest()[:8]

    for name in ("charts.js", "search.js"):  # they fetch another script
        script = out / "_static" / name
        if script.exists():
            text = FETCHED.sub(lambda m: f"{m[1]}?v={version(m[1])}", script.read_text(encoding="utf-8"))
            script.write_text(text, encoding="utf-8")
    for page in out.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        new = ASSET.sub(lambda m: f'{m[1]}="{m[2]}{m[3]}?v={version(m[3])}"' if (out / m[3]).is_file() else m[0], text)
        page.write_text(new, encoding="utf-8")


def setup(app):
    app.connect("build-finished", combine, priority=900)
    app.connect("build-finished", stamp, priority=901)
