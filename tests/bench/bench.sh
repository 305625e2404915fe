#!/bin/sh
# bench.sh [ROWS] [PAIRS] — the chain measured: read | map | check | load of generated rows against
# psql \copy of the same bytes (theirs unchecked and unkeyed, ours read, mapped, checked, keyed,
# versioned and accounted), sorted and shuffled, plain and gzipped; the same rows again against an
# unconditional upsert; the very same file; a revision of 1 %; pull with grouping, derive;
# other loaders where they are installed. Pairs run in turn. Prints a table and writes the same as
# JSON (build/bench-ROWS.json). Needs: BIN (built programs), TOOLS (measure, generate), ROOT.
set -eu
rows=${1:-1000000}
pairs=${2:-$([ "$rows" -ge 5000000 ] && echo 3 || echo 5)}
json="$ROOT/build/bench-$rows.json"
codes="$ROOT/config/codelists/ICCS.csv"
work=$(mktemp -d "${TMPDIR:-/tmp}/rta-bench.XXXXXX")
chmod 755 "$work"
export RTA_HOME="$work/home" RTA_CONFIG="$work/config" PATH="$BIN:$PATH"
trap 'rta db drop --yes >/dev/null 2>&1 || :; rm -rf "$work"' EXIT INT TERM

cp -r "$ROOT/config" "$work/config"
ln -s "$ROOT/templates" "$work/templates"
cp -r "$ROOT/tests/bench/config/." "$work/config/"
rta db start >&2
MEASURE_SERVER=$(head -n 1 "$(sed -n 's/^data=//p' "$RTA_HOME/cluster")/postmaster.pid")
export MEASURE_SERVER
m() { # LABEL COMMAND…
    label=$1
    shift
    "$TOOLS/measure" "$label" "$work/times" "$@"
}
sql() { rta db psql -- -XAtq -v ON_ERROR_STOP=1 "$@"; }
say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }

# ---- what is done ----

# One pipe, each member measured; $1 label, $2 file, then options of load.
chain() {
    label=$1 file=$2
    shift 2
    m "$label" sh -c '
        m=$0 label=$1 times=$2 file=$3
        shift 3
        unset MEASURE_SERVER
        "$m" "$label.read" "$times" rta read --quiet --profile bench "$file" |
            "$m" "$label.map" "$times" rta map --quiet |
            "$m" "$label.check" "$times" rta check --quiet 2>>"$times.err" |
            "$m" "$label.load" "$times" rta load --quiet --partner ESTAT --reason bench "$@"' \
        "$TOOLS/measure" "$label" "$work/times" "$file" "$@" || {
        tail -n 5 "$work/times.err" >&2
        exit 1
    }
}

fresh() {
    sql -c 'drop schema if exists rta cascade' >/dev/null 2>&1 || :
    rta db migrate --quiet >&2
}

columns='freq text, area text, offence text, counted text, oc text, cy text, unit text, period text'
copy() { # LABEL FILE KEY: \copy of the bytes as text, KEY "" or a primary key
    sql -c 'drop table if exists bench_text' -c "create table bench_text (structure text,
        structure_id text, action text, $columns, value text, status text, conf text,
        comment text $3)" >/dev/null 2>&1
    from="'$2'"
    case $2 in *.gz) from="program 'gzip -dc $2'" ;; esac
    m "$1" rta db psql -- -Xq -v ON_ERROR_STOP=1 -c "\\copy bench_text from $from with (format csv, header)"
}
key=', primary key (freq, area, offence, counted, oc, cy, unit, period)'

# Staged rows over our own table's copy, in our key of two integers: the cheapest unconditional one.
upsert() {
    sql -c 'drop table if exists bench_obs, bench_stage' \
        -c 'create table bench_stage as select * from rta.crime_obs' \
        -c 'create table bench_obs (like rta.crime_obs including all)' \
        -c 'insert into bench_obs select * from bench_stage' >/dev/null 2>&1
    m upsert rta db psql -- -Xq -v ON_ERROR_STOP=1 -c 'insert into bench_obs select * from bench_stage
        on conflict (series_id, period) do update set (lineage_id, from_sub, value, obs_status,
            conf_status, comment, nature, src, src_value) = (excluded.lineage_id, excluded.from_sub,
            excluded.value, excluded.obs_status, excluded.conf_status, excluded.comment,
            excluded.nature, excluded.src, excluded.src_value)'
    sql -c 'drop table bench_obs, bench_stage'
}

size() { sql -c "select sum(pg_relation_size(inhrelid) + (select
    sum(pg_relation_size(indexrelid)) from pg_index where indrelid = inhrelid)) from pg_inherits
    where inhparent in ('rta.crime_obs'::regclass, 'rta.crime_hist'::regclass)"; }

again() { # rows that are in the store, from another file
    before=$(size)
    chain again "$work/again.csv"
    echo "growth $(($(size) - before))" >>"$work/growth"
    m same sh -c 'rta run --quiet --once "$0/once" -- read --quiet --profile bench "$0/once.csv" "|" \
        map --quiet "|" check --quiet "|" load --quiet --partner ESTAT --reason bench 2>/dev/null' "$work"
    upsert
    chain revised "$work/revised.csv"
}

outcome() { # pull and derive
    m pull sh -c "rta pull --quiet CRIME >'$work/out'"
    m pull_group sh -c "rta pull --quiet CRIME COUNTED=OFF OC_LINK=Y,N,U CY_LINK=Y,N,U UNIT_MEASURE=NR --group REF_AREA,ICCS >'$work/out'"
    m derive sh -c "rta derive --quiet rate_100k --population '$work/people.csv' <'$work/counts.csv' >'$work/out'"
}

# Loaders of others, a part of the rows; each told the columns as text.
peers() {
    part=$((rows < 200000 ? rows : 200000))
    head -n $((part + 1)) "$work/sorted.csv" >"$work/part.csv"
    socket=$(sed -n 's/^socket=//p' "$RTA_HOME/cluster")
    url="postgresql:///rta?user=rta&host=$socket"
    copy peer_copy "$work/part.csv" ''
    if command -v mlr >/dev/null; then
        m peer_mlr sh -c "mlr --csv cat '$work/part.csv' >'$work/out'"
    fi
    if command -v csvsql >/dev/null && python3 -c 'import psycopg2' 2>/dev/null; then
        sql -c 'drop table if exists bench_peer' 2>/dev/null
        m peer_csvsql csvsql --no-inference --db "$url" --insert --tables bench_peer "$work/part.csv" || :
    fi
    if command -v pgloader >/dev/null; then
        sql -c 'truncate bench_text'
        m peer_pgloader pgloader --quiet --type csv --with 'skip header = 1' \
            --with "fields terminated by ','" "$work/part.csv" \
            "postgresql://rta@unix:$socket:5432/rta?tablename=bench_text" >"$work/out" 2>&1 || :
    fi
}

# ---- in turn ----

say "$rows rows, $pairs pairs"
"$TOOLS/generate" "$rows" "$codes" >"$work/sorted.csv"
"$TOOLS/generate" -s "$rows" "$codes" >"$work/shuffled.csv"
"$TOOLS/generate" "$rows" "$codes" 7 >"$work/revised.csv"
for f in sorted shuffled; do gzip -1 -k "$work/$f.csv"; done
cp "$work/sorted.csv" "$work/again.csv" # its name stands in SRC: another stream, nothing revised
cp "$work/sorted.csv" "$work/once.csv"
i=0
while [ "$i" -lt "$pairs" ]; do
    say "pair $((i + 1))"
    for f in sorted shuffled; do
        for z in csv csv.gz; do
            fresh
            copy "copy.$f.$z" "$work/$f.$z" ''
            chain "load.$f.$z" "$work/$f.$z"
        done
    done
    copy copy_key "$work/sorted.csv" "$key"
    sql -c 'drop table bench_text'
    fresh
    rta run --quiet --once "$work/once" -- read --quiet --profile bench "$work/once.csv" '|' \
        map --quiet '|' check --quiet '|' load --quiet --partner ESTAT --reason bench 2>/dev/null
    again
    i=$((i + 1))
done

say "pull, derive"
data="$ROOT/tests/data/demo"
while IFS='|' read -r partner profile file date reason; do
    case "$partner" in '' | '#'*) continue ;; esac
    [ "$rows" -ge 100000 ] || [ "$partner" = POP ] || continue
    rta run --quiet -- read --quiet --profile "$profile" "$data/$file" '|' map --quiet '|' \
        check --quiet '|' load --quiet --partner "$partner" --reason "$reason" --received "$date" \
        2>/dev/null </dev/null || [ $? -eq 1 ]
done <"$data/deliveries.txt"
rta pull --quiet POP >"$work/people.csv"
rta pull --quiet CRIME ICCS=0101,0102,0103,0104 UNIT_MEASURE=NR >"$work/counts.csv"
derived=$(($(wc -l <"$work/counts.csv") - 2))
i=0
while [ "$i" -lt "$pairs" ]; do
    outcome
    i=$((i + 1))
done
[ "$rows" -lt 100000 ] || peers

awk -v rows="$rows" -v derived="$derived" -v part="${part:-0}" -v json="$json" \
    -v growth="$(sort -k2,2n "$work/growth" | tail -n 1 | cut -d' ' -f2)" \
    -f "$ROOT/tests/bench/report.awk" "$work/times"
say "as JSON: $json"
