#!/usr/bin/env python3
"""vintage.py OLD.tsv NEW.tsv CHANGES.csv — another vintage of a real bulk file, made by declared
changes: 719 figures revised (up and down), 60 dropped, 80 added; CHANGES.csv says each as `rta
revisions --cells --form csv` has it in its columns what, REF_AREA, TIME_PERIOD, old, new, difference,
with Eurostat's offence and unit before them."""
import re
import sys
from decimal import Decimal

old, new, changes = sys.argv[1:4]
with open(old, encoding="utf-8") as f:
    head, *lines = f.read().split("\n")
years = [y.strip() for y in head.split("\t")[1:]]
rows = [line.split("\t") for line in lines if line]
number = re.compile(r"^[0-9]+(\.[0-9]+)? $")
given = [(i, k) for i, r in enumerate(rows) for k in range(1, len(r)) if number.match(r[k])]
gaps = [(i, k) for i, r in enumerate(rows) for k in range(1, len(r)) if r[k] == ": "]
out = []


def note(what, i, k, a, b):
    _, code, unit, geo = rows[i][0].split(",")
    d = format(Decimal(b) - Decimal(a), "f") if a and b else ""
    out.append(",".join([code, unit, what, geo, years[k - 1], a, b, d]))


step = len(given) // 779
for n, (i, k) in enumerate(given[: step * 779 : step]):
    a = rows[i][k].strip()
    if n < 719:
        by = Decimal(n % 97 + 1) / (1 if "." not in a else 4)
        b = format(Decimal(a) - by if n % 3 == 0 and Decimal(a) > by else Decimal(a) + by, "f")
        rows[i][k] = b + " "
        note("revised", i, k, a, b)
    else:
        rows[i][k] = ": "
        note("deleted", i, k, a, "")
for n, (i, k) in enumerate(gaps[:: len(gaps) // 80][:80]):
    rows[i][k] = "%d " % (n + 1)
    note("new", i, k, "", str(n + 1))
with open(new, "w", encoding="utf-8") as f:
    f.write("\n".join([head] + ["\t".join(r) for r in rows]) + "\n")
with open(changes, "w", encoding="utf-8") as f:
    f.write("\n".join(sorted(out)) + "\n")
