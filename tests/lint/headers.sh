#!/bin/sh
# Every header compiles alone, so that whoever includes it needs nothing before it.
set -u
: "${HEADER_CHECK:=gcc -std=c17 -fsyntax-only -Wall -Wextra -Werror -D_GNU_SOURCE -iquote lib}"
for h in lib/*.h ingest/*.h aggregate/*.h report/*.h cli/*.h; do
    [ -f "$h" ] || continue
    printf '#include "%s"\nextern int not_empty;\n' "${h##*/}" |
        $HEADER_CHECK -iquote "${h%/*}" -x c - 2>&1 | head -5
done
