# more.sh — further steps of a round: questions, an embargo, a gap in a sequence, bundles, findings, a
# backup brought back, migrations. Sourced by run.
# shellcheck shell=sh

# waits NAME AREA CODE VALUE SENDER: a delivery of one figure that waits for approval: $id
waits() {
    delivery "$1.csv" "$1"
    figure "$2" "$3" 2023 "$4" "$5"
    seal "$1.csv"
    rta-load --quiet --pending --file "$1.csv" <"$1.csv" >said 2>&1 || bad "$1: $(cat said)"
    id=$(sql -c "select max(id) from rta.submission")
}
as() { # as WHO STEP...
    who=$1
    shift
    RTA_DSN="$DSN user=$who" rta-submission "$@" >said 2>&1 || bad "$*: $(cat said)"
}

questions() {
    waits doubt MK 0101 "$serial" MK-MVR
    step ask '' env RTA_DSN="$DSN user=anna" rta-submission ask "$id" --reason 'is it so'
    step reply '' env RTA_DSN="$DSN user=anna" rta-submission answer "$id" 'it is'
    step return '' env RTA_DSN="$DSN user=berta" rta-submission return "$id" --reason 'send it again'
}

# Two at once, so that there is a state between: the one published, the other not yet.
embargo() {
    for n in 1 2; do
        waits "due$n" XK "010$n" "$((serial * 10 + n))" XK-KP
        as anna accept "$id"
        as berta approve "$id" --digest "$(sql -c "select rta.submission_digest($id)")" \
            --embargo "$(date -u -d '+2 seconds' +%FT%TZ)"
    done
    RTA_DSN="$DSN user=berta" rta-submission publish "$id" >said 2>&1
    [ $? -eq 75 ] || bad "published under embargo: $(cat said)"
    cat due1 due2 >due
    change figures due1 >midway
    between2=$(($(field 2 "$(look)") + 1))
    sleep 2
    step due due env RTA_DSN="$DSN user=berta" rta-submission publish --due
    between2=''
}

# The second packet comes first: it is held, and follows when the first is there.
gap() {
    rm -rf pair && mkdir pair
    delivery gap.csv gap
    for n in 1 2; do
        delivery "gap$n.csv" "gap$n"
        figure ME "010$n" 2022 "$((serial * 10 + n))" ME-PUB
        rta-submit --quiet --unchecked --profile sdmx-csv --sender ME-PUB --key me.key --outbox outbox2 "gap$n.csv" >said 2>&1 ||
            bad "gap: $(cat said)"
        cp "$(ls outbox2/*.rtap | tail -n 1)" pair/
        [ "$n" -eq 1 ] || cp "$(ls pair/*.rtap | tail -n 1)" desk2/partners/ME/in/
    done
    cat gap1 gap2 >gap
    change figures gap1 >midway
    fine=1
    step gap-hold '' rta-inbox desk2 --keys keys --quiet
    fine=0
    files "gap: held" 1 desk2/held rtap
    cp "$(ls pair/*.rtap | head -n 1)" desk2/partners/ME/in/
    between=$(($(field 1 "$(look)") + 1)) between2=$(($(field 2 "$(look)") + 1))
    step gap-fill gap rta-inbox desk2 --keys keys --quiet
    between='' between2=''
    files "gap: an empty door" 0 desk2/partners/ME/in
    files "gap: nothing claimed" 0 desk2/claimed
    files "gap: nothing held" 0 desk2/held
    files "gap: the archive" $((serial * 2)) desk2/accepted
    files "gap: receipts" $((serial * 2)) desk2/partners/ME/out
}

packed() {
    [ "$1" = half ] && [ ! -e stick.rtab ] && return 0
    rm -rf there && mkdir there && rta-bundle unpack stick.rtab --to there --quiet >said 2>&1 && diff -r pair there >/dev/null &&
        [ -z "$(find . -maxdepth 1 -name 'stick.rtab.*')" ]
}
unpacked() { # each appears whole
    [ "$1" = half ] || diff -r pair there >/dev/null || return 1
    for f in there/*.rtap; do
        [ ! -e "$f" ] || cmp -s "$f" "pair/${f#there/}" || return 1
    done
}
bundles() {
    rm -f stick.rtab*
    lone pack packed rta-bundle pack pair/*.rtap -o stick.rtab --quiet
    rm -rf there && mkdir there
    lone unpack unpacked rta-bundle unpack stick.rtab --to there --quiet
}

# The list of findings is there whole or not at all, and never without it the seal.
found() {
    [ "$1" = half ] && [ ! -e found.ndjson ] && { ! tail -n 1 out | grep -q '^#seal'; return; }
    [ -f found.first ] || cp found.ndjson found.first
    cmp -s found.ndjson found.first && { [ "$1" = half ] || [ -z "$(find . -maxdepth 1 -name 'found.ndjson.*')" ]; }
}
findings() {
    delivery odd.csv odd
    i=0
    while [ $i -lt 400 ]; do
        i=$((i + 1))
        echo "dataflow,WB:CRIME(1.0.0),R,A,AL,0101,OFF,_T,_T,NR,1800,$i,AL-ASP" >>odd.csv
        echo "dataflow,WB:CRIME(1.0.0),R,A,AL,$i-not-there,OFF,_T,_T,NR,2001,$i,AL-ASP" >>odd.csv
    done
    rm -f found.ndjson*
    lone findings found sh -c 'rta-check --unsealed --quiet --findings found.ndjson --keep-going <odd.csv; [ $? -le 1 ]'
}

other() { psql -XAtq -d "$DSN user=rta_server dbname=postgres" -c "$1"; } # no store may exist there, or go
ready() { # ready NAME: an empty database of the store's owner
    other "drop database if exists $1" 2>said && other "create database $1 owner rta template template0"
}
brought() {
    there=$(psql -XAtq -d "$DSN dbname=other" -c "select coalesce((select count(*) from pg_class c join pg_namespace n
        on n.oid = c.relnamespace where n.nspname = 'rta'), 0)")
    [ "$1" = half ] && [ "$there" -eq 0 ] && return 0
    RTA_DSN="$DSN dbname=other" rta-db verify --quiet >said 2>&1 || return 1
    RTA_DSN="$DSN dbname=other" rta-pull CRIME --quiet | grep '^data' | cut -d, -f5,6,11,12 | sort >got
    cmp -s got figures
}
restored() {
    ready other || bad "no database: $(cat said)"
    lone restore brought env RTA_DSN="$DSN dbname=other" rta-db restore saved --into --quiet
}

# Each migration is there whole or not at all; the last state is that of an undisturbed one.
moved() {
    psql -XAtq -d "$DSN dbname=other" -c 'select count(*) from rta.migration' >count 2>/dev/null
    [ "$1" = half ] && return 0
    pg_dump -s -d "$DSN dbname=other" 2>/dev/null | grep -v '^\\' | sha256sum >sum
    [ -f "sum.$name" ] || cp sum "sum.$name"
    cmp -s sum "sum.$name"
}
migrated() {
    ready other
    lone migrate moved env RTA_DSN="$DSN dbname=other" rta-db migrate --quiet
    ready other
    psql -Xq -v ON_ERROR_STOP=1 -d "$DSN dbname=other" -f "$ROOT/tests/migrations/0.1.0/store.sql" >said 2>&1 ||
        bad "an old store: $(cat said)"
    lone upgrade moved env RTA_DSN="$DSN dbname=other" rta-db migrate --quiet
}
