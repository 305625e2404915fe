#!/bin/sh
# demo.sh — the main job: six partners' published figures from national files to two regional
# reports, on a private database. Run again it loads nothing new. Needs BIN and ROOT.
set -eu
export PATH="$BIN:$PATH"
export RTA_HOME="${RTA_HOME:-$ROOT/var}" RTA_CONFIG="${RTA_CONFIG:-$ROOT/config}"
data="$ROOT/tests/data/demo"
out="$RTA_HOME/demo"
mkdir -p "$out/receipts" "$out/findings"

say() { printf '%s\n' "$*" >&2; }

# deliver PARTNER PROFILE FILE DATE REASON: one national file, from its own manner into the store.
# What the stages say goes to a log; its accounting and verdict are shown, all of it on failure.
deliver() {
    name=$(basename "$3") && name=${name%.*}
    say "-- $1: $(basename "$3") ($5)"
    code=0
    rta run -- \
        read --quiet --profile "$2" "$3" '|' \
        map --quiet '|' \
        check --findings "$out/findings/$name.csv" '|' \
        load --partner "$1" --reason "$5" --received "$4" --file "$3" \
        --receipt "$out/receipts/$name.json" 2>"$out/findings/$name.log" || code=$?
    if [ "$code" -gt 1 ]; then
        cat "$out/findings/$name.log" >&2
        exit "$code"
    fi
    grep -E '^rta-(check: findings|load: )' "$out/findings/$name.log" |
        grep -v ' rows in: ' | sed 's/^rta-/   /' >&2
}

say "== the private database"
rta db start
rta db migrate --quiet

say "== national deliveries"
while IFS='|' read -r partner profile file date reason; do
    case "$partner" in '' | '#'*) continue ;; esac
    deliver "$partner" "$profile" "$data/$file" "$date" "$reason" </dev/null
done <"$data/deliveries.txt"

say "== reports"
rta build rita --period 2022 --out "$out/reports"
rta build te-sat --period 2024 --out "$out/reports"

cat >&2 <<END

Reports    $out/reports/rita-2022/index.html
           $out/reports/te-sat-2024/index.html
Receipts   $out/receipts/
Findings   $out/findings/

Try next   export PATH="$BIN:\$PATH" RTA_HOME="$RTA_HOME"
           rta pull CRIME ICCS=0101 --period 2018..2022
           rta db psql -- -c "select * from rta.crime where iccs = '0101' limit 5"
           rta --help
END
