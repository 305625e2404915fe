#!/bin/sh
# check-real.sh DATA — prove the product on real files that nobody on the project wrote. DATA is the
# folder that holds them (each in a folder of its own with SOURCE.txt). Needs BIN (the programs) and
# ROOT (the source tree); uses a private database of its own and removes it. compare.py proves the
# figures with code of its own. Ends with 1 when a proof fails.
set -u
if [ "${1:-}" != --proofs ]; then # count what the proofs say
    "$0" --proofs "$@" 2>&1 | awk '
        { print }
        /^ok / { p++ }
        /^FAIL/ || /Traceback/ { f++ }
        /^[0-9]+ of [0-9]+ / { if ($1 == $3) p++; else f++ }
        /^all proofs hold$/ { whole = 1 }
        END { if (!whole && !f) f = 1
              printf "%d passed, %d failed, 0 skipped\n", p, f; exit f > 0 }'
    exit
fi
shift
[ $# -eq 1 ] && [ -d "$1" ] || {
    echo "usage: check-real.sh DATA" >&2
    exit 64
}
DATA=$(cd "$1" && pwd)
ROOT=${ROOT:-$(cd "$(dirname "$0")/../.." && pwd)}
BIN=${BIN:-$ROOT/build/release/bin}
T=$(mktemp -d)
chmod 755 "$T"
export PATH="$BIN:$PATH" RTA_HOME="$T/home" RTA_CONFIG="${RTA_CONFIG:-$ROOT/config}"
mkdir -p "$RTA_HOME"
trap 'rta db stop --quiet >/dev/null 2>&1; rm -rf "$T"' EXIT
trap 'exit 130' INT TERM
bad=0
compare() { python3 "$ROOT/tests/real/compare.py" "$@" || bad=$((bad + 1)); }
say() { printf '\n== %s\n' "$*"; }
# need CODE…: what the last command may end with (1: done, with warnings).
need() { [ "$1" -le 1 ] || {
    echo "FAIL $2 ended with $1"
    bad=$((bad + 1))
}; }
crime="$DATA/eurostat_crim_off_cat_tsv_2024/estat_crim_off_cat.tsv"
people="$DATA/eurostat_tps00001_2020/tps00001.tsv"

# deliver PROFILE FILE RECEIPT FINDINGS
deliver() {
    rta run -- read --quiet --profile "$1" "$2" '|' map --quiet '|' \
        check --quiet --findings "$4" '|' \
        load --quiet --partner ESTAT --reason "Eurostat bulk file" --file "$2" --receipt "$3"
}

unset RTA_DSN PGHOST PGSERVICE
rta db start --fast --quiet && rta db migrate --quiet
need $? "the private database"

say "Eurostat crim_off_cat: what rta read counts"
rta read --profile eurostat-tsv "$crime" 2>"$T/read.log" >/dev/null
need $? read
if grep -q ' 23370 cells: 17474 given, 5896 missing .* 0 refused' "$T/read.log"; then
    echo "ok   23370 cells: 17474 given, 5896 missing, none refused"
else
    echo "FAIL 23370 cells: 17474 given, 5896 missing, none refused expected; it says:"
    cat "$T/read.log"
    bad=$((bad + 1))
fi

say "Eurostat crim_off_cat: read, map, check, load"
deliver eurostat-tsv "$crime" "$T/r1.json" "$T/f1.csv"
need $? delivery
compare parents "$crime" "$T/f1.csv"
compare receipt "$T/r1.json" new=17474 revised=0
rta pull --quiet CRIME >"$T/crime.csv"
need $? pull
compare crime "$crime" "$T/crime.csv" "in the store"

say "the same file again, as a new file"
cp "$crime" "$T/again.tsv"
printf '' >>"$T/again.tsv"
deliver eurostat-tsv "$T/again.tsv" "$T/r2.json" "$T/f2.csv"
need $? "second delivery"
compare receipt "$T/r2.json" new=0 revised=0 unchanged=17474

say "published rates"
deliver eurostat-tps00001 "$people" "$T/r3.json" "$T/f3.csv"
need $? "population"
rta pull --quiet POP >"$T/people.csv"
need $? "pull of the population"
rta run -- pull --quiet CRIME UNIT_MEASURE=NR '|' \
    derive --quiet --population "$T/people.csv" rate_100k >"$T/rates.csv"
need $? derive
compare rates "$crime" "$T/rates.csv"

say "another vintage of the whole file: exactly its declared changes"
version=$(rta db status --json | sed -n '1,3s/.*"version": \([0-9]*\),/\1/p')
python3 "$ROOT/tests/real/vintage.py" "$crime" "$T/vintage.tsv" "$T/declared.csv"
need $? "the second vintage"
# it is the whole: what it does not say again is gone
rta run -- read --quiet --profile eurostat-tsv "$T/vintage.tsv" '|' map --quiet |
    sed '/^#seal/d; 2{h; s/.*/dataflow,WB:CRIME(1.0.0),D,,,,,,,,,,,,,,ESTAT,,,,,/p; x
}' | rta load --quiet --unsealed --partner ESTAT --reason "second vintage" --reason-code major
need $? "load of the second vintage"
rta revisions CRIME --from "version:$version" --cells --form csv | sed 1d |
    awk -F, -v OFS=, '{ print "ICCS" $4, $8, $1, $3, $9, $10, $11, $12 }' | LC_ALL=C sort >"$T/found.csv"
if LC_ALL=C sort "$T/declared.csv" | cmp - "$T/found.csv"; then
    echo "ok   $(wc -l <"$T/found.csv") revisions, additions and deletions, each with both values"
else
    echo "FAIL the revisions found are not those declared"
    LC_ALL=C sort "$T/declared.csv" | diff - "$T/found.csv" | head -10
    bad=$((bad + 1))
fi
if rta pull --quiet CRIME --as-of "version:$version" | cmp - "$T/crime.csv"; then
    echo "ok   as of before it, the first state byte for byte"
else
    echo "FAIL as of before it, another state"
    bad=$((bad + 1))
fi

say "street crime: records to cells"
rta count --register "$ROOT/tests/real/street-crime.yaml" \
    "$DATA"/police_uk_city_of_london/*-street.csv >"$T/street.csv" 2>"$T/street.log"
need $? count
compare street "$DATA/police_uk_city_of_london" "$T/street.csv" "$T/street.log"
sed 's/count-all/first/' "$ROOT/tests/real/street-crime.yaml" >"$T/first.yaml"
rta count --register "$T/first.yaml" "$DATA"/police_uk_city_of_london/*-street.csv \
    >"$T/street1.csv" 2>"$T/street1.log"
need $? "count, the first of each"
compare street-first "$DATA/police_uk_city_of_london" "$T/street1.csv"

say "workbooks and tables, cell by cell"
python3 "$ROOT/tests/real/tables.py" "$DATA" || bad=$((bad + 1))
say "JSON-stat, PC-Axis and SDMX-JSON, cell by cell"
python3 "$ROOT/tests/real/wire.py" "$DATA" "$ROOT/tests/real/profiles" || bad=$((bad + 1))

say "conformance files"
for t in "real_files csv csv-spectrum" "real_files sdmx sdmx-csv-examples" \
    "real_files json JSONTestSuite" "mustache_spec - mustache-spec"; do
    # shellcheck disable=SC2086
    set -- $t
    case $2 in - ) set -- "$1" "$DATA/$3" ;; *) set -- "$1" "$2" "$DATA/$3" ;; esac
    tool=$1
    shift
    "$BIN/../tests/$tool" "$@" || bad=$((bad + 1))
done

echo
[ "$bad" -eq 0 ] && echo "all proofs hold" || echo "$bad proofs fail"
[ "$bad" -eq 0 ]
