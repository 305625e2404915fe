#!/bin/sh
# Sizes: function <= 60 lines, complexity <= 15, file <= 600, header <= 150, parameters <= 6 besides the
# error, nesting <= 4. The whitelist has to stay empty.
set -u
[ ! -s tests/lint/whitelist ] || echo "tests/lint/whitelist is not empty"
command -v pmccabe >/dev/null || exit 77
sources=$(find lib ingest aggregate report cli tests/unit tests/bench tests/fuzz -name '*.c' 2>/dev/null)
headers=$(find lib ingest aggregate report cli tests -name '*.h' 2>/dev/null)
pmccabe $sources 2>/dev/null | awk -F '\t' '
    $1 > 15 { printf "%s: complexity %d > 15\n", $6, $1 }
    $5 > 60 { printf "%s: %d lines > 60\n", $6, $5 }'
wc -l $sources | awk '$2 != "total" && $1 > 600 { printf "%s: %d lines > 600\n", $2, $1 }'
wc -l $headers | awk '$2 != "total" && $1 > 150 { printf "%s: %d lines > 150\n", $2, $1 }'
{ cat tests/lint/strip.awk; cat <<'AWK'
    function count(args,   i, depth, n, c) { # parameters between the outer brackets
        n = 1; depth = 0
        for (i = 1; i <= length(args); i++) { c = substr(args, i, 1)
            if (c == "(") depth++; else if (c == ")") depth--; else if (c == "," && depth == 0) n++ }
        return n }
    function emit(text,   args) {
        if (FNR == 1) head = ""
        if (text ~ /^[ ]*(if|for|while|switch|do) ?[({]/ && match(text, /^ */) && RLENGTH >= 20)
            printf "%s:%d: nested deeper than 4\n", FILENAME, FNR
        if (text ~ /^#/ || text ~ /^[{}]/ || text ~ /^$/) { head = ""; return }
        if (text ~ /^[a-zA-Z]/) head = ""
        if (text ~ /^[a-zA-Z]/ || head != "") {
            head = head text
            if (text !~ /[;{]$/ && text !~ /\)$/) return
            if (head !~ /=/ && match(head, /^[a-zA-Z_0-9 *]*[ *][a-z_0-9A-Z]+\(.*\)/)) {
                args = head; sub(/^[^(]*\(/, "", args); sub(/\)[^)]*$/, "", args)
                sub(/,[^,]*struct err \*+[a-z_]*$/, "", args)
                if (count(args) > 6 && head !~ /__attribute__|\(\*/)
                    printf "%s:%d: more than 6 parameters (err apart)\n", FILENAME, FNR
            }
            head = ""
        }
    }
AWK
} >"$WORK/budgets.awk"
awk -f "$WORK/budgets.awk" $sources $headers
