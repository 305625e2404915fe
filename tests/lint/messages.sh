#!/bin/sh
# messages.sh [--write] — docs/contracts/messages.md is made from the sources: every message id, its
# exit code, its text and its file. An id stands at exactly one place. --write writes the list.
set -u
cd "${ROOT:-$(dirname "$0")/../..}" || exit 71
list=docs/contracts/messages.md
made=$(mktemp) || exit 71
trap 'rm -f "$made"' EXIT
files=$(find lib ingest aggregate report cli -name '*.c' 2>/dev/null | LC_ALL=C sort)
awk '
    function flush_file(   rest, id, before, after, text, code) {
        rest = whole; before = ""
        while (match(rest, /"[A-Z]+-[0-9][0-9][0-9]"/)) {
            id = substr(rest, RSTART + 1, RLENGTH - 2)
            before = substr(rest, 1, RSTART - 1); rest = substr(rest, RSTART + RLENGTH)
            code = ""
            if (match(before, /RC_[A-Z]+[^A-Z"]*$/)) { code = substr(before, RSTART); sub(/[^A-Z_].*/, "", code) }
            after = rest; text = ""
            sub(/^[ \n\t]*,[ \n\t]*/, "", after)
            while (match(after, /^[ \n\t]*"([^"\\]|\\.)*"/)) {
                piece = substr(after, RSTART, RLENGTH); after = substr(after, RSTART + RLENGTH)
                sub(/^[ \n\t]*"/, "", piece); sub(/"$/, "", piece); text = text piece
                sub(/^[ \n\t]*(PRI[a-zA-Z0-9]+|[A-Z_]+)?/, "", after)
            }
            gsub(/\\"/, "\"", text); gsub(/\|/, "\\|", text); gsub(/%-?[0-9.*]*(ll|z|h|l)*[sdiuxc]/, "…", text)
            printf "%s\t%s\t%s\t%s\n", id, code, text, file
        }
    }
    FNR == 1 { if (file) flush_file(); file = FILENAME; whole = "" }
    { whole = whole $0 "\n" }
    END { if (file) flush_file() }' $files | LC_ALL=C sort >"$made.ids"
trap 'rm -f "$made" "$made.ids"' EXIT
cut -f1 "$made.ids" | uniq -d | while read -r id; do
    echo "$id stands at more than one place:" $(grep "^$id	" "$made.ids" | cut -f4)
done
{
    echo '# Messages'
    echo
    echo 'Made from the sources by `make messages`; do not edit. An id is permanent and means one thing.'
    echo 'The exit codes are those of lib/base.h.'
    echo
    echo '| id | code | text | file |'
    echo '|---|---|---|---|'
    awk -F '\t' '{ printf "| %s | %s | %s | %s |\n", $1, $2, $3, $4 }' "$made.ids"
} >"$made"
if [ "${1:-}" = --write ]; then
    mkdir -p docs/contracts
    cp "$made" "$list"
    chmod 644 "$list"
elif ! cmp -s "$made" "$list"; then
    echo "$list is not up to date: make messages"
    diff "$list" "$made" 2>&1 | head -10
fi
