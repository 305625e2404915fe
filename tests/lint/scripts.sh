#!/bin/sh
# Shell scripts parse, and those that are run have their bit set.
set -u
git ls-files --cached --others --exclude-standard tests cli .ci 2>/dev/null |
    xargs -d '\n' grep -l -m 1 '^#!' 2>/dev/null | while read -r f; do
    read -r first <"$f"
    case $first in
    '#!/bin/sh'*) sh -n "$f" 2>&1 ;;
    '#!'*bash*) bash -n "$f" 2>&1 ;;
    *) continue ;;
    esac
    [ -x "$f" ] || echo "$f: begins with #! but cannot be run (chmod +x)"
done
