#!/bin/sh
# check-sshd.sh — OpenSSH without root and without chroot: one account and one server for each
# partner, from the settings in docs/deploy/sftp.md. A delivery and its receipt go through, a partner
# reaches nothing of another one, and the key opens nothing but SFTP. As root the accounts are two of
# the system's; as anybody else there is one server alone.
set -u
. "$(dirname "$0")/lib.sh"
for c in /usr/sbin/sshd ssh-keygen sftp ssh; do
    command -v $c >/dev/null || { echo "no $c"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
done
stage
cd "$T" || exit 71
start_db
run_as() { # ACCOUNT COMMAND…
    who=$1
    shift
    if [ "$(id -u)" -eq 0 ]; then setpriv --reuid "$who" --regid "$(id -g "$who")" --clear-groups "$@"; else "$@"; fi
}
server() { # PARTNER: its sshd; sets PORT_x
    a=$(account "$1") d=$T/own-$1
    mkdir -p "$d/keys"
    eval "PORT_$1=\$(free_port)"
    eval "port=\$PORT_$1"
    ssh-keygen -q -t ed25519 -N '' -f "$d/host_ed25519"
    ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$T/ssh/$1"
    block sftp key-options | sed -e "s|KEY|$(cut -d' ' -f1,2 "$T/ssh/$1.pub")|" \
        -e "s|/srv/rta/partners/AL|$T/desk/partners/$1|" >"$d/keys/$a"
    block sftp sshd-user | sed -e "s|2222|$port|" -e "s|/srv/rta/ssh|$d|" -e "s|/etc/rta/ssh|$d/keys|" >"$d/config"
    echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 "$d/host_ed25519.pub")" >>"$T/ssh/hosts"
    chmod 750 "$T/desk/partners/$1" "$T/desk/partners/$1/out"
    chmod 700 "$T/desk/partners/$1/in"
    [ "$(id -u)" -ne 0 ] || {
        chown -R "$a:" "$d" "$T/desk/partners/$1/in"
        chgrp "$(id -g "$a")" "$T/desk/partners/$1" "$T/desk/partners/$1/out"
    }
    run_as "$a" /usr/sbin/sshd -f "$d/config" -E "$d/log" || fail "the sshd of $1 does not start: $(cat "$d/log")"
    n=0
    while [ ! -s "$d/sshd.pid" ] && [ $n -lt 100 ]; do sleep 0.05; n=$((n + 1)); done
    [ "$(id -u)" -ne 0 ] || is "$(id -u "$a")" "$(ps -o uid= -p "$(cat "$d/sshd.pid")" | tr -d ' ')" "the server of $1 is not root's"
}
stop_servers() {
    for pid in "$T"/own-*/sshd.pid; do
        # shellcheck disable=SC2046
        [ ! -s "$pid" ] || kill -KILL $(descendants "$(cat "$pid")") 2>/dev/null
    done
}
trap 'stop_servers; finish' EXIT
to() { # PARTNER ARGUMENT…: rta submit to its own server
    p=$1
    shift
    eval "port=\$PORT_$p"
    send "$p" "sftp://$(account "$p")@127.0.0.1:$port$T/desk/partners/$p/" --ssh-key "$T/ssh/$p" --known-hosts "$T/ssh/hosts" "$@"
}
login() { # PARTNER PORT PROGRAM ARGUMENT…: with its key at that port
    key=$T/ssh/$1 port=$2 program=$3
    shift 3
    "$program" -q -i "$key" -o BatchMode=yes -o IdentitiesOnly=yes -o UserKnownHostsFile="$T/ssh/hosts" -o Port="$port" "$@"
}

server AL
figures AL AL.csv 10
to AL AL.csv --reason first --reason-code first --period 2022
is 0 $code "submit to a server of the partner's own"
is 1 "$(waiting AL)" "one packet at the door"
inbox
is 0 $code "inbox"
is 2 "$(sql 'select count(*) from rta.crime_obs')" "observations in the store"
to AL
has 'answer.*accepted' "$said" "the receipt comes back"

# ---- the key opens nothing but SFTP ----
is "" "$(login AL "$PORT_AL" ssh "$(account AL)@127.0.0.1" id 2>/dev/null </dev/null | head -c 3 | grep uid)" "no command is run"
login AL "$PORT_AL" ssh -N -o ExitOnForwardFailure=yes -o ConnectTimeout=5 -L "127.0.0.1:$(free_port):127.0.0.1:$PORT_AL" \
    -W "127.0.0.1:$PORT_AL" "$(account AL)@127.0.0.1" >forward 2>/dev/null </dev/null
is 0 "$(grep -c SSH-2 forward)" "nothing is forwarded"
printf 'put AL.csv out/x.receipt\n' | login AL "$PORT_AL" sftp -b - "$(account AL)@127.0.0.1" >/dev/null 2>&1
if [ "$(id -u)" -eq 0 ]; then
    is 0 "$(find "$T/desk/partners/AL/out" -name x.receipt | wc -l)" "receipts cannot be forged"

    # ---- nobody at another's door ----
    server BA
    figures BA BA.csv 20
    to BA BA.csv --reason first
    is 0 $code "another partner at its own server"
    login BA "$PORT_AL" sftp -b /dev/null "$(account AL)@127.0.0.1" >/dev/null 2>&1
    is 255 $? "the key of one does not open the server of another"
    login BA "$PORT_BA" sftp -b /dev/null "$(account AL)@127.0.0.1" >/dev/null 2>&1
    is 255 $? "nor another's account at its own server"
    for c in "$T/desk/partners/AL" "$T/desk/partners/AL/in"; do
        printf 'ls -1 %s\n' "$c" | login BA "$PORT_BA" sftp -b - "$(account BA)@127.0.0.1" 2>/dev/null | grep -v '^sftp>' >listed
        is 0 "$(wc -l <listed)" "nothing of another's folder is listed"
    done
    for c in "get $T/desk/partners/AL/out/*" "put BA.csv $T/desk/partners/AL/in/x" \
        "symlink $T/desk/partners/AL/out in/theirs" "rename in $T/desk/partners/AL/in/y" "get $T/keys/desk"; do
        printf '%s\n' "$c" | login BA "$PORT_BA" sftp -b - "$(account BA)@127.0.0.1" >/dev/null 2>&1
        is 1 $? "refused: ${c%% *} of what is another's"
    done
    is 0 "$(waiting AL)" "nothing came to the other's door"
    is 1 "$(waiting BA)" "what was sent stands at its own"
else
    skip "accounts of several partners need root"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
