#!/usr/bin/env python3
"""Independent comparison of what rta read, stored and derived with Eurostat's own files.

Written without any code of rta: its own parsers, decimal arithmetic of the standard library.
Owns nothing, writes one line a proof, ends with 1 when one fails.
"""
import csv
import glob
import json
import sys
from decimal import ROUND_HALF_UP, Decimal

WB = ("AL", "BA", "ME", "MK", "RS", "XK")
failed = False


def prove(ok, text):
    global failed
    failed = failed or not ok
    print(("ok   " if ok else "FAIL ") + text)


def tsv(path):
    """{(key fields…, period): text or None} of a Eurostat TSV; flags cut off."""
    cells = {}
    with open(path, encoding="utf-8", newline="") as f:
        head = f.readline().rstrip("\r\n").split("\t")
        periods = [p.strip() for p in head[1:]]
        for line in f:
            parts = line.rstrip("\r\n").split("\t")
            key = tuple(parts[0].split(","))
            for period, cell in zip(periods, parts[1:]):
                text = cell.split()[0] if cell.split() else ":"
                cells[key + (period,)] = None if text == ":" else text
    return cells


def stream(path):
    """Data records of an SDMX-CSV stream; the seal is left out."""
    with open(path, encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            if not (next(iter(row.values())) or "").startswith("#"):
                yield row


def crime_key(row):
    return (row["FREQ"], "ICCS" + row["ICCS"], row["UNIT_MEASURE"], row["REF_AREA"],
            row["TIME_PERIOD"])


def value(row):
    return None if row["OBS_VALUE"] in ("", "NaN") else row["OBS_VALUE"]


def same(want, got):
    """Equal as decimals, and equally given or missing."""
    if want is None or got is None:
        return want is got
    return Decimal(want) == Decimal(got)


def crime(source, path, what):
    want = tsv(source)
    got = {crime_key(r): value(r) for r in stream(path)}
    given = sum(v is not None for v in got.values())
    missing = sum(want[k] is None for k in want)
    prove(given == 17474, f"{what}: {given} values given, 17474 expected")
    prove(missing == 5896, f"{what}: {missing} missing in the file, 5896 expected")
    prove(all(same(v, got.get(k)) for k, v in want.items()),
          f"{what}: every cell of the file is there, unchanged")
    prove(not set(got) - set(want), f"{what}: nothing was added")


def parents(source, findings):
    """Cells where a child exceeds its nearest published parent, against the findings."""
    want = tsv(source)
    codes = {k[1] for k in want}
    pairs = [(c, p) for c in codes for p in codes
             if c != p and c.startswith(p) and len(p) > 6
             and not any(q != c and q != p and c.startswith(q) and q.startswith(p)
                         for q in codes)]
    over = set()
    for child, parent in pairs:
        for key, v in want.items():
            if key[1] != child or key[2] != "NR" or v is None:
                continue
            up = want.get((key[0], parent) + key[2:])
            if up is not None and Decimal(v) > Decimal(up):
                over.add((key[3], child, key[4]))
    told = {}
    with open(findings, encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            if row["rule"] == "CRIME-03":
                key = dict(p.split("=", 1) for p in row["key"].split(" & "))
                told[(key["REF_AREA"], "ICCS" + key["ICCS"], key["TIME_PERIOD"])] = row["level"]
    prove(len(over) == 34, f"{len(over)} counts exceed their parent, 34 expected")
    prove(set(told) == over, f"{len(told)} findings tell the same cells")
    prove(set(told.values()) == {"warning"}, "as warnings: published figures are not refused")


def rates(source, path):
    published = {k: v for k, v in tsv(source).items() if k[2] == "P_HTHAB" and k[3] in WB}
    counts = {k: v for k, v in tsv(source).items() if k[2] == "NR"}
    equal, differ, unnamed = 0, {}, 0
    for row in stream(path):
        if row["INDICATOR"].lower() != "rate_100k" or value(row) is None:
            continue
        if row["REF_AREA"] not in WB:
            continue
        key = ("A", "ICCS" + row["ICCS"], "P_HTHAB", row["REF_AREA"], row["TIME_PERIOD"])
        if published.get(key) is None or counts.get((key[0], key[1], "NR") + key[3:]) is None:
            continue
        if int(row["TIME_PERIOD"]) > 2019:
            continue
        unnamed += not (row["POP_SOURCE"] and row["POP_VINTAGE"])
        count, people = Decimal(row["NUMERATOR"]), Decimal(row["DENOMINATOR"])
        own = (count * 100000 / people).quantize(Decimal("0.01"), ROUND_HALF_UP)
        derived = Decimal(row["OBS_VALUE"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if own != derived:
            prove(False, f"{key}: derived {derived}, by hand {own}")
        if derived == Decimal(published[key]):
            equal += 1
        else:
            differ.setdefault((row["REF_AREA"], row["TIME_PERIOD"]), []).append(key)
    n = equal + sum(map(len, differ.values()))
    years = sorted(differ)
    prove((equal, n) == (718, 780), f"{equal} of {n} published rates reproduced, 718 of 780 expected")
    prove(years == [("AL", y) for y in ("2008", "2009", "2011", "2014", "2015", "2016")],
          "all that differ: " + ", ".join(f"{a} {y}" for a, y in years))
    prove(unnamed == 0, "every rate names the source and the vintage of its population")


def crimes(folder, first=False):
    """({(month, type): records}, records, repeated identifiers, blank ones) of all the months."""
    cells, seen, again, blank, n = {}, set(), set(), 0, 0
    for path in sorted(glob.glob(folder + "/*-street.csv")):
        with open(path, encoding="utf-8", newline="") as f:
            for row in csv.DictReader(f):
                n += 1
                name = row["Crime ID"].strip()
                blank += not name
                if name in seen:
                    again.add(name)
                    if first:
                        continue
                if name:
                    seen.add(name)
                key = (row["Month"], row["Crime type"].strip())
                cells[key] = cells.get(key, 0) + 1
    return cells, n, len(again), blank


def street(folder, path, log):
    want, n, repeated, blank = crimes(folder)
    got = {(r["TIME_PERIOD"], r["CRIME_TYPE"]): int(r["OBS_VALUE"]) for r in stream(path)}
    prove(n == 22111, f"{n} records, 22111 expected")
    prove(got == want, f"{len(got)} cells by month and type, all as python's csv counts them")
    prove(sum(got.values()) == n, "every record is in a cell")
    with open(log, encoding="utf-8") as f:
        said = f.read()
    prove((repeated, blank) == (230, 3013) and "230 of them repeated" in said
          and "3013 records without one" in said,
          f"{repeated} repeated and {blank} blank identifiers are reported")


def street_first(folder, path):
    want, _, _, _ = crimes(folder, first=True)
    got = {(r["TIME_PERIOD"], r["CRIME_TYPE"]): int(r["OBS_VALUE"]) for r in stream(path)}
    prove(got == want, f"the first of each: {sum(got.values())} records in {len(got)} cells")


def receipt(path, **want):
    with open(path, encoding="utf-8") as f:
        got = json.load(f)
    flat = {}

    def walk(x):
        for k, v in x.items() if isinstance(x, dict) else ():
            if isinstance(v, dict):
                walk(v)
            else:
                flat[k] = v
    walk(got)
    for k, v in want.items():
        prove(str(flat.get(k)) == v, f"receipt: {k} = {flat.get(k)}, {v} expected")


def main(argv):
    if argv[0] == "receipt":
        receipt(argv[1], **dict(a.split("=") for a in argv[2:]))
    else:
        {"crime": crime, "parents": parents, "rates": rates, "street": street,
         "street-first": street_first}[argv[0]](*argv[1:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
