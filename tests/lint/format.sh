#!/bin/sh
# clang-format 14 (Debian 12) leaves every C file as it is.
set -u
tool=$(command -v clang-format-14 || command -v clang-format) || exit 77
"$tool" --version | grep -q 'version 14\.' || exit 77
find lib ingest aggregate report cli tests -name '*.[ch]' -type f 2>/dev/null |
    grep -v node_modules | xargs "$tool" --dry-run -Werror 2>&1 | grep 'code should be' |
    cut -d: -f1-2 | sort -u | sed 's/$/: clang-format would change this (make format)/'
