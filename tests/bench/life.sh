#!/bin/sh
# life.sh [ROWS [PAIRS]] — the life of a submission of ROWS rows, measured: loaded as waiting,
# approved, published (visible by one row), settled; then 20 % of it is revised, and one year of one
# structure is pulled as it is now and as it was, in turn, PAIRS times. Prints a table. Needs: BIN
# (built programs), TOOLS (generate), ROOT (source tree).
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

"$TOOLS/generate" "$rows" "$ROOT/config/codelists/ICCS.csv" >"$work/new.csv"
"$TOOLS/generate" "$rows" "$ROOT/config/codelists/ICCS.csv" 7 20 >"$work/revised.csv"
echo "$rows rows"
for f in new revised; do
    t=$(now)
    deliver "$work/$f.csv" --pending --receipt "$work/receipt.json"
    say "$f: read, map, check, load as waiting" "$t"
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
