#!/bin/sh
# Shell scripts parse, and those that are run have their bit set.
set -u
git ls-files --cached --others --exclude-standard tests cli .ci 2>/dev/null | while read -r f; do
    [ -f "$f" ] || continue
    first=$(head -c 40 "$f" | head -n 1 | tr -d '\000')
    case $first in
    '#!/bin/sh'*) sh -n "$f" 2>&1 ;;
    '#!/usr/bin/env bash'* | '#!/bin/bash'*) bash -n "$f" 2>&1 ;;
    *) continue ;;
    esac
    [ -x "$f" ] || echo "$f: begins with #! but cannot be run (chmod +x)"
done
