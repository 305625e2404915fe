#!/bin/sh
# answers.sh — what a store answers: every structure now, with its history, and as of a moment; one
# of them as of every version; and the receipts. The columns are those that every release has, chosen
# by name, so that a later release may add others. Needs the programs on PATH and RTA_DSN.
set -eu
# columns NAME...: of a stream, in this order, without header and seal. No field of the test data
# holds a comma.
columns() {
    awk -F, -v want="$*" 'NR == 1 { n = split(want, w, " "); for (i = 1; i <= NF; i++) { c = $i
            sub(/\[.*/, "", c); at[c] = i }; next }
        /^#seal/ { next }
        { for (i = 1; i <= n; i++) printf "%s%s", w[i] in at ? $at[w[i]] : "?", i < n ? "," : "\n" }'
}
marks="TIME_PERIOD OBS_VALUE OBS_STATUS CONF_STATUS COMMENT NATURE SENDER SRC SRC_KEY SRC_VALUE GRADE REVIEWED SUBMISSION"
sql() { rta db psql -- -XAtq -v ON_ERROR_STOP=1 "$@"; }
eval "$(sql -c "select id || '=\"' || array_to_string(dims, ' ') || '\"' from rta.structure")"
each() { # PULL-ARGUMENT...
    for s in ${of:-CRIME POP TERROR}; do
        eval "dims=\$$s"
        rta pull --quiet "$s" "$@" | columns "$dims $marks ${also:-}" | sed "s/^/$s /"
    done
}
echo "== now"
each
echo "== every version"
also=TO_SUBMISSION each --history
last=$(sql -c "select rta.version_of('')")
n=0
while [ "$n" -le "$last" ]; do
    echo "== as of version $n"
    of=CRIME each --as-of "version:$n"
    n=$((n + 1))
done
echo "== as of a moment"
each --as-of 2024-02-10
echo "== receipts"
sql -c "select submission, version, structure, partner, sender, reason, received_at, published_at,
    file_name, file_sha256, rows_in, rows_new, rows_revised, rows_unchanged, rows_deleted,
    rows_refused, partial from rta.receipt where state = 'published' order by submission"
echo "== deliveries that are not published"
sql -c "select id, structure, partner, sender, reason, received_at, rows_in from rta.submission
    where version is null order by id"
