#!/bin/sh
# No hidden bytes: no control or bidirectional characters, no byte order marks, no binaries, no
# carriage returns, no blanks at line ends; code outside strings and comments is ASCII. Test data and
# expected outputs are as odd as they need to be.
set -u
files=$(git ls-files --cached --others --exclude-standard 2>/dev/null || find . -type f ! -path './build/*' ! -path './.git/*')
files=$(printf '%s\n' "$files" | grep -v -e '^tests/data/' -e '^tests/cases/' -e '^var/')
printf '%s\n' "$files" | while read -r f; do [ -f "$f" ] && printf '%s\n' "$f"; done >"$WORK/bytes.list"
xargs -d '\n' grep -nP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf' \
    <"$WORK/bytes.list" | cut -c1-120 | sed 's/$/  <- hidden bytes/'
xargs -d '\n' grep -nE '[ 	]+$' <"$WORK/bytes.list" | cut -c1-120 | sed 's/$/  <- blanks at the end/'
xargs -d '\n' grep -LzP '(\n|^)\z' <"$WORK/bytes.list" | while read -r f; do
    [ ! -s "$f" ] || echo "$f: no line end at the end"
done
{ cat tests/lint/strip.awk; printf '%s\n' 'function emit(t) { if (t ~ /[\200-\377]/) printf "%s:%d: not ASCII outside text\n", FILENAME, FNR }'; } >"$WORK/bytes.awk"
grep '\.[ch]$' "$WORK/bytes.list" | xargs -d '\n' awk -f "$WORK/bytes.awk"
