#!/bin/sh
# Words that do not belong into the project: places of one machine, hosts of package registries,
# marks of unfinished work.
set -u
files=$(git ls-files --cached --others --exclude-standard 2>/dev/null || find . -type f ! -path './build/*' ! -path './.git/*')
printf '%s\n' "$files" | while read -r f; do [ -f "$f" ] && printf '%s\n' "$f"; done >"$WORK/words.list"
# Brackets keep the patterns from finding themselves.
xargs -d '\n' grep -nIE \
    -e '/wor[k]/' -e '/roo[t]/' -e '/far[m]/' -e '/hom[e]/[a-z]' -e '\.librar[y]\b' \
    -e 'registry\.npm[j]s' -e 'deb\.debia[n]\.org' -e 'pypi\.or[g]' -e 'proxy\.golan[g]' \
    -e '\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b' <"$WORK/words.list" |
    cut -c1-150
