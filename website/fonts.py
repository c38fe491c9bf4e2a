"""Fonts cut down to the characters that the site shows."""

from fontTools import subset


def subset_font(source, target, characters):
    """Write the font `source` to `target` as WOFF, with only the given code points."""
    options = subset.Options(flavor="woff", notdef_outline=True, ignore_missing_unicodes=True)
    options.drop_tables += ["FFTM"]  # the font editor's time stamp
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    subset.save_font(font, str(target), options)
