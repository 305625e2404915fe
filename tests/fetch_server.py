"""A web server that misbehaves on purpose, for tests/cases/fetch. It listens on 127.0.0.1 at a port
that the system chooses, prints the port, and writes one line for each request to the file named."""
import email.utils
import gzip
import http.server
import json
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
STATUS = '<r><result><id>%s</id><status>%s</status></result></r>'
# A structure as SDMX-ML 2.1 has it, before and after: a code gone, one new, one renamed, one moved.
STRUCTURE = """<?xml version="1.0" encoding="UTF-8"?>
<m:Structure xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
 xmlns:s="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure"
 xmlns:c="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"><m:Structures><s:Codelists>
<s:Codelist id="CL_GEO" agencyID="A"><c:Name xml:lang="en">Geo</c:Name>%s</s:Codelist></s:Codelists>
<s:DataStructures><s:DataStructure id="D"><s:DataStructureComponents><s:DimensionList>%s
<s:TimeDimension id="TIME_PERIOD" position="9"/></s:DimensionList></s:DataStructureComponents>
</s:DataStructure></s:DataStructures></m:Structures></m:Structure>"""
CODE = '<s:Code id="%s"><c:Name xml:lang="de">%s (de)</c:Name><c:Name xml:lang="en">%s</c:Name>%s</s:Code>'
DIM = ('<s:Dimension id="%s"><s:ConceptIdentity><Ref id="X"/></s:ConceptIdentity><s:LocalRepresentation>'
       '<s:Enumeration><Ref id="%s" class="Codelist"/></s:Enumeration></s:LocalRepresentation></s:Dimension>')


def code(name, text, parent=""):
    up = '<s:Parent><Ref id="%s"/></s:Parent>' % parent if parent else ""
    return CODE % (name, text, text, up)


SHAPES = [
    STRUCTURE % (code("W", "World") + code("AL", "Albania", "W") + code("MK", "FYROM", "W") +
                 code("YU", "Yugoslavia"), DIM % ("FREQ", "CL_FREQ") + DIM % ("GEO", "CL_GEO")),
    STRUCTURE % (code("W", "World") + code("E", "Europe", "W") + code("AL", "Albania", "E") +
                 code("MK", "North Macedonia, &amp; so", "W"),
                 DIM % ("GEO", "CL_GEO2") + DIM % ("FREQ", "CL_FREQ") + DIM % ("SEX", "CL_SEX"))]
PX = {"title": "t", "variables": [
    {"code": "Viti", "text": "Year", "values": ["0", "1", "2"], "valueTexts": ["2019", "2020", "2021"],
     "time": True},
    {"code": "Qarku", "text": "County", "values": ["01", "02", "03", "04"],
     "valueTexts": ["Berat", "Dib\u00ebr", "Durr\u00ebs", "Elbasan"]}]}
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

    def note(self, more=""):
        names = ("If-None-Match", "If-Modified-Since", "Range", "If-Range", "Authorization",
                 "X-Extra")
        self.asked = {n: self.headers[n] for n in names if self.headers[n]}
        log.write("%s %s%s%s\n" % (self.path, self.headers["Accept-Encoding"],
                                  "".join(" %s=%s" % x for x in self.asked.items()), more))
        log.flush()
        path = self.path.split("?")[0].strip("/")
        self.count = seen[path] = seen.get(path, 0) + 1
        return path.split("/")

    def csv(self, rows, **headers):
        self.reply(200, "".join(r + "\n" for r in ["DATAFLOW,GEO,TIME_PERIOD,OBS_VALUE"] + rows).encode(), **headers)

    # A service as Eurostat's: what is prepared first, and what is too much at once.
    def eurostat(self, path):
        if path[:2] == ["1.0", "async"]:
            word = {"NEVER": "PROCESSING", "LOST": "EXPIRED"}.get(path[3], "AVAILABLE")
            if path[2] == "data":
                self.good()
            else:
                self.reply(200, (STATUS % (path[3], word if self.count > 2 else "PROCESSING")).encode())
        elif path[3] in ("READY", "NEVER", "LOST"):
            self.good(ASYNC.replace(b"d6a1-77", path[3].encode()))
        elif path[3] == "BIG":
            geo = path[4].split(".")[1].split("+")
            if len(geo) > 2:
                self.reply(413, TOO_BIG)
            else:
                self.csv(["F," + g + ",2020,1" for g in geo],
                         Last_Modified="Thu, 01 Jan 2026 00:00:0%d GMT" % (geo[0] == "RS"))
        elif path[3] == "YEARS":
            if "startPeriod=2018" in self.path and "endPeriod=2021" in self.path:
                self.reply(413, TOO_BIG)
            else:
                self.csv(["F,AL,2020,1"])
        else:
            self.reply(413, TOO_BIG)

    # An SDMX server: structures that change, deltas that are honoured, empty, or ignored.
    def sdmx(self, path):
        if path[0] in ("dataflow", "structure"):
            self.reply(200, SHAPES[min(self.count, 2) - 1].encode(), Content_Type="application/xml")
        elif "updatedAfter" not in self.path or "DEAF" in self.path:
            self.csv(["F,AL,2020,1", "F,RS,2020,2", "F,XK,2020,3"])
        elif "QUIET" in self.path:
            self.reply(404, b"No results found")
        else:
            self.csv(["F,RS,2020,22"])

    def pxweb(self, path, post=None):
        if self.path.endswith("?config"):
            self.reply(200, (b'{"maxValues":100,"maxCells":6,"maxCalls":50,"timeWindow":1,"CORS":true}' if "/slow/" not in self.path
                       else b'{"maxCells":6,"maxCalls":1,"timeWindow":99999999999999}'))
        elif post is None:
            meta = json.loads(json.dumps(PX))
            if path[-1] == "changing.px" and self.count > 1:
                meta["variables"][1]["valueTexts"][3] = "Elbasani"
                meta["variables"][0]["values"].append("3")
            self.reply(200, json.dumps(meta).encode())
        elif self.count == 2:
            self.reply(429, b"slow down", Retry_After="1")
        else:
            self.reply(200, b'CHARSET="ANSI";\nMATRIX="t";\n')

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path = self.note(" " + body.decode())
        self.pxweb(path[1:], body)

    def do_GET(self):
        for kind, answer in (("es", self.eurostat), ("rest1", self.sdmx), ("rest2", self.sdmx),
                             ("px", self.pxweb)):
            if self.path.startswith("/" + kind + "/"):
                path = self.note(" " + self.headers["Accept"] if "rest" in kind else "")
                answer(path[1:])
                return
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

    def at_storm(self):
        self.reply(429, b"", Retry_After="0")

    def at_short(self):  # says fewer bytes than it sends
        self.reply(200, BODY, 3000)
        self.close_connection = True

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

    def at_piecemeal(self):  # never more than 2000 bytes at once
        start = int(self.asked["Range"][6:-1]) if "Range" in self.asked else 0
        piece = BODY[start:start + 2000]
        self.reply(206, piece, ETag='"p"', Content_Range="bytes %d-%d/%d" % (start, start + len(piece) - 1, len(BODY)))

    def at_part_of_what(self):
        self.reply(206, BODY[:2000])

    def at_first_part(self):  # asked for the whole, a part comes, and no more of it
        self.reply(206, BODY[:2000], Content_Range="bytes 0-1999/%d" % len(BODY))

    def at_echo(self):
        self.reply(403, b"who is " + self.headers["Authorization"].encode() + b"?")

    def at_signed(self):
        self.reply(302, Location="/tagged?signature=s3cret&x=1")

    def at_far_future(self):
        self.reply(429, b"", Retry_After="99999999999999999999")

    def at_long_line(self):
        try:
            self.reply(200, BODY, X_Long="x" * 200000)
        except OSError:  # the client has had enough
            pass
        self.close_connection = True

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
server.handle_error = lambda *which: None  # clients that hang up are what is tested
print(server.server_port, flush=True)
server.serve_forever()
