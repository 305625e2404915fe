"""sheets.py: small workbooks for tests, sound ones and hostile ones, written with the standard library.

Cells are texts (str), numbers (int, float as text via N), dates (D), errors (E), booleans, formulas
(F), inline (I) or raised runs (R); None leaves the cell out. Deterministic: no times.
"""
import struct
import zipfile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_REL = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


class N(str):  # a number as it shall stand in the file
    pass


class D(str):  # a day number, shown as a date
    pass


class E(str):  # an error
    pass


class I(str):  # an inline text
    pass


class S(tuple):  # a number and the code of its format
    pass


class R(tuple):  # a text and what is raised behind it
    pass


class F(tuple):  # a formula and its stored result (a cell of its own, or None)
    pass


def escape(s):
    return s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def letters(i):
    s = ""
    i += 1
    while i:
        i, r = divmod(i - 1, 26)
        s = chr(65 + r) + s
    return s


def archive(path, parts, **more):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in parts:
            z.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, more.get("method", 8))


class Xlsx:
    def __init__(self, strict=False, epoch_1904=False):
        self.ns = STRICT if strict else MAIN
        self.rel = STRICT_REL if strict else REL
        self.epoch = epoch_1904
        self.strings, self.sheets, self.formats = [], [], []

    def shared(self, xml):
        if xml not in self.strings:
            self.strings.append(xml)
        return self.strings.index(xml)

    def cell(self, ref, v):
        if isinstance(v, F):
            body, result = f"<f>{escape(v[0])}</f>", v[1]
            if result is None:
                return f'<c r="{ref}">{body}<v/></c>'
            if isinstance(result, str) and type(result) is str:
                return f'<c r="{ref}" t="str">{body}<v>{escape(result)}</v></c>'
            return self.cell(ref, result).replace("<v>", body + "<v>", 1)
        if isinstance(v, bool):
            return f'<c r="{ref}" t="b"><v>{int(v)}</v></c>'
        if isinstance(v, S):
            if v[1] not in self.formats:
                self.formats.append(v[1])
            return f'<c r="{ref}" s="{2 + self.formats.index(v[1])}"><v>{v[0]}</v></c>'
        if isinstance(v, D):
            return f'<c r="{ref}" s="1"><v>{v}</v></c>'
        if isinstance(v, E):
            return f'<c r="{ref}" t="e"><v>{v}</v></c>'
        if isinstance(v, I):
            return f'<c r="{ref}" t="inlineStr"><is><t>{escape(v)}</t></is></c>'
        if isinstance(v, R):
            xml = (f"<r><t>{escape(v[0])}</t></r><r><rPr><vertAlign val=\"superscript\"/></rPr>"
                   f"<t>{escape(v[1])}</t></r>")
            return f'<c r="{ref}" t="s"><v>{self.shared(xml)}</v></c>'
        if isinstance(v, N) or not isinstance(v, str):
            return f'<c r="{ref}"><v>{v}</v></c>'
        return f'<c r="{ref}" t="s"><v>{self.shared(f"<t>{escape(v)}</t>")}</v></c>'

    def sheet(self, name, rows, merges=(), hidden_rows=(), hidden_cols=(), state="", first=1):
        cols = "".join(f'<col min="{c + 1}" max="{c + 1}" hidden="1"/>' for c in hidden_cols)
        xml = f'<worksheet xmlns="{self.ns}"><dimension ref="A1"/>'
        xml += (f"<cols>{cols}</cols>" if cols else "") + "<sheetData>"
        for i, row in enumerate(rows, first):
            hide = ' hidden="1"' if i in hidden_rows else ""
            cells = "".join(self.cell(f"{letters(k)}{i}", v) for k, v in enumerate(row)
                            if v is not None)
            xml += f'<row r="{i}"{hide}>{cells}</row>' if row else ""
        xml += "</sheetData>"
        if merges:
            xml += "<mergeCells>" + "".join(f'<mergeCell ref="{m}"/>' for m in merges)
            xml += "</mergeCells>"
        self.sheets.append((name, state, xml + '<drawing r:id="nowhere" '
                            f'xmlns:r="{self.rel}"/></worksheet>'))
        return self

    def parts(self):
        names = "".join(
            f'<sheet name="{escape(n)}" sheetId="{i}" r:id="s{i}"' +
            (f' state="{st}"' if st else "") + "/>" for i, (n, st, _) in enumerate(self.sheets))
        rels = "".join(f'<Relationship Id="s{i}" Type="{self.rel}/worksheet" '
                       f'Target="worksheets/sheet{i}.xml"/>' for i in range(len(self.sheets)))
        rels += (f'<Relationship Id="t" Type="{self.rel}/sharedStrings" Target="sharedStrings.xml"/>'
                 f'<Relationship Id="y" Type="{self.rel}/styles" Target="/xl/styles.xml"/>'
                 f'<Relationship Id="d" Type="{self.rel}/drawing" Target="gone/drawing.xml"/>'
                 f'<Relationship Id="w" Type="{self.rel}/officeDocument" Target="workbook.xml"/>')
        return [
            ("_rels/.rels", f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" '
             f'Type="{self.rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>'),
            ("xl/workbook.xml", f'<workbook xmlns="{self.ns}" xmlns:r="{self.rel}"><workbookPr'
             + (' date1904="1"' if self.epoch else "") + f"/><sheets>{names}</sheets></workbook>"),
            ("xl/_rels/workbook.xml.rels",
             f'<Relationships xmlns="{PACKAGE}">{rels}</Relationships>'),
            ("xl/styles.xml", f'<styleSheet xmlns="{self.ns}"><numFmts><numFmt numFmtId="164" '
             'formatCode="[$-409]dd/mm/yyyy;@"/>' + "".join(
                 f'<numFmt numFmtId="{165 + i}" formatCode="{escape(f)}"/>'
                 for i, f in enumerate(self.formats))
             + '</numFmts><cellStyleXfs><xf numFmtId="14"/>'
             '</cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/>' + "".join(
                 f'<xf numFmtId="{165 + i}"/>' for i in range(len(self.formats)))
             + '</cellXfs></styleSheet>'),
            ("xl/sharedStrings.xml", f'<sst xmlns="{self.ns}">'
             + "".join(f"<si>{s}</si>" for s in self.strings) + "</sst>"),
        ] + [(f"xl/worksheets/sheet{i}.xml", s[2]) for i, s in enumerate(self.sheets)]

    def save(self, path):
        archive(path, self.parts())


ODS_NS = {"office": "office", "table": "table", "text": "text", "style": "style", "fo": "xsl-fo-compatible"}


def ods_cell(v, more=""):
    if v is None:
        return f"<table:table-cell{more}/>"
    if isinstance(v, bool):
        return (f'<table:table-cell office:value-type="boolean" office:boolean-value="'
                f'{str(v).lower()}"{more}><text:p>x</text:p></table:table-cell>')
    if isinstance(v, D):
        return (f'<table:table-cell office:value-type="date" office:date-value="{v}"{more}>'
                f"<text:p>shown otherwise</text:p></table:table-cell>")
    if isinstance(v, E):
        return (f'<table:table-cell office:value-type="string" calcext:value-type="error"{more}>'
                f"<text:p>{v}</text:p></table:table-cell>")
    if isinstance(v, R):
        return (f'<table:table-cell office:value-type="string"{more}><text:p>{escape(v[0])}'
                f'<text:span text:style-name="up">{v[1]}</text:span></text:p></table:table-cell>')
    if isinstance(v, N) or not isinstance(v, str):
        return (f'<table:table-cell office:value-type="float" office:value="{v}"{more}>'
                f"<text:p>rounded</text:p></table:table-cell>")
    return (f'<table:table-cell office:value-type="string"{more}><office:annotation><text:p>note'
            f"</text:p></office:annotation><text:p>{escape(v)}</text:p></table:table-cell>")


def ods_sheet(name, rows, style="plain"):
    """rows: lists of cells, or ready XML."""
    xml = f'<table:table table:name="{escape(name)}" table:style-name="{style}">'
    xml += '<table:table-column table:number-columns-repeated="16384"/>'
    for row in rows:
        xml += row if isinstance(row, str) else (
            "<table:table-row>" + "".join(ods_cell(v) for v in row) + "</table:table-row>")
    return xml + "</table:table>"


def ods_parts(sheets):
    spaces = "".join(f' xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"'
                     for k, v in ODS_NS.items())
    spaces += (' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:'
               'calcext:1.0"')
    content = (f"<office:document-content{spaces}><office:automatic-styles>"
               '<style:style style:name="away" style:family="table"><style:table-properties '
               'table:display="false"/></style:style><style:style style:name="up" '
               'style:family="text"><style:text-properties style:text-position="super 58%"/>'
               "</style:style></office:automatic-styles><office:body><office:spreadsheet>"
               + "".join(sheets) + "</office:spreadsheet></office:body></office:document-content>")
    return [("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("content.xml", content)]


def ods(path, *sheets):
    archive(path, ods_parts(sheets))


# --- XLS (BIFF8 in a compound file) ----------------------------------------------------------------


def record(kind, body=b""):
    out = b""
    while True:
        out += struct.pack("<HH", kind, len(body[:8224])) + body[:8224]
        body, kind = body[8224:], 0x3C
        if not body:
            return out


def biff_text(s, runs=b"", wide=True):
    data = s.encode("utf-16-le") if wide else s.encode("latin-1")
    n = len(s.encode("utf-16-le")) // 2
    head = struct.pack("<HB", n, (1 if wide else 0) | (8 if runs else 0))
    return head + (struct.pack("<H", len(runs) // 4) if runs else b"") + data + runs


def xls_cells(rows, strings):
    out = b""
    for r, row in enumerate(rows):
        for c, v in enumerate(row):
            at = struct.pack("<HHH", r, c, 1 if isinstance(v, D) else 0)
            if v is None:
                continue
            if isinstance(v, F):
                if isinstance(v[1], E):
                    out += record(6, at + b"\2\0\x2a\0\0\0\xff\xff" + b"\0" * 8)
                elif isinstance(v[1], str) and not isinstance(v[1], N):
                    out += record(6, at + b"\0\0\0\0\0\0\xff\xff" + b"\0" * 8)
                    out += record(0x207, biff_text(v[1]))
                else:
                    out += record(6, at + struct.pack("<d", float(v[1])) + b"\0" * 8)
            elif isinstance(v, bool):
                out += record(0x205, at + bytes([v, 0]))
            elif isinstance(v, E):
                out += record(0x205, at + bytes([{"#N/A": 42, "#DIV/0!": 7}[v], 1]))
            elif isinstance(v, R):
                strings.append(biff_text(v[0] + v[1], struct.pack("<HH", len(v[0]), 5)))
                out += record(0xFD, at + struct.pack("<I", len(strings) - 1))
            elif isinstance(v, (N, D)) or not isinstance(v, str):
                f = float(v)
                if f == int(f) and abs(f) < 1 << 28 and not isinstance(v, N):
                    out += record(0x27E, at + struct.pack("<I", (int(f) << 2 | 2) & 0xFFFFFFFF))
                else:
                    out += record(0x203, at + struct.pack("<d", f))
            else:
                strings.append(biff_text(v))
                out += record(0xFD, at + struct.pack("<I", len(strings) - 1))
    return out


def xls_stream(sheets):
    """sheets: (name, rows, hidden rows, hidden columns, merges as (r1, r2, c1, c2), state)."""
    strings, bodies = [], []
    for name, rows, hide_rows, hide_cols, merges, state in sheets:
        body = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
        for c in hide_cols:
            body += record(0x7D, struct.pack("<HHHHHH", c, c, 0, 0, 1, 0))
        for r in hide_rows:
            body += record(0x208, struct.pack("<HHHHHHHH", r, 0, 9, 0, 0, 0, 0x20, 0))
        body += xls_cells(rows, strings)
        if merges:
            body += record(0xE5, struct.pack("<H", len(merges)) + b"".join(
                struct.pack("<HHHH", *m) for m in merges))
        bodies.append(body + record(0x0A))
    def font(raised):
        return record(0x31, struct.pack("<HHHHH", 200, 0, 0, 400, raised) + b"\0" * 6)

    head = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + record(0x22, b"\0\0")
    head += font(0) * 4 + font(1)
    head += record(0x41E, struct.pack("<H", 164) + biff_text("dd/mm/yyyy"))
    head += record(0xE0, struct.pack("<HH", 0, 0) + b"\0" * 16)
    head += record(0xE0, struct.pack("<HH", 0, 164) + b"\0" * 16)
    table = record(0xFC, struct.pack("<II", len(strings), len(strings)) + b"".join(strings))
    names = [struct.pack("<BB", s[5], 0) + bytes([len(s[0]), 1]) + s[0].encode("utf-16-le")
             for s in sheets]
    at = len(head) + sum(8 + len(n) for n in names) + len(table) + 4
    bounds = b""
    for n, body in zip(names, bodies):
        bounds += record(0x85, struct.pack("<I", at) + n)
        at += len(body)
    return head + bounds + table + record(0x0A) + b"".join(bodies)


def compound(stream):
    stream = stream.ljust(4096, b"\0")
    stream += b"\0" * (-len(stream) % 512)
    n = len(stream) // 512
    fats = 1
    while fats * 128 < n + 1 + fats:
        fats += 1
    fat = [0xFFFFFFFD] * fats + [0xFFFFFFFE]
    first = len(fat)
    fat += list(range(first + 1, first + n)) + [0xFFFFFFFE]
    fat += [0xFFFFFFFF] * (fats * 128 - len(fat))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 10
    head += struct.pack("<IIIIIIIII", fats, fats, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    head += b"".join(struct.pack("<I", i) for i in range(1, fats)) + b"\xff" * 4 * (109 - fats)

    def entry(name, kind, start, size):
        raw = (name + "\0").encode("utf-16-le")
        return (raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1)
                + struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, 1 if kind == 5 else 0xFFFFFFFF)
                + b"\0" * 36 + struct.pack("<IQ", start, size))

    folder = entry("Root Entry", 5, 0xFFFFFFFE, 0) + entry("Workbook", 2, first, len(stream))
    return (head + b"".join(struct.pack("<I", i) for i in fat)
            + folder.ljust(512, b"\0") + stream)


def xls(path, *sheets):
    with open(path, "wb") as f:
        f.write(compound(xls_stream([tuple(s) + ((), (), (), 0)[len(s) - 2:] for s in sheets])))
