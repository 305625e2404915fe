#!/bin/sh
# flip.sh — make a small workbook of each format, and turn every byte of it (tests/unit/flip_books.c).
# Needs BUILD (whose flip_books runs) and ROOT.
set -eu
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
PYTHONPATH="$ROOT/tests" PYTHONDONTWRITEBYTECODE=1 python3 - <<'PY'
from sheets import *
rows = [["Area", "Period", "Count"], ["AL", D("43831"), N("0.5")], [E("#N/A"), True, R(("12", "1"))],
        ["BA", F(("1+1", 2)), F(("A1", "x"))], ["ë", None, "<5"]]
b = Xlsx().sheet("S", rows, merges=["A1:B2"], hidden_rows=[3], hidden_cols=[2])
b.sheet("Two", [[I("in"), 7]])
b.save("a.xlsx")
ods_rows = [["A", 1, D("2020-01-31")], [E("#N/A"), True, R(("12", "1"))]]
ods("a.ods", ods_sheet("S", ods_rows), ods_sheet("T", [["x"]], "away"))
xls("a.xls", ("S", rows, [2], [2], [(0, 1, 0, 1)], 0), ("T", [["x"]], (), (), (), 1))
PY
"$ROOT/$BUILD/tests/flip_books" xlsx a.xlsx ods a.ods xls a.xls
