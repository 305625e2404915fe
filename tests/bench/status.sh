#!/bin/sh
# status.sh — rta status over 10 years x 50 partners x 20 structures, quarterly: 40,000 cells, a
# delivery each and every tenth a second one, decisions and warnings. Prints the seconds of each
# form and ends with "N passed, M failed, K skipped": each must take less than LIMIT (0.5 s), JSON,
# which is 20 MB, less than LIMIT_JSON (0.7 s). Needs: BIN (built programs), ROOT (source tree).
set -eu
: "${ROOT:=$(cd "$(dirname "$0")/../.." && pwd)}" "${BUILD:=build/release}" "${LIMIT:=0.5}"
: "${BIN:=$ROOT/$BUILD/bin}"
work=$(mktemp -d "${TMPDIR:-/tmp}/rta-status.XXXXXX")
chmod 755 "$work"
export RTA_HOME="$work/home" RTA_CONFIG="$work/config" PATH="$BIN:$PATH"
unset RTA_DSN
mkdir "$RTA_HOME"
trap 'rta db drop --yes >/dev/null 2>&1 || :; rm -rf "$work"' EXIT INT TERM

mkdir -p "$RTA_CONFIG/structures" "$RTA_CONFIG/codelists"
cp -r "$ROOT/config/schema" "$RTA_CONFIG/schema"
cp -r "$ROOT/templates" "$work/templates"
cp "$ROOT/config/codelists/FREQ.csv" "$RTA_CONFIG/codelists/"
[ ! -d "$ROOT/config/policies" ] || mkdir "$RTA_CONFIG/policies"
{
    printf 'region: R\nname: Region\npartners:\n'
    for p in $(seq 10 59); do
        printf '  - {code: P%s, names: [{lang: en, form: short, name: "Partner %s"}]}\n' "$p" "$p"
    done
    printf 'senders:\n'
    for p in $(seq 10 59); do printf '  P%s-S: {partner: P%s, name: S%s}\n' "$p" "$p" "$p"; done
} >"$RTA_CONFIG/region.yaml"
printf 'expect:\n' >"$RTA_CONFIG/calendar.yaml"
for s in $(seq 10 29); do
    printf '  - {structure: S%s, frequency: Q, from: 2016-Q1}\n' "$s" >>"$RTA_CONFIG/calendar.yaml"
    cat >"$RTA_CONFIG/structures/S$s.yaml" <<YAML
structure: S$s
agency: WB
version: 1.0.0
name: Structure $s
values: count
dimensions:
  - {id: FREQ, codelist: FREQ, name: Frequency}
  - {id: REF_AREA, name: Area}
  - {id: TIME_PERIOD, name: Period}
YAML
done
rta db start --quiet
rta db migrate --quiet
rta db psql -- -Xq -v ON_ERROR_STOP=1 >/dev/null <<'SQL'
ALTER TABLE rta.decision DISABLE TRIGGER decision_right;
BEGIN;
CREATE TEMP TABLE d AS
SELECT row_number() OVER (ORDER BY q, p, s, again)::integer AS id, 'S' || s AS structure, 'P' || p AS partner,
    (2016 + q / 4) * 1000 + q % 4 + 1 AS period, again,
    (make_date(2016 + q / 4, 1, 1) + (q % 4 + 1) * interval '3 months'
     + (20 + (p * 7 + s * 3 + q) % 25 + again * 15) * interval '1 day')::timestamptz AS got
FROM generate_series(10, 29) s, generate_series(10, 59) p, generate_series(0, 39) q,
    generate_series(0, 1) again
WHERE again = 0 OR (s + p + q) % 10 = 0;
INSERT INTO rta.submission (id, version, state, structure, partner, sender, reason, received_at,
    published_at, file_name, file_sha256, stream_seal, src_prefix, rows_in, rows_new, rows_revised,
    rows_unchanged, rows_superseded, rows_delete, rows_deleted, rows_refused, over_sender, partial)
SELECT id, id, 'published', structure, partner, partner || '-S', '', got, got + interval '30 days',
    'f.csv', '', '', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, false FROM d;
INSERT INTO rta.decision (submission, step, from_state, to_state, at, digest)
SELECT id, 'step', '', w, got + n * interval '10 days', ''
FROM d, unnest(ARRAY['received', 'accepted', 'published']) WITH ORDINALITY AS t (w, n) ORDER BY n, id;
INSERT INTO rta.coverage (submission, area, freq, period, rows) SELECT id, partner, 'Q', period, 9 FROM d;
INSERT INTO rta.finding (submission, n, rule, level, place, message, hint)
SELECT id, n, 'R', 'warning', '', 'why', '' FROM d, generate_series(1, 2) n WHERE id % 5 = 0;
COMMIT;
ALTER TABLE rta.decision ENABLE ALWAYS TRIGGER decision_right;
ANALYZE rta.submission, rta.decision, rta.coverage, rta.finding;
SQL

failed=0
timed() { # NAME LIMIT ARGS...: the best of three
    name=$1 limit=$2
    shift 2
    best=
    for i in 1 2 3; do
        a=$(date +%s%N)
        rta status --quiet "$@" >"$work/out"
        b=$(date +%s%N)
        t=$(((b - a) / 1000))
        [ -n "$best" ] && [ "$best" -le "$t" ] || best=$t
    done
    verdict=$(awk -v t="$best" -v l="$limit" 'BEGIN { printf "%.3f s", t / 1e6; if (l && t / 1e6 > l) print " TOO SLOW" }')
    case $verdict in *SLOW) failed=1 ;; esac
    printf '%-28s %s, %s lines\n' "$name" "$verdict" "$(wc -l <"$work/out")"
}
timed "csv, 40,000 cells" "$LIMIT" --today 2026-03-01 --to csv
rows=$(wc -l <"$work/out")
timed "text" "$LIMIT" --today 2026-03-01
timed "text, as of 2021-06-30" "$LIMIT" --as-of 2021-06-30
timed "html" "$LIMIT" --today 2026-03-01 --to html
timed "json" "${LIMIT_JSON:-0.7}" --today 2026-03-01 --to json
[ "$rows" -eq 40001 ] || failed=1
echo "$((1 - failed)) passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
