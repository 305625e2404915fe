#!/usr/bin/env python3
"""tables.py DATA: workbooks and tables that rta read, compared with the files themselves.

Reads the files with zipfile and ElementTree, or csv, of the standard library: no code of rta. Runs
rta read with each profile of tests/real/profiles and proves counts, sums and every single cell.
One line a proof; ends with 1 when one fails.
"""
import csv
import glob
import os
import re
import subprocess
import sys
import zipfile
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree

NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DATA = sys.argv[1]
PROFILES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "profiles")
failed = False


def prove(ok, text):
    global failed
    failed = failed or not ok
    print(("ok   " if ok else "FAIL ") + text)


def read(profile, path, *more):
    """Rows of the stream as dicts by column, and what was said to people."""
    done = subprocess.run(
        ["rta", "read", "--profile", f"{PROFILES}/{profile}.yaml", path, *more],
        capture_output=True, check=False)
    lines = done.stdout.decode().splitlines()
    rows = [r for r in csv.DictReader(lines) if not r["STRUCTURE[;]"].startswith("#")]
    if done.returncode > 1:
        prove(False, f"{profile}: rta read ends with {done.returncode}: {done.stderr.decode()[-300:]}")
    return rows, done.stderr.decode()


def find(pattern):
    return sorted(glob.glob(os.path.join(DATA, pattern)))


def sheet(path, name):
    """{row: {column letters: text}} of a sheet."""
    z = zipfile.ZipFile(path)
    shared = [re.sub(r"\s+", " ", "".join(t.text or "" for t in si.iter(NS + "t"))).strip()
              for si in ElementTree.fromstring(z.read("xl/sharedStrings.xml"))]
    book = ElementTree.fromstring(z.read("xl/workbook.xml"))
    names = [s.get("name") for s in book.iter(NS + "sheet")]
    part = f"xl/worksheets/sheet{names.index(name) + 1 if name else 1}.xml"
    cells = {}
    for row in ElementTree.fromstring(z.read(part)).iter(NS + "row"):
        for c in row:
            v = c.find(NS + "v")
            if v is not None:
                text = shared[int(v.text)] if c.get("t") == "s" else v.text
                cells.setdefault(int(row.get("r")), {})[re.match("[A-Z]+", c.get("r"))[0]] = text
    return cells


def place(row):
    return row["SRC[]"].replace("%3B", ";").rsplit("!", 1)[1]


def digits(text, n):
    """A decimal text rounded to n significant digits."""
    d = Decimal(text)
    if not d:
        return d
    return d.quantize(Decimal(1).scaleb(d.adjusted() - n + 1), ROUND_HALF_UP)


def unodc():
    for path in find("unodc_cts*/data/*.xlsx"):
        raw, name = sheet(path, None), os.path.basename(path)
        rows, said = read("unodc-cts", path)
        want = {f"L{n}": c["L"] for n, c in raw.items() if n > 1}
        prove(len(rows) == len(want), f"{name}: {len(rows)} rows of {len(want)}")
        bad = [r for r in rows if Decimal(r["OBS_VALUE"]) != digits(want[place(r)], 15)]
        prove(not bad, f"{name}: every value is the cell's, to 15 digits ({len(bad)} are not)")
        changed = [r for r in rows if Decimal(r["OBS_VALUE"]) != Decimal(want[place(r)])]
        prove(all(r["SRC_VALUE[]"] == want[place(r)] for r in changed) and changed,
              f"{name}: the {len(changed)} rounded ones keep the text of the file")
        whole = [r for r in rows if r["UNIT_MEASURE"] == "Counts"]
        total = sum(digits(c["L"], 15) for n, c in raw.items() if n > 1 and c["K"] == "Counts")
        prove(sum(Decimal(r["OBS_VALUE"]) for r in whole) == total,
              f"{name}: counts sum to {total}")
        cols = dict(zip("AEFGHIJKM", ("REF_AREA", "INDICATOR", "BREAKDOWN", "CATEGORY", "SEX", "AGE",
                                      "TIME_PERIOD", "UNIT_MEASURE", "SOURCE")))
        bad = [r for r in rows for k, v in cols.items() if raw[int(place(r)[1:])].get(k) != r[v]]
        prove(not bad, f"{name}: every code is the cell's")
        hidden = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").count(b' hidden="1"')
        prove(f"hidden and taken in: {hidden} rows" in said, f"{name}: {hidden} rows are hidden")


def glotip():
    path = find("unodc_glotip_2024/*.xlsx")[0]
    raw = sheet(path, None)
    rows, _ = read("unodc-glotip", path)
    want = {f"L{n}": c["L"] for n, c in raw.items() if n > 1}
    prove(len(rows) == len(want) == 46556, f"glotip: {len(rows)} rows")
    kept = [r for r in rows if r["SRC_VALUE[]"] == "<5"]
    prove(len(kept) == 23076 == sum(v == "<5" for v in want.values()),
          f"glotip: {len(kept)} cells say <5")
    prove(all(r["OBS_VALUE"] == "" and r["CONF_STATUS"] == "C" for r in kept),
          "glotip: all of them are suppressed: no value, and confidential")
    prove(not any(r["OBS_VALUE"] == "" for r in rows if r["SRC_VALUE[]"] != "<5"),
          "glotip: no other cell is without value")
    given = [r for r in rows if r["OBS_VALUE"]]
    bad = [r for r in given if int(r["OBS_VALUE"]) != int(want[place(r)].replace(",", ""))]
    prove(not bad, f"glotip: {len(given)} values are the cells', thousands understood")


def italy():
    book = find("italy_police_offences/*.xlsx")[0]
    text = find("italy_police_offences/NT*.csv")[0]
    raw = sheet(book, "PROVINCE ELENCO")
    of_book, _ = read("italy-2019-xlsx", book)
    of_text, _ = read("italy-2019-csv", text)

    def key(r):
        return re.sub(r"\s+", " ", "|".join(r[k] for k in ("REGION", "PROVINCE", "OFFENCE"))).strip()

    a, b = ({key(r): r["OBS_VALUE"] for r in rows} for rows in (of_book, of_text))
    prove(len(a) == len(of_book) == len(of_text) == 8268, f"italy: {len(a)} cells in each file")
    prove(a == b, "italy: workbook and text agree cell by cell")
    bad = [r for r in of_book if r["OBS_VALUE"] != raw[int(place(r)[1:])]["E"]]
    prove(not bad, "italy: every value is the workbook's")
    dotted = [r for r in of_text if "." in r["SRC_VALUE[]"]]
    prove(len(dotted) == 653 and all(r["OBS_VALUE"] == r["SRC_VALUE[]"].replace(".", "")
                                     for r in dotted), f"italy: {len(dotted)} dotted thousands")
    regions, _ = read("italy-2019-regions", book)
    wide = {n: c for n, c in sheet(book, "Regioni").items() if n > 10 and c.get("A") == "2019"}
    cells = {f"{col}{n}": v for n, c in wide.items() for col, v in c.items() if col not in ("A", "B")}
    bad = [r for r in regions if r["OBS_VALUE"] != cells.get(place(r))]
    prove(not bad and len(regions) == len(cells), f"italy: {len(regions)} cells below merged headings")
    heads = Counter((r["OFFENCE"], r["PART"], r["DETAIL"]) for r in regions)
    prove(len(heads) == 78 and set(heads.values()) == {20}, "italy: 78 headings, one a column")
    cell = [r["OBS_VALUE"] for r in regions if r["REGION"] == "Lombardia"
            and r["OFFENCE"] == "OMICIDI VOLONTARI" and r["DETAIL"] == "a scopo di furto o rapina"]
    prove(cell == ["1"], "italy: Lombardia, homicides for robbery: 1")


def table(profile, path, value, unmark=lambda s: s, rows=None):
    """A delimited file: every value against the field of its line."""
    got, said = read(profile, path, "-k")
    lines = list(csv.reader(open(path, encoding="utf-8", newline="")))
    head = lines[0]
    at = {i for i, h in enumerate(head) if h in value}
    name = os.path.basename(path)
    bad = 0
    for r in got:
        line, field = (int(n) for n in r["SRC[]"].rsplit(":", 2)[1:])
        if field - 1 not in at or r["OBS_VALUE"] != unmark(lines[line - 1][field - 1]):
            bad += 1
    prove(bad == 0 and got, f"{profile}: {len(got)} values of {name} are the fields'")
    if rows is not None:
        prove(len(got) == rows, f"{profile}: {rows} of them")
    return got, said


def money(text):
    d = Decimal(text.replace("€", "").replace(",", ""))
    return f"{d:f}"


def texts():
    table("italy-series", find("italy_police_offences/numero-delitti-per-provincia.csv")[0],
          {"Totale"}, rows=21987)
    table("italy-rates", find("italy_police_offences/*100k.csv")[0],
          {"Totale", "Totale Popolazione", "ratio"}, rows=65961)
    for path in find("kosovo_budget_csv/data/revenues/*.csv"):
        got, _ = table("kosovo-budget", path, {"Shuma"}, money)
        year = re.search(r"(\d{4})\.csv", path)[1]
        prove(all(r["TIME_PERIOD"].startswith(year + "-") for r in got),
              f"kosovo-budget: months of {year}, as the file's name says")
    table("worldbank-population", find("worldbank_population/data/*.csv")[0], {"Value"}, rows=17195)
    base = "tesat_published/"
    table("tesat-arrests", find(base + "arrests.csv")[0], {"arrests"}, rows=45)
    table("tesat-attacks-by-affiliation", find(base + "attacks_by_aff*")[0], {"attacks"}, rows=42)
    _, said = table("tesat-attacks-by-member-state", find(base + "attacks_by_mem*")[0], {"attacks"})
    prove("is 120, but its parts add up to 80" in said, "tesat: 2023 does not close: 120, 80")
    table("tesat-attacks-by-status", find(base + "attacks_by_st*")[0],
          {"completed", "failed", "foiled"})
    table("tesat-completed-by-member-state", find(base + "lw*")[0], {"completed_left_wing"})
    _, said = table("tesat-verdicts-and-casualties", find(base + "verd*")[0], {"value"})
    prove("is 68, but its parts add up to 63" in said, "tesat: deaths of 2017 do not close: 68, 63")
    _, said = table("empact", find("europol_eurojust_empact/figures.csv")[0], {"value"})
    prove(" 19 refused" in said, "empact: 19 rows with odd periods are refused")


def makstat():
    path = find("makstat_px/*.csv")[0]
    got, _ = read("makstat-land", path)
    lines = list(csv.reader(open(path, encoding="cp1251", newline="")))
    cells = {(i + 1, k + 1): v for i, line in enumerate(lines) for k, v in enumerate(line)}
    bad = [r for r in got if r["OBS_VALUE"] != cells[tuple(
        int(n) for n in r["SRC[]"].rsplit(":", 2)[1:])].replace("-", "0")]
    prove(not bad and len(got) == sum(len(x) - 1 for x in lines[1:]),
          f"makstat: {len(got)} cells, Cyrillic in windows-1251")


for proof in (unodc, glotip, italy, texts, makstat):
    proof()
sys.exit(failed)
