#!/usr/bin/env python3
"""JSON-stat, PC-Axis and SDMX-JSON samples: what rta read makes of each, against what is in the
file, read here with the standard library alone. Cells are compared by their codes, in the order of
the file's dimensions with the period last, as decimals. Usage: wire.py DATA PROFILES
"""
import csv
import glob
import io
import itertools
import json
import os
import re
import subprocess
import sys
from decimal import Decimal

JS = "jsonstat_samples/jsonstat/examples/www.json-stat.org/"
FX = "jsonstat_samples/jsonstat-tests/fixtures/"
R1, R2 = "px_samples_pxR/inst/extdata/", "px_samples_pxR/tests_review/"
PY = "px_samples_pyaxis/pyaxis/test/data/"
SJ = "sdmx-json-samples/data-message/samples/"
failed = 0


def prove(ok, text):
    global failed
    failed += not ok
    print(("ok   " if ok else "FAIL ") + text)


def number(v):
    if v is None:
        return None
    return Decimal(str(v)) if isinstance(v, (str, int, Decimal)) else v


def period(t):
    m = re.match(r"^(\d{4})M(\d\d)$", t)
    if m:
        return f"{m[1]}-{m[2]}"
    m = re.match(r"^(\d{4})[QT]?(\d|I{1,3}|IV)$", t)
    if m and t not in ("2000",):
        return f"{m[1]}-Q{ {'I': 1, 'II': 2, 'III': 3, 'IV': 4}.get(m[2].replace('T', ''), m[2]) }"
    m = re.match(r"^(\d{4})T(I{1,3}|IV)$", t)
    return f"{m[1]}-Q{dict(I=1, II=2, III=3, IV=4)[m[2]]}" if m else t


def stream(profile, path, data, profiles):
    p = subprocess.run(["rta", "read", "--quiet", "--profile", f"{profiles}/{profile}.yaml",
                        os.path.join(data, path)], capture_output=True, text=True)
    got = {}
    if p.returncode in (0, 1):
        rows = list(csv.reader(io.StringIO(p.stdout)))
        end = rows[0].index("OBS_VALUE")
        for r in rows[1:-1]:
            key = tuple(r[3:end])
            assert key not in got, (path, key)
            got[key] = None if r[end] in ("", "NaN") else Decimal(r[end])
    return p, got


def same(name, want, got):
    """Given cells equal; those without a value are not there, or there without one."""
    given = {k: v for k, v in want.items() if v is not None}
    have = {k: v for k, v in got.items() if v is not None}
    prove(given == have and not set(got) - set(want),
          f"{name}: {len(given)} of {len(want)} cells given, sum {sum(given.values(), Decimal(0))}")


def jsonstat(d, time):
    dim = d["dimension"]
    ids, sizes = d.get("id") or dim["id"], [int(n) for n in d.get("size") or dim["size"]]
    lists = []
    for i in ids:
        c = dim[i]["category"]
        index = c.get("index") or list(c["label"])
        lists.append(index if isinstance(index, list) else sorted(index, key=index.get))
    value, want = d["value"], {}
    assert [len(x) for x in lists] == sizes
    for n, key in enumerate(itertools.product(*lists)):
        v = value[n] if isinstance(value, list) else value.get(str(n))
        if isinstance(value, dict) and str(n) not in value:
            continue
        k = [c for c, i in zip(key, ids) if i != time]
        want[tuple(k + [period(key[ids.index(time)]) if time else "2000"])] = number(v)
    return want


def px(text, time, lang=None):
    head, data = re.split(r"\bDATA=", text, maxsplit=1)
    words = {}
    for m in re.finditer(r'([A-Z.\-_]+)(?:\[(\w+)\])?(?:\("([^"]*)"[^)]*\))?=((?:"[^"]*"|[^";])*);', head):
        # pieces of one text on several lines stand next to each other without a comma
        parts = re.findall(r'((?:"[^"]*"\s*)+)', m[4])
        words[(m[1], m[2], m[3])] = ["".join(re.findall(r'"([^"]*)"', p)) for p in parts] or [m[4].strip()]
    stub = words.get(("STUB", None, None), [])
    names = stub + words.get(("HEADING", None, None), [])
    shown = words.get(("STUB", lang, None), []) + words.get(("HEADING", lang, None), [])
    lists, labels = [], []
    for n, s in zip(names, shown):
        values = words[("VALUES", None, n)]
        t = words.get(("TIMEVAL", None, n))
        lists.append((t if t else None) or words.get(("CODES", None, n)) or words[("VALUES", lang, s)])
        labels.append(values)
    keys = [n for (k, _, n) in words if k == "KEYS"]
    tokens = re.findall(r'"[^"]*"|[^\s,;]+', data)
    want, zero = {}, Decimal(0)

    def put(key, t):
        t = t.strip('"')
        k = [c.strip() for c, n in zip(key, names) if n != time]
        k.append(period(key[names.index(time)]) if time else "2000")
        want[tuple(k)] = zero if t == "-" else None if set(t) <= {"."} else Decimal(t)

    if not keys:
        cells = list(itertools.product(*lists))
        assert len(cells) == len(tokens), (len(cells), len(tokens))
        for key, t in zip(cells, tokens):
            put(key, t)
        return want
    for key in itertools.product(*lists):
        put(key, "0")
    heads = list(itertools.product(*lists[len(stub):]))
    width = len(keys) + len(heads)
    for at in range(0, len(tokens), width):
        got = {}
        for n, t in zip(keys, tokens[at:at + len(keys)]):
            i = names.index(n)
            source = lists[i] if words[("KEYS", None, n)] == ["CODES"] else labels[i]
            got[n] = lists[i][source.index(t.strip('"'))]
        for h, t in zip(heads, tokens[at + len(keys):at + width]):
            put(tuple(got[n] for n in stub) + h, t)
    return want


def sdmxjson(msg, only):
    d = msg.get("data", msg)
    s = (d.get("structures") or [d.get("structure")])[0]
    level = s["dimensions"]
    dims = [x for k in ("dataSet", "series", "observation") for x in level.get(k, [])]
    order = sorted(dims, key=lambda x: x["keyPosition"])
    want = {}

    def put(parts, obs):
        chosen = dict(parts)
        for x in level.get("dataSet", []):
            chosen[x["id"]] = 0
        key = [x["values"][chosen[x["id"]]]["id"] for x in order]
        want[tuple(key)] = number(obs[0]) if obs and obs[0] is not None else None

    for n, ds in enumerate(d["dataSets"]):
        if only and n != only - 1:
            continue
        flat = level.get("series", []) + level.get("observation", [])
        for k, obs in ds.get("observations", {}).items():
            put(zip([x["id"] for x in flat], map(int, k.split(":"))), obs)
        for sk, ser in ds.get("series", {}).items():
            sp = list(zip([x["id"] for x in level["series"]], map(int, sk.split(":"))))
            for k, obs in ser.get("observations", {}).items():
                put(sp + list(zip([x["id"] for x in level["observation"]], map(int, k.split(":")))), obs)
    return want


def refused(path, profile, word, data, profiles):
    p, _ = stream(profile, path, data, profiles)
    line = next((x for x in p.stderr.splitlines() if "error" in x), "")
    prove(p.returncode == 65 and word in line, f"{path.split('/')[-1]} is refused: {line[:110]}")


def main(data, profiles):
    load = lambda path: json.load(open(os.path.join(data, path), encoding="utf-8"), parse_float=Decimal)
    plain = [("canada", "year"), ("galicia", "time"), ("oecd", "year"), ("us-gsp", "year"),
             ("us-labor", "year"), ("us-unr", "year")]
    for name, time in plain:
        p, got = stream("json-time", f"{JS}{name}.json", data, profiles)
        same(f"{name}.json", jsonstat(load(f"{JS}{name}.json"), time), got)
    hier = load(JS + "hierarchy.json")
    same("hierarchy.json", jsonstat(hier, None), stream("json-none", JS + "hierarchy.json", data, profiles)[1])
    bundle = load(JS + "oecd-canada.json")
    coll = load(JS + "oecd-canada-col.json")["link"]["item"]
    cli = FX + "cli/6c083e056894750011d042256097bf04"
    for n, (word, which) in enumerate((("first", "oecd"), ("second", "canada"))):
        same(f"oecd-canada.json {which}", jsonstat(bundle[which], "year"),
             stream("json-" + word, JS + "oecd-canada.json", data, profiles)[1])
        same(f"oecd-canada-col.json {which}", jsonstat(coll[n], "year"),
             stream("json-" + word, JS + "oecd-canada-col.json", data, profiles)[1])
        same(f"the same as a service sent it, {which}", jsonstat(load(cli)["link"]["item"][n], "year"),
             stream("json-" + word, cli, data, profiles)[1])
    for path in sorted(glob.glob(os.path.join(data, FX, "*eu*", "*.json")) +
                       glob.glob(os.path.join(data, FX, "www.cso.ie", "eurostat*.json"))):
        path = os.path.relpath(path, data)
        same(path[len(FX):], jsonstat(load(path)["nama_gdp_c"], "time"),
             stream("json-eurostat", path, data, profiles)[1])
    for path, prof, time in (("www.ssb.no/29843.json", "json-time", "Tid"),
                             ("www.cso.ie/cso_ie-CIA01.json", "json-cso", "Year"),
                             ("www.cso.ie/cso_ie-NQQ25.json", "json-time", "Quarter")):
        same(path, jsonstat(load(FX + path)["dataset"], time), stream(prof, FX + path, data, profiles)[1])
    same("dataset_unemployment_v1.json", jsonstat(load(FX + "dataset/dataset_unemployment_v1.json"), "year"),
         stream("json-time", FX + "dataset/dataset_unemployment_v1.json", data, profiles)[1])
    for v in ("three_dim_v1", "three_dim_size_as_string_v1", "three_dim_size_as_string_v2"):
        same(v, jsonstat(load(f"{FX}dataset/{v}.json"), None),
             stream("json-none", f"{FX}dataset/{v}.json", data, profiles)[1])
    refused(JS + "order.json", "json-none", "is not a number", data, profiles)
    refused(JS + "collection.json", "json-time", "no dataset", data, profiles)
    refused(FX + "www.unece.org/cso_ie-NQQ25.json", "json-time", "where JSON has", data, profiles)

    for path, prof, enc, time, lang in (
            (R1 + "EPA_es_1.px", "px-epa", "cp1252", "Periodo", None),
            (R1 + "example.px", "px-none", "cp1252", None, None),
            (R1 + "example2.px", "px-none", "cp1252", None, None),
            (R1 + "example6.px", "px-none", "cp1252", None, None),
            (R2 + "example2.px", "px-none", "cp1252", None, None),
            (R2 + "example3.px", "px-none", "cp1252", None, None),
            (R2 + "example4.px", "px-none", "cp1252", None, None),
            (R2 + "example5.px", "px-time", "cp1252", "TIME", None),
            (R2 + "example6.px", "px-none", "cp1252", None, None),
            (R2 + "example7.px", "px-time", "cp1252", "TIME", None),
            (PY + "1001.px", "px-1001", "utf-8", "Periodo", None),
            (PY + "14001.px", "px-14001", "cp1252", None, None),
            (PY + "27067.px", "px-27067", "cp1252", "Periodo", None),
            (PY + "px-x-0602000000_107.px", "px-swiss", "mac_roman", "Quartal", "en")):
        text = open(os.path.join(data, path), encoding=enc, newline="").read()
        want = px(text, time, lang)
        if prof == "px-14001":  # the profile says that .. is zero there
            want = {k[:-1] + ("2018",): Decimal(0) if v is None else v for k, v in want.items()}
        p, got = stream(prof, path, data, profiles)
        same(path.split("/")[-1], want, got)
        if prof in ("px-epa",):
            prove(p.returncode == 1 and "not closed" in p.stderr, "EPA_es_1.px: its missing semicolon is told")

    for path in ("agri.json", "exr/exr-flat.json", "exr/exr-time-series.json", "exr/exr-cross-section.json"):
        same(path, sdmxjson(load(SJ + path), 0), stream("sdmx-json", SJ + path, data, profiles)[1])
    for n in range(1, 5):
        same(f"constructed-sample-full.json, data set {n}",
             sdmxjson(load(SJ + "constructed-sample-full.json"), n),
             stream(f"sdmx-json-{n}", SJ + "constructed-sample-full.json", data, profiles)[1])
    refused(SJ + "exr/exr-action-delete.json", "sdmx-json", "OBS_STATUS has no value 1", data, profiles)
    refused(SJ + "generated-sample.json", "sdmx-json", "names the structure", data, profiles)

    mak = glob.glob(os.path.join(data, "makstat_px", "*.csv"))[0]
    rows = list(csv.reader(open(mak, encoding="cp1251", newline="")))
    want = {}
    for r in rows[1:]:
        for head, v in zip(rows[0][1:], r[1:]):
            year, land = head.split(" ", 1)
            want[(r[0], land, year)] = None if v in ("", "..") else Decimal(0) if v == "-" else Decimal(v)
    same("makstat (Cyrillic, two dimensions in a heading)", want,
         stream("makstat", os.path.relpath(mak, data), data, profiles)[1])


main(sys.argv[1], sys.argv[2])
sys.exit(1 if failed else 0)
