#!/bin/sh
# bench.sh [ROWS] [PAIRS] — the whole load against psql \copy of the same bytes, in one run, as
# ratios: theirs unchecked and unkeyed, ours read, mapped, checked, keyed and accounted. Prints a
# table and the peak memory of every process. Needs: BIN (built programs), TOOLS (measure,
# generate), ROOT (source tree).
set -eu
rows=${1:-1000000}
pairs=${2:-3}
work=$(mktemp -d "${TMPDIR:-/tmp}/rta-bench.XXXXXX")
chmod 755 "$work"
export RTA_HOME="$work/home" RTA_CONFIG="$work/config" PATH="$BIN:$PATH"
trap 'rta db stop >/dev/null 2>&1 || :; rm -rf "$work"' EXIT INT TERM

cp -r "$ROOT/config" "$work/config"
cp -r "$ROOT/tests/bench/config/." "$work/config/"
"$TOOLS/generate" "$rows" "$ROOT/config/codelists/ICCS.csv" >"$work/new.csv"
"$TOOLS/generate" "$rows" "$ROOT/config/codelists/ICCS.csv" 7 >"$work/revised.csv"
rta db start >&2

# One pipe, every member measured; $1 label, $2 file.
chain() {
    m="$TOOLS/measure"
    "$m" "$1.whole" "$work/times" sh -c '
        m=$0; label=$1; times=$2; file=$3
        "$m" "$label.read" "$times" rta read --quiet --profile bench "$file" |
            "$m" "$label.map" "$times" rta map --quiet |
            "$m" "$label.check" "$times" rta check --quiet 2>>"$times.err" |
            "$m" "$label.load" "$times" rta load --quiet --partner ESTAT --reason bench' \
        "$m" "$1" "$work/times" "$2"
}

copy() {
    rta db psql -- -q -v ON_ERROR_STOP=1 -c 'drop table if exists bench_text' \
        -c 'create table bench_text (c1 text, c2 text, c3 text, c4 text, c5 text, c6 text, c7 text,
            c8 text, c9 text, c10 text, c11 text, c12 text, c13 text, c14 text, c15 text)' >&2
    "$TOOLS/measure" copy.whole "$work/times" rta db psql -- -q -v ON_ERROR_STOP=1 \
        -c "\\copy bench_text from '$work/new.csv' with (format csv, header)" >&2
}

fresh() {
    rta db psql -- -q -c 'drop schema if exists rta cascade' >/dev/null 2>&1 || :
    rta db migrate --quiet >&2
}

i=0
while [ "$i" -lt "$pairs" ]; do
    fresh
    copy
    chain load "$work/new.csv"
    i=$((i + 1))
done
cp "$work/new.csv" "$work/again.csv"
chain same_file "$work/again.csv"
chain revised "$work/revised.csv"

awk -v rows="$rows" '
    { label = $1; n[label]++; t[label, n[label]] = $2; cpu[label, n[label]] = $3
      if ($4 > peak[label]) peak[label] = $4; if ($5 > 1) bad = bad " " label ":" $5
      if (!(label in seen)) { seen[label] = 1; order[++k] = label } }
    function median(l,   i, j, v, m) {
        for (i = 1; i <= n[l]; i++) v[i] = t[l, i]
        for (i = 1; i <= n[l]; i++) for (j = i + 1; j <= n[l]; j++)
            if (v[j] < v[i]) { m = v[i]; v[i] = v[j]; v[j] = m }
        return v[int((n[l] + 1) / 2)] }
    END {
        printf "%d rows; medians of %d\n", rows, n["copy.whole"]
        printf "%-18s %9s %12s %10s\n", "what", "seconds", "rows/cpu-s", "peak MiB"
        for (i = 1; i <= k; i++) { l = order[i]
            printf "%-18s %9.2f %12d %10.1f\n", l, median(l),
                (cpu[l, 1] > 0 ? rows / cpu[l, 1] : 0), peak[l] / 1024 }
        c = median("copy.whole")
        printf "\nratio read|map|check|load : psql \\copy into a bare text table = %.2f\n",
            median("load.whole") / c
        printf "ratio the same bytes again : psql \\copy = %.2f\n", median("same_file.whole") / c
        printf "ratio 1 %% revised          : psql \\copy = %.2f\n", median("revised.whole") / c
        if (bad) { print "failed:" bad; exit 1 } }' "$work/times"
