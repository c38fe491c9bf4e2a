"""Build the website from the stored outputs: python -m tools.site

It is built beside the old one and then takes its place: whoever opens it, and however this ends, finds a whole site.
"""

import os
import shutil
import signal
import sys

from tools import book

NEW = book.SITE.parent / "new"


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # subprocess.run then stops the build as well
    try:
        done = book.build(book.ROOT, NEW, **os.environ)
        if not done.returncode:
            shutil.rmtree(book.SITE, ignore_errors=True)
            os.replace(NEW / "_build" / "html", book.SITE)
            return 0
        print(f"{done.stderr}\nThe site is not built: see above", file=sys.stderr)
        return done.returncode
    except KeyboardInterrupt:
        print("Interrupted: the site is as it was.", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(NEW, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
