#!/bin/sh
# Every program explains itself: help within 80 columns, a manual page that groff has nothing to say
# about, a completion that bash can read, a description that names its own verb.
set -u
ls "$BIN"/rta >/dev/null || exit 1
for b in "$BIN"/rta "$BIN"/rta-*; do
    name=${b##*/}
    case $name in *.*) continue ;; esac
    "$b" --help >"$WORK/help" 2>"$WORK/help.err" || echo "$name --help ends with $?"
    [ ! -s "$WORK/help.err" ] || echo "$name --help writes to standard error"
    LC_ALL=C.UTF-8 awk -v name="$name" 'length($0) > 80 { printf "%s --help:%d: %d columns\n", name, NR, length($0) }' "$WORK/help"
    awk -v name="$name" '
        match($0, /^  -[a-zA-Z], /) { if (seen[substr($0, 4, 1)]++) print name ": -" substr($0, 4, 1) " means two things" }
        match($0, /^  (    |-., )--[a-z-]+/) { o = substr($0, 7, RLENGTH - 6); if (seen[o]++) print name ": " o " means two things" }' "$WORK/help"
    "$b" --man >"$WORK/man" || echo "$name --man ends with $?"
    if command -v groff >/dev/null; then
        groff -man -Tutf8 -ww -z -K utf8 "$WORK/man" 2>&1 | sed "s/^/$name --man: /"
    fi
    "$b" --completion | bash -n 2>&1 | sed "s/^/$name --completion: /"
    [ "$name" = rta ] || "$b" --help-json | grep -q "\"verb\":\"${name#rta-}\"" || echo "$name --help-json names another verb"
done
