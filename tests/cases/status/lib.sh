# A calendar of its own, and deliveries put into the store as their accounts alone.
mkdir config
ln -s "$ROOT"/config/* config/
ln -s "$ROOT/templates" templates
rm config/calendar.yaml
export RTA_CONFIG=$PWD/config
calendar() { cat >config/calendar.yaml; }
quarterly() {
    calendar <<'YAML'
order: eu_protocol
expect:
  - {structure: CRIME, frequency: Q, from: 2025-Q4}
  - {structure: CRIME, frequency: Q, from: 2025-Q4, partners: [ME], due: 45, reminders: [45, 60],
     freeze: 60}
YAML
}
sql() { psql -XAtq -d "$RTA_DSN" "$@"; } # a third of the time of `rta db psql`
# came ID PARTNER PERIOD RECEIVED STATE [PUBLISHED [SENDER [AREA]]]: a delivery of CRIME; PERIOD is
# the store's number of a quarter, or of a year when below 10000
came() {
    freq=Q period=$3
    [ "$period" -ge 10000 ] || freq=A period=$((period * 1000))
    sql -v ON_ERROR_STOP=1 -v id="$1" -v partner="$2" -v period="$period" -v freq=$freq \
        -v got="$4" -v state="$5" -v out="${6:-}" -v sender="${7:-$2-S}" -v area="${8:-$2}" <<'SQL'
INSERT INTO rta.submission (id, version, state, structure, partner, sender, reason, received_at,
    published_at, file_name, file_sha256, stream_seal, src_prefix, rows_in, rows_new, rows_revised,
    rows_unchanged, rows_superseded, rows_delete, rows_deleted, rows_refused, over_sender, partial)
VALUES (:id, CASE WHEN :'out' <> '' THEN :id END, :'state', 'CRIME', :'partner', :'sender', '',
    :'got', nullif(:'out', '')::timestamptz, 'f.csv', '', '', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, false);
INSERT INTO rta.coverage (submission, area, freq, period, rows)
VALUES (:id, :'area', :'freq', :period, 9);
SQL
}
# step ID STATE DAY: a decision of that day; the store's own clock is set aside for it
step() {
    sql -c 'ALTER TABLE rta.decision DISABLE TRIGGER decision_right' \
        -c "INSERT INTO rta.decision (submission, step, from_state, to_state, at, digest)
            VALUES ($1, 'step', '', '$2', '$3', '')" \
        -c 'ALTER TABLE rta.decision ENABLE ALWAYS TRIGGER decision_right'
}
# warned ID N [DAY]: a warning; answered on that day
warned() {
    sql -v id="$1" -v n="$2" -v day="${3:-}" <<'SQL'
INSERT INTO rta.finding (submission, n, rule, level, place, message, hint, answer, answered_at)
VALUES (:id, :n, 'R', 'warning', '', 'why', '', CASE WHEN :'day' <> '' THEN 'so' END,
    nullif(:'day', '')::timestamptz);
SQL
}
