"""Serve a folder on localhost as GitHub Pages does: gzip, open to other origins, 404.html for what is not there."""

import gzip
import threading
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMPRESSED = ("text/", "application/javascript", "application/json", "image/svg")


class GzipHandler(SimpleHTTPRequestHandler):
    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        found = path.is_file()
        if not found:
            path = Path(self.directory) / "404.html"
            if not path.is_file():
                return self.send_error(404)
        body, kind = path.read_bytes(), self.guess_type(path)
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Access-Control-Allow-Origin", "*")
        if kind.startswith(COMPRESSED):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):  # the reader has gone to another page
            self.wfile.write(body)

    def log_message(self, *args):
        pass


@contextmanager
def serve(folder):
    """The address of `folder` on localhost, for as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(GzipHandler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
