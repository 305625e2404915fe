#!/bin/sh
# life.sh [ROWS [PAIRS]] — the life of a submission of ROWS rows, measured: loaded as waiting,
# approved, published (visible by one row), settled; then 20 % of it is revised by a delivery of those
# rows alone, and one year of one structure is pulled as it is now and as it was, in turn, PAIRS
# times; then the sizes of the tables. Prints tables. One delivery at a time is on the disk: about 75
# bytes a row, and 250 of the database while it waits and is settled. Needs: BIN (built programs),
# TOOLS (generate), ROOT (source tree).
set -eu
rows=${1:-1000000}
pairs=${2:-5}
work=$(mktemp -d "${TMPDIR:-/tmp}/rta-bench.XXXXXX")
chmod 755 "$work"
export RTA_HOME="$work/home" RTA_CONFIG="$work/config" PATH="$BIN:$PATH"
trap 'rta db drop --yes >/dev/null 2>&1 || :; rm -rf "$work"' EXIT INT TERM

cp -r "$ROOT/config" "$work/config"
cp -r "$ROOT/tests/bench/config/." "$work/config/"
rta db start >&2
rta db migrate --quiet
dsn=$(rta db dsn)
q() { psql -XAtq -d "$dsn" "$@"; }
for p in anna berta; do
    psql -XAtq -d "$dsn user=rta_server" -c "create role bench_$p login in role rta_coordinator"
done
now() { date +%s%N; }
say() { # LABEL BEGAN
    awk -v l="$1" -v a="$2" -v b="$(now)" 'BEGIN { printf "%-44s %9.3f s\n", l, (b - a) / 1e9 }'
}
deliver() { # FILE OPTION…: through all stages
    delivery=$1
    shift
    rta read --quiet --profile bench "$delivery" | rta map --quiet | rta check --quiet 2>/dev/null |
        rta load --quiet --partner ESTAT "$@"
}
step() { # PERSON ID STEP LABEL: from the statement to its commit
    psql -XAtq -d "$dsn user=bench_$1" -c '\timing on' -c "select state
        from rta.submission_decide($2, '$3', '', rta.submission_digest($2))" |
        awk -v l="$4: $3" '/^Time:/ { printf "%-44s %9.3f s\n", l, $2 / 1000 }'
}

echo "$rows rows, $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
for f in new revised; do
    set -- "$rows" "$ROOT/config/codelists/ICCS.csv"
    [ $f = new ] || set -- "$@" 7 20 only
    "$TOOLS/generate" "$@" >"$work/$f.csv"
    echo "$f: $(($(wc -l <"$work/$f.csv") - 1)) rows"
    t=$(now)
    deliver "$work/$f.csv" --pending --receipt "$work/receipt.json"
    say "$f: read, map, check, load as waiting" "$t"
    rm "$work/$f.csv"
    id=$(sed -n 's/^ *"receipt": \([0-9]*\),*$/\1/p' "$work/receipt.json")
    step anna "$id" accept "$f"
    step berta "$id" approve "$f"
    step berta "$id" publish "$f"
    t=$(now)
    rta pull CRIME --period 2022 --quiet >"$work/unsettled.csv"
    say "$f: pull of a year, before settling" "$t"
    t=$(now)
    q -c 'select rta.settle()' -c 'select rta.sweep()' >/dev/null
    say "$f: settle" "$t"
    rta pull CRIME --period 2022 --quiet | cmp - "$work/unsettled.csv"
done
size() { # LABEL TABLE: with its keys, all its partitions
    q -c "select format('%-44s %9s MB', '$1', round(coalesce(sum(pg_total_relation_size(relid)), 0) / 1e6, 1))
        || coalesce('  ' || round(sum(pg_total_relation_size(relid)) /
            nullif((select count(*) from rta.$2), 0)) || ' bytes a row of '
            || (select count(*) from rta.$2), '')
        from (select relid from pg_partition_tree('rta.$2') union select 'rta.$2'::regclass) t"
}
q -c 'vacuum analyze rta.crime_obs' -c 'vacuum analyze rta.crime_hist' -c 'vacuum analyze rta.submission'
i=0
while [ "$i" -lt "$pairs" ]; do
    for as in "" version:1; do
        t=$(now)
        rta pull CRIME --period 2022 --quiet ${as:+--as-of "$as"} >/dev/null
        echo "${as:-now} $(($(now) - t))" >>"$work/pulls"
    done
    i=$((i + 1))
done
sort -k1,1 -k2,2n "$work/pulls" | awk -v pairs="$pairs" '
    { v[$1, ++n[$1]] = $2 / 1e9 }
    END { m = int((pairs + 1) / 2); a = v["now", m]; b = v["version:1", m]
        printf "%-44s %9.3f s\n%-44s %9.3f s\n", "pull of a year, now", a, "pull of a year, as of before", b
        printf "\nratio as of before : now = %.2f\n", b / a }'
echo
size "observations (crime_obs)" crime_obs
size "former versions (crime_hist)" crime_hist
size "waiting (crime_wait)" crime_wait
size "series (crime_series)" crime_series
q -c "select format('%-44s %9s MB', 'the whole store', round(pg_database_size(current_database()) / 1e6, 1))"
t=$(now)
rta db verify --quiet >/dev/null || echo "rta db verify found something wrong"
say "rta db verify" "$t"
