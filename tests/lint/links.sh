#!/bin/sh
# Every relative link of the documents leads to something that is there.
set -u
git ls-files --cached --others --exclude-standard '*.md' 2>/dev/null | while read -r doc; do
    [ -f "$doc" ] || continue
    grep -noE '\]\([^)]+\)' "$doc" | while IFS=: read -r line link; do
        target=$(printf '%s' "$link" | sed -e 's/^](//' -e 's/)$//' -e 's/ ".*"$//' -e 's/#.*//')
        case $target in '' | http:* | https:* | mailto:*) continue ;; esac
        [ -e "$(dirname "$doc")/$target" ] || echo "$doc:$line: there is no $target"
    done
done
