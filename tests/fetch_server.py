"""A web server that misbehaves on purpose, for tests/cases/fetch. It listens on 127.0.0.1 at a port
that the system chooses, prints the port, and writes one line for each request to the file named."""
import email.utils
import gzip
import http.server
import sys
import time

TABLE = "freq,geo\\TIME_PERIOD\t2022 \t2023 \n" + "".join(
    "A,X%03d\t%d \t: \n" % (i, i * 7) for i in range(400))
BODY = TABLE.encode()
NEW = BODY.replace(b"2023", b"2024")
ASYNC = (b'<?xml version="1.0"?><env:Envelope xmlns:env="e"><env:Body><ns0:syncResponse><queued>'
         b'<id>d6a1-77</id><status>SUBMITTED</status></queued></ns0:syncResponse></env:Body></env:Envelope>')
FAULT = (b'<?xml version="1.0"?><S:Fault xmlns:S="s"><faultcode>100</faultcode>'
         b'<faultstring>No results found\n for the query</faultstring></S:Fault>')
TOO_BIG = (b'<S:Fault xmlns:S="s"><faultcode>413</faultcode><faultstring>EXTRACTION_TOO_BIG: The requested'
           b' extraction is too big, estimated 7000000 rows, max authorised is 5000000</faultstring></S:Fault>')
seen = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def date_time_string(self, timestamp=None):
        return "Fri, 02 Jan 2026 03:04:05 GMT"

    def log_message(self, *args):
        pass

    def reply(self, status, body=b"", length=None, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        names = ("If-None-Match", "If-Modified-Since", "Range", "If-Range", "Authorization",
                 "X-Extra")
        self.asked = {n: self.headers[n] for n in names if self.headers[n]}
        log.write("%s %s%s\n" % (self.path, self.headers["Accept-Encoding"],
                                 "".join(" %s=%s" % x for x in self.asked.items())))
        log.flush()
        path = self.path.split("?")[0].strip("/").replace("-", "_")
        self.count = seen[path] = seen.get(path, 0) + 1
        getattr(self, "at_" + path, self.at_missing)()

    def good(self, body=BODY):
        self.reply(200, body, Content_Type="text/tab-separated-values")

    def at_missing(self):
        self.reply(404, b'{"error":[{"status":404,"id":100,"label":"No such flow"}]}')

    def at_tagged(self):
        if self.asked.get("If-None-Match") == '"v1"':
            self.reply(304, ETag='"v1"')
        else:
            self.reply(200, BODY, ETag='"v1"', Content_Type="text/tab-separated-values")

    def at_dated(self):
        date = "Thu, 01 Jan 2026 00:00:00 GMT"
        if self.asked.get("If-Modified-Since") == date:
            self.reply(304)
        else:
            self.reply(200, BODY, Last_Modified=date)

    def at_plain(self):
        self.good()

    def at_changing(self):
        self.good(BODY if self.count == 1 else NEW)

    def at_busy(self):
        if self.count == 1:
            self.reply(429, b"slow down", Retry_After="1")
            seen["busy until"] = time.time() + 0.9
        elif time.time() < seen["busy until"]:
            self.reply(400, b"too soon")
        else:
            self.good()

    def at_busy_date(self):
        if self.count == 1:
            until = seen["back at"] = int(time.time() + 1.7)
            self.reply(503, Retry_After=email.utils.formatdate(until, usegmt=True))
        elif time.time() < seen["back at"] - 0.1:
            self.reply(400, b"too soon")
        else:
            self.good()

    def at_down_twice(self):
        if self.count < 3:
            self.reply(503)
        else:
            self.good()

    def at_down(self):
        self.reply(500, b"<html><head><title>Oops</title></head></html>")

    def at_later(self):
        self.reply(429, b"quota", Retry_After="3600")

    def cut(self, body, tag, **headers):
        self.reply(200, body[:3000], len(body), ETag=tag, **headers)
        self.close_connection = True

    def rest(self, body, tag):
        start = int(self.asked["Range"][6:-1])
        self.reply(206, body[start:], ETag=tag,
                   Content_Range="bytes %d-%d/%d" % (start, len(body) - 1, len(body)))

    def at_cut(self):
        if self.asked.get("If-Range") == '"c1"':
            self.rest(BODY, '"c1"')
        else:
            self.cut(BODY, '"c1"')

    def at_cut_changed(self):
        if self.count == 1:
            self.cut(BODY, '"c1"')
        else:
            self.reply(200, NEW, ETag='"c2"')

    def at_cut_wrong(self):
        if self.count == 1:
            self.cut(BODY, '"c1"')
        elif self.count == 2:
            self.reply(206, BODY[10:], ETag='"c1"', Content_Range="bytes 10-99/*")
        else:
            self.good()

    def at_cut_416(self):
        if self.count == 1:
            self.cut(BODY, '"c1"')
        elif "Range" in self.asked:
            self.reply(416)
        else:
            self.good()

    def at_cut_untagged(self):
        if self.count == 1:
            self.reply(200, BODY[:3000], len(BODY))
            self.close_connection = True
        else:
            self.good()

    def at_moved(self):
        self.reply(302, b"gone there", Location="/tagged")

    def at_moved_far(self):
        self.reply(302, Location="http://localhost:%d/plain" % server.server_port)

    def at_moved_ftp(self):
        self.reply(301, Location="ftp://127.0.0.1/file")

    def at_loop(self):
        self.reply(302, Location="/loop")

    def at_slow(self):
        self.reply(200, BODY[:100], len(BODY))
        time.sleep(3)

    def at_chunked(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(10):
            self.wfile.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def at_gzip(self):
        self.good(gzip.compress(BODY, mtime=0))

    def at_gzip_cut(self):
        self.good(gzip.compress(BODY, mtime=0)[:-9])

    def at_gzip_async(self):
        self.good(gzip.compress(ASYNC, mtime=0))

    def at_brotli(self):
        self.reply(200, b"\x8b\x02\x80a\tb\n\x03", Content_Encoding="br")

    def cut_dated(self, date):
        if "If-Range" in self.asked:
            self.rest(BODY, "")
        elif self.count == 1:
            self.reply(200, BODY[:3000], len(BODY), Last_Modified=date)
            self.close_connection = True
        else:
            self.good()

    def at_cut_dated(self):
        self.cut_dated("Thu, 01 Jan 2026 00:00:00 GMT")

    def at_cut_fresh(self):
        self.cut_dated("Fri, 02 Jan 2026 03:04:00 GMT")

    def at_async(self):
        self.good(ASYNC)

    def at_fault(self):
        self.good(FAULT)

    def at_page(self):
        self.good(b"<!DOCTYPE html><html><head><title>Welcome</title></head></html>")

    def at_json(self):
        self.good(b'{"a": 1}')

    def at_empty(self):
        self.good(b"")

    def at_nothing(self):
        self.reply(204)

    def at_too_big(self):
        self.reply(413, TOO_BIG)

    def at_secret(self):
        if self.asked.get("Authorization") == "Bearer s3cret":
            self.good()
        else:
            self.reply(401)


log = open(sys.argv[1], "a")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_port, flush=True)
server.serve_forever()
