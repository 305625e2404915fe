# The desk's cases: national deliveries wait for two persons, as the shipped rules say.
. "$CASE/../../load/lib.sh"
sql -c "update rta.policy set mode = 'four-eyes' where sender is null and outside is null"
as() { # NAME COMMAND…: as this person
    who=$1
    shift
    RTA_DSN="$RTA_DSN user=$who" "$@"
}
person() { # NAME ROLE; roles are the whole server's: another case may have made it
    as rta_server sql -c "do \$\$ begin create role $1 login in role $2;
        exception when duplicate_object or unique_violation then null; end \$\$"
}
person anna rta_coordinator
person berta rta_coordinator
sub() { rta submission "$@"; }
digest() { sql -c "select left(rta.submission_digest($1), 12)"; }
# agreed N [OPTION…]: anna accepts, berta approves
agreed() {
    as anna rta submission accept "$1" --quiet && n=$1 && shift &&
        as berta rta submission approve "$n" --digest "$(digest "$n")" "$@"
}
published() { agreed "$1" --quiet && as berta rta submission publish "$1"; }
masked() { sed -E "s/20[0-9]{2}-[0-9-]{5}T[0-9:]{8}Z/MOMENT/g; s/\b[0-9a-f]{64}\b/DIGEST/g; s/\b[0-9a-f]{12}\b/DIGEST/g; s/(  |\"|>)20[0-9]{2}-[0-9]{2}-[0-9]{2}\b/\1DAY/g"; }
