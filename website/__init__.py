"""The Sphinx extension that makes the site self-contained: formulas, charts, and a lighter, mended theme."""

from importlib import import_module
from pathlib import Path

PARTS = "assets charts cite formulas glossary head images notebooks reference repository search theme verdicts"
HERE = Path(__file__).parent


def setup(app):
    # Both lists are searched before the theme's own folders.
    app.connect("config-inited", lambda app, config: config.templates_path.insert(0, str(HERE / "templates")))
    app.connect("config-inited", lambda app, config: config.html_static_path.append(str(HERE / "static")))
    app.add_config_value("comments_config", {}, "html")  # Jupyter Book sets it even when comments are not in use
    for part in PARTS.split():
        import_module(f"website.{part}").setup(app)
    return {"parallel_read_safe": True}
