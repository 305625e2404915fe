"""generate.py — two vintages of one dataset and the revisions between them, from declared changes:
old.tsv and new.tsv as Eurostat writes them, expected.csv as `rta revisions --cells --form csv`
does, sums.csv as its sums by partner. Every cell is drawn from a counter, not from a clock."""
from decimal import Decimal
from fractions import Fraction

GEOS = ["AL", "AT", "BA", "BE", "BG", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "HR", "HU", "IT",
        "ME", "MK", "NL", "RS", "XK"]
CODES = ["0101", "0102", "020111", "020221", "0301", "03011", "0401", "0501", "05012", "0502",
         "05021", "0601", "0701", "0703", "0903"]
RENAMED = {"05021": "ICCS0502A", "0601": "ICCS0601_NEW"}  # in the second vintage
YEARS = list(range(2012, 2021))
CHANGED, MARKED, DROPPED, ADDED = 719, 40, 63, 88


def draw():
    state = 20260101
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        yield state >> 33


def write(name, cells, spelled):
    with open(name, "w") as f:
        f.write("freq,iccs,unit,geo\\TIME_PERIOD\t" + "\t".join("%d " % y for y in YEARS) + "\n")
        for code in CODES:
            for geo in GEOS:
                row = ["%s%s" % cells.get((geo, code, y), (":", " ")) for y in YEARS]
                f.write("A,%s,NR,%s\t%s\n" % (spelled(code), geo, "\t".join(row)))


def rounded(x):
    if x is None:
        return ""
    q = (Decimal(abs(x.numerator)) * 10000 * 2 + x.denominator) // (2 * Decimal(x.denominator))
    text = "%d.%04d" % (int(q) // 10000, int(q) % 10000)
    return "-" + text if x < 0 and int(q) else text


numbers = draw()
old = {}
for g in GEOS:
    for c in CODES:
        for y in YEARS:
            n = next(numbers)
            if n % 10:  # a tenth is not available
                flag = " p" if n % 37 == 0 else " "
                old[g, c, y] = (str(n % 9000) + (".5" if n % 91 == 0 else ""), flag)
new = dict(old)
there = sorted(old)
missing = sorted({(g, c, y) for g in GEOS for c in CODES for y in YEARS} - set(old))
picked = []
while len(picked) < CHANGED + MARKED + DROPPED:
    k = there[next(numbers) % len(there)]
    if k not in picked:
        picked.append(k)
what = {}
for i, k in enumerate(picked):
    value, flag = old[k]
    if i < CHANGED:
        what[k] = "revised"
        step = Decimal(next(numbers) % 4000 + 1) / (4 if i % 50 == 0 else 1)
        now = Decimal(value) + step if i % 3 else max(Decimal(value) - step, Decimal(0))
        if now == Decimal(value):
            now += 7
        new[k] = (format(now, "f"), flag)
    elif i < CHANGED + MARKED:
        what[k] = "marks"
        new[k] = (value, " " if flag == " p" else " p")
    else:
        what[k] = "deleted"
        del new[k]
while sum(1 for w in what.values() if w == "new") < ADDED:
    k = missing[next(numbers) % len(missing)]
    what[k] = "new"
    new[k] = (str(next(numbers) % 5000), " ")
write("old.tsv", old, lambda c: "ICCS" + c)
write("new.tsv", new, lambda c: RENAMED.get(c, "ICCS" + c))

with open("expected.csv", "w") as f:
    f.write("what,FREQ,REF_AREA,ICCS,COUNTED,OC_LINK,CY_LINK,UNIT_MEASURE,TIME_PERIOD,"
            "old,new,difference,old_submission,submission,reason\n")
    for k in sorted(what):
        g, c, y = k
        a = old[k][0] if k in old else ""
        b = new[k][0] if k in new else ""
        d = format(Decimal(b) - Decimal(a), "f") if a and b else ""
        f.write("%s,A,%s,%s,OFF,_T,_T,NR,%d,%s,%s,%s,%s,2,major\n"
                % (what[k], g, c, y, a, b, d, "1" if a else ""))

with open("sums.csv", "w") as f:
    for g in GEOS + ["_T"]:
        keys = [k for k in set(old) | set(new) if g in (k[0], "_T")]
        both = [(Fraction(old[k][0]), Fraction(new[k][0])) for k in keys if k in old and k in new]
        n, diff = len(both), [b - a for a, b in both]
        size, later = sum(map(abs, diff)), sum(b for _, b in both)
        count = [sum(1 for k in keys if what.get(k) == w) for w in ("new", "deleted", "marks")]
        f.write("%s,%d,%d,%d,%d,%d,%d,0,0,%d,%s,%s,%s\n"
                % (g, n, sum(1 for d in diff if d), sum(1 for d in diff if d > 0),
                   sum(1 for d in diff if d < 0), count[0], count[1], count[2],
                   rounded(Fraction(sum(diff), n)), rounded(Fraction(size, n)),
                   rounded(Fraction(100 * size, later))))
