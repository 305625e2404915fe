#!/bin/sh
# Which part may include which: lib by its tiers and nothing but lib; a stage folder its own files
# and lib; nobody the tests. The database only where a store is read or written, the network only
# where something is fetched, report/ neither.
set -u
awk -v tiers=tests/lint/tiers '
    function stem(f) { sub(/.*\//, "", f); sub(/[._].*/, "", f); return f }
    function exists(f,   r, line) { r = (getline line < f) >= 0; close(f); return r }
    function fault(why) { printf "%s:%d: %s\n", FILENAME, FNR, why }
    BEGIN { while ((getline line < tiers) > 0) { n = split(line, w, " ")
        if (w[1] ~ /^[0-9]$/) for (i = 2; i <= n; i++) tier[w[i]] = w[1] } }
    FNR == 1 { folder = FILENAME; sub(/\/.*/, "", folder); me = stem(FILENAME)
        if (folder == "lib" && !(me in tier)) fault("not in tests/lint/tiers") }
    match($0, /^[ \t]*#[ \t]*include[ \t]*"[^"]*"/) {
        name = $0; sub(/^[^"]*"/, "", name); sub(/".*/, "", name); other = stem(name)
        if (name ~ /\//) { fault("include by name alone, not " name); next }
        own = exists(folder "/" name)
        if (folder == "lib") {
            if (!own) fault("lib includes only lib, not " name)
            else if (me in tier && other in tier && tier[me] < tier[other])
                fault("tier " tier[me] " includes tier " tier[other] ": " name)
        } else if (!own && !exists("lib/" name)) fault("there is no " name " here or in lib")
        base = FILENAME; sub(/.*\//, "", base)
        if (name == "db.h" && !(FILENAME ~ /^lib\/db/ || FILENAME ~ /^ingest\/(load|submission|inbox)/ ||
            FILENAME ~ /^aggregate\/(pull|asof|explain|grid|status|remind|revisions)/ || FILENAME ~ /^cli\/db/)) fault("the database is not for this file")
        if (name == "http.h" && !(FILENAME ~ /^lib\/(http|remote|mail)/ || FILENAME ~ /^ingest\/(fetch|submit)/))
            fault("the network is not for this file")
        if (name == "remote.h" && !(FILENAME ~ /^lib\/remote/ || FILENAME ~ /^ingest\/submit/))
            fault("a remote folder is not for this file")
    }' $(find lib ingest aggregate report cli -name '*.[ch]' 2>/dev/null)
