# lib.sh — the model that a killed program is held against: what a step does when nobody disturbs it,
# in numbers, and every figure that a reader should see. Sourced by run.
# shellcheck shell=sh

# What is counted in the store, one number each, in this order. The first query waits until no
# program's session is left: a server works on for a moment when its client was killed.
LOOK="do \$\$ begin for i in 1 .. 400 loop
    exit when not exists (select from pg_stat_activity where pid <> pg_backend_pid()
        and application_name like 'rta-%' and datname = current_database());
    perform pg_sleep(0.01); perform pg_stat_clear_snapshot(); end loop; end \$\$"
COUNTS="select (select count(*) from rta.submission), (select coalesce(max(version), 0) from rta.submission),
    (select count(version) from rta.submission)"
for s in received checked waiting accepted approved published withdrawn superseded; do
    COUNTS="$COUNTS, (select count(*) from rta.submission where state = '$s')"
done
for t in decision finding coverage delivery audit letter letter_item crime_series lineage; do
    COUNTS="$COUNTS, (select count(*) from rta.$t)"
done
COUNTS="$COUNTS, (select count(*) from rta.letter where written_at is null),
    (select count(*) from rta.delivery where state = 'taken'),
    (select count(*) from rta.submission where not settled),
    (select count(*) from rta.crime_obs), (select count(*) from rta.crime_hist),
    (select count(*) from rta.crime_wait)"
# and what may never be left over: tables of a load, temporary tables, parts of nothing, locks, sessions
LEFT="select coalesce((select string_agg(c.oid::regclass::text, ' ') from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and (n.nspname like 'pg\\_temp%' or n.nspname = 'rta' and (c.relname ~ '_load_'
            and not c.relispartition or c.relname ~ '_wait_?[0-9]+\$'
            and not exists (select from rta.submission s where s.id = substring(c.relname from '[0-9]+\$')::int
                and (not s.settled or s.state in ('received', 'checked', 'waiting', 'accepted', 'approved')))))), '')
    || coalesce((select string_agg(distinct 'lock:' || locktype, ' ') from pg_locks
        where pid <> pg_backend_pid() and (locktype = 'advisory' or mode like '%Exclusive%') and granted
        and database = (select oid from pg_database where datname = current_database())
        and pid in (select pid from pg_stat_activity where backend_type = 'client backend')), '')
    || coalesce((select string_agg('prepared:' || gid, ' ') from pg_prepared_xacts), '')
    || coalesce((select string_agg('session:' || application_name, ' ') from pg_stat_activity
        where pid <> pg_backend_pid() and datname = current_database() and application_name like 'rta-%'), '')"

sql() { psql -XAtq -F ' ' -d "$DSN" "$@"; }
look() { sql -c "$LOOK" -c "$COUNTS"; }
seen() { rta-pull CRIME --quiet | grep '^data' | cut -d, -f5,6,11,12 | sort; }
# change OLD NEW: OLD's figures with those of NEW in their place
change() { awk -F, '{ v[$1 "," $2 "," $3] = $4 } END { for (k in v) print k "," v[k] }' "$1" "$2" | sort; }
minus() { echo "$1 / $2" | awk '{ for (i = 1; $i != "/"; i++); for (j = 1; j < i; j++) printf "%s%d", (j > 1 ? " " : ""), $j - $(i + j) }'; }
plus() { echo "$1 / $2" | awk '{ for (i = 1; $i != "/"; i++); for (j = 1; j < i; j++) printf "%s%d", (j > 1 ? " " : ""), $j + $(i + j) }'; }
field() { echo "$2" | cut -d' ' -f"$1"; }

ok() { passed=$((passed + 1)); }
bad() {
    failed=$((failed + 1))
    echo "---- $*"
    [ ! -s said ] || sed 's/^/    /' said | head -n 12
}
note() { echo "$2" >>"tally.$1"; }

# step NAME CHANGED COMMAND...: CHANGED is the file of figures that it publishes, or ''. Kills it,
# looks, runs it again, looks again. Uses $mode (plain, all, one, server), $round and $of rounds,
# $fine: the exit code of a step that is done, 0 when not set.
step() {
    name=$1 figures=$2
    shift 2
    before=$(look)
    if [ -n "$figures" ]; then change figures "$figures" >after; else cp figures after; fi
    killed "$@"
    case $mode in
    plain)
        [ $code -eq "${fine:-0}" ] || bad "$where: $code"
        minus "$(look)" "$before" >"delta.$name"
        ;;
    *)
        [ "$mode" != server ] || restarted
        if [ $((round % 2)) -eq 0 ] || [ "$mode" = server ]; then halfway; fi
        again "$@"
        ;;
    esac
    now=$(look)
    wanted=$(plus "$before" "$(cat "delta.$name")")
    seen >got
    left=$(sql -c "$LEFT")
    if [ "$name" = check ] && [ "$mode" != plain ]; then # comparing again is a step of its own
        now=$(echo "$now" | awk '{ $12 = $16 = "-"; print }') wanted=$(echo "$wanted" | awk '{ $12 = $16 = "-"; print }')
    fi
    case $name.$mode in inbox.one | gap-*) # a packet that is held is looked at by every run
        now=$(echo "$now" | awk '{ $16 = "-"; print }') wanted=$(echo "$wanted" | awk '{ $16 = "-"; print }') ;;
    esac
    if [ "$now" != "$wanted" ]; then
        bad "$where: afterwards$(printf '\n  was    %s\n  is     %s\n  wanted %s' "$before" "$now" "$wanted")"
    elif ! cmp -s got after; then
        bad "$where: the figures are others"
        diff after got | head -n 5
    elif [ -n "$left" ]; then
        bad "$where: left over: $left"
    elif ! rta-db verify --quiet >said 2>&1; then
        bad "$where: verify"
    else
        ok
    fi
    cp after figures
}

# killed COMMAND...: at the point whose turn it is.
killed() {
    at=0
    if [ "$mode" != plain ]; then
        n=$(cat "points.$name")
        if [ "$of" -ge "$n" ]; then at=$((round % n + 1)); else at=$((1 + (round * n + (of + n) / 2 % n) / of)); fi
    fi
    where="$name, $mode, round $round, point $at"
    : >report
    case $mode in
    one) killer -1 -a "$at" -o report "$@" >out 2>said ;;
    server) killer -p "$DATA/postmaster.pid" -a "$at" -o report "$@" >out 2>said ;;
    *) killer -a "$at" -o report "$@" >out 2>said ;;
    esac
    code=$?
    read -r what n call <report
    if [ "$mode" = plain ]; then echo "$n" >"points.$name"; else note "$name.$mode" "$what"; fi
    where="$where ($call)"
}
restarted() {
    [ $code -lt 128 ] || bad "$where: the program ended with $code"
    [ "$what" = ended ] || env -u RTA_DSN rta-db start --fast --quiet >said 2>&1 || bad "$where: the server does not come back"
}

# What the kill left is the state before or the state after, whole; then the same command again.
again() {
    tries=0
    while :; do
        "$@" >out 2>said
        code=$?
        tries=$((tries + 1))
        { [ $code -eq 75 ] || [ $code -eq 69 ]; } && [ $tries -lt 50 ] || break
        sleep 0.1
    done
    case $code in
    0 | "${fine:-0}") ;;
    65 | 73 | 77) [ "$what" != ended ] || [ "$name" != load ] || bad "$where: again: $code" ;; # it was done already
    *) bad "$where: again: $code" ;;
    esac
}

# lone NAME LOOK COMMAND...: a step that leaves the store alone: LOOK half says 0 when what is there is
# the state before or after, LOOK done when it is the state after.
lone() {
    name=$1 looks=$2
    shift 2
    before=$(look)
    killed "$@"
    if [ "$mode" = plain ]; then
        [ $code -eq 0 ] || bad "$where: $code"
    else
        [ "$mode" != server ] || restarted
        "$looks" half || bad "$where: half done"
        again "$@"
    fi
    if ! "$looks" "done"; then bad "$where: not done"
    elif [ "$(look)" != "$before" ]; then bad "$where: the store is another"
    else ok; fi
}

halfway() {
    now=$(look)
    wanted=$(plus "$before" "$(cat "delta.$name")")
    for i in 1 2; do # submissions, versions; between: of two at once, the one
        one=${between:-}
        [ $i -eq 1 ] || one=${between2:-}
        case $(field $i "$now") in
        "$(field $i "$before")" | "$(field $i "$wanted")" | "$one") ;;
        *) bad "$where: field $i is $(field $i "$now"), not $(field $i "$before") or $(field $i "$wanted")" ;;
        esac
    done
    seen >got
    if [ "$(field 2 "$now")" = "$(field 2 "$before")" ]; then cmp -s got figures
    elif [ "$(field 2 "$now")" = "$(field 2 "$wanted")" ]; then cmp -s got after
    else cmp -s got midway; fi ||
        bad "$where: half visible$(diff figures got | head -n 5)"
}
