#!/bin/sh
# check-fetch.sh — rta fetch against a real OpenSSH on loopback, set up as docs/deploy has it: a file
# comes whole, an unchanged one stays, and nothing comes from a server or for a user that is not known.
# Prints the counts of its proofs.
set -u
. "$(dirname "$0")/lib.sh"
stage
start_sshd || { echo "sshd does not start"; exit 1; }
cd "$T/tmp" || exit 71
mkdir -p config/sources spool
printf 'a,b\n1,2\n' >"$T/desk/partners/AL/out/data.csv"

source_of() { # NAME FILE [YAML-LINE...]
    name=$1 file=$2
    shift 2
    printf '%s\n' "source: $name" "title: t" "publisher: p" "schemes: [sftp]" "expect: csv" \
        "url: $(sftp_url AL)out/$file" "$@" >"config/sources/$name.yaml"
}
fetch() { rta fetch --config config --spool spool --retries 0 "$@" >"$said" 2>&1; code=$?; }

source_of good data.csv "ssh_key: $T/ssh/AL" "known_hosts: $T/ssh/hosts"
fetch good
is 0 $code "a file by SFTP"
is "$(cat "$T/desk/partners/AL/out/data.csv")" "$(cat spool/good.csv)" "it is the same"
has '"sha256": "492d5ea496' spool/good.csv.receipt.json "its receipt has its hash"
fetch good
has 'unchanged' "$said" "unchanged, it stays"
printf 'a,b\n1,3\n' >"$T/desk/partners/AL/out/data.csv"
fetch good
is "a,b 1,3" "$(tr '\n' ' ' <spool/good.csv | sed 's/ $//')" "a changed one is fetched"
source_of missing nothing.csv "ssh_key: $T/ssh/AL" "known_hosts: $T/ssh/hosts"
fetch missing
is 65 $code "no such file"
: >none
source_of stranger data.csv "ssh_key: $T/ssh/AL" "known_hosts: $PWD/none"
fetch stranger
is 69 $code "a host that is not known"
has 'host key' "$said" "says so"
source_of nobody data.csv "ssh_key: $T/ssh/BA" "known_hosts: $T/ssh/hosts"
[ "$(id -u)" -ne 0 ] || { fetch nobody; is 77 $code "another one's key"; }
sed -i 's|sftp://\([a-z]*\)@|sftp://\1:secret@|' config/sources/good.yaml
fetch good
is 78 $code "a password in the address"
is 0 "$(grep -c secret "$said")" "is not repeated"
stop_sshd
source_of gone data.csv "ssh_key: $T/ssh/AL" "known_hosts: $T/ssh/hosts"
fetch gone
is 69 $code "nobody there"
skip "FTPS: no server of it is installed here"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
