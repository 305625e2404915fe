#!/bin/sh
# count.sh [RECORDS] [PAIRS] — rta count against DuckDB's own GROUP BY over the same CSV, run in
# turn: nine columns, quoted text with commas and line breaks, into cells by area, offence and month.
# Both write their cells to a file, and the cells are compared. Prints medians with their spread, and
# peak memory. Needs: BIN, TOOLS (measure, register), ROOT, node with npm.
set -eu
records=${1:-10000000}
pairs=${2:-5}
here="$ROOT/tests/bench"
work=$(mktemp -d "${TMPDIR:-/tmp}/rta-count.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
if [ ! -d "$ROOT/build/duckdb/node_modules/@duckdb/node-api" ]; then
    mkdir -p "$ROOT/build/duckdb"
    cp "$here/duckdb/package.json" "$ROOT/build/duckdb/"
    (cd "$ROOT/build/duckdb" && npm install --silent --no-audit --no-fund >&2)
fi
cp "$here/duckdb/group.mjs" "$ROOT/build/duckdb/"

"$TOOLS/register" "$records" >"$work/register.csv"
bytes=$(wc -c <"$work/register.csv")
i=0
while [ "$i" -lt "$pairs" ]; do
    "$TOOLS/measure" duckdb "$work/times" node "$ROOT/build/duckdb/group.mjs" "$work/register.csv" \
        "$work/theirs.csv"
    "$TOOLS/measure" count "$work/times" "$BIN/rta-count" --quiet --config "$ROOT/config" \
        --register "$here/config/counts/bench.yaml" "$work/register.csv" >"$work/cells.csv"
    i=$((i + 1))
done
"$TOOLS/measure" node "$work/times" node -e 0
sed '1d;$d' "$work/cells.csv" | cut -d, -f4-7 | LC_ALL=C sort >"$work/ours.csv"
LC_ALL=C sort "$work/theirs.csv" | cmp - "$work/ours.csv" || {
    echo "the cells differ"
    exit 1
}
awk -v records="$records" -v bytes="$bytes" -v cells="$(wc -l <"$work/ours.csv")" '
    { n[$1]++; t[$1, n[$1]] = $2; cpu[$1] += $3; if ($4 > peak[$1]) peak[$1] = $4; if ($5) bad = bad " " $1 }
    function sort(l,   i, j, v) {
        for (i = 1; i <= n[l]; i++) for (j = i + 1; j <= n[l]; j++)
            if (t[l, j] < t[l, i]) { v = t[l, i]; t[l, i] = t[l, j]; t[l, j] = v } }
    function line(l) { sort(l)
        m[l] = t[l, int((n[l] + 1) / 2)]
        cpu[l] /= n[l]
        printf "%-8s %7.2f s (%.2f-%.2f) %9.0f records/s %7.2f cpu-s %7.1f MiB peak\n", l, m[l],
            t[l, 1], t[l, n[l]], records / m[l], cpu[l], peak[l] / 1024 }
    END {
        printf "%d records, %.0f MiB, %d cells; medians of %d, in turn\n", records, bytes / 1048576,
            cells, n["count"]
        line("duckdb"); line("count"); line("node")
        printf "\nduckdb : count = %.2f in time, %.2f in cpu time, %.1f in memory\n",
            m["duckdb"] / m["count"], cpu["duckdb"] / cpu["count"], peak["duckdb"] / peak["count"]
        printf "without the start of node (%.2f s): %.2f\n", m["node"],
            (m["duckdb"] - m["node"]) / m["count"]
        if (bad) { print "failed:" bad; exit 1 } }' "$work/times"
