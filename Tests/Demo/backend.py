"""A real HTTP server that answers the name of its machine: backend.py NAME ADDRESS PORT."""

import http.server
import socketserver
import sys


class Backend(socketserver.ThreadingTCPServer):
    # Not http.server.HTTPServer: that one asks DNS for its own name before it listens.
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{sys.argv[1]}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


Backend((sys.argv[2], int(sys.argv[3])), Answer).serve_forever()
