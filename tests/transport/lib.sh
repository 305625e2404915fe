# lib.sh — servers and partners for the tests of transport: OpenSSH and nginx from the settings in
# docs/deploy, on free ports of 127.0.0.1, in a folder of their own. Source it, then `stage`.
# shellcheck shell=sh
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export no_proxy='*' LC_ALL=C TZ=UTC
: "${ROOT:=$(cd "$(dirname "$0")/../.." && pwd)}" "${BUILD:=build/release}"
: "${BIN:=$ROOT/$BUILD/bin}"
export ROOT BUILD BIN PATH="$BIN:$PATH:/usr/sbin:/sbin" RTA_CONFIG="${RTA_CONFIG:-$ROOT/config}"
unset RTA_DSN RTA_EVENTS RTA_RUN PGHOST PGSERVICE PGDATABASE PGUSER
passed=0 failed=0 skipped=0

pass() { passed=$((passed + 1)); [ -z "${VERBOSE:-}" ] || echo "ok: $*"; }
fail() { failed=$((failed + 1)); echo "FAILED: $*"; }
skip() { skipped=$((skipped + 1)); echo "skipped: $*"; }
# is WANT GOT WHAT
is() { if [ "$1" = "$2" ]; then pass "$3"; else fail "$3: wanted '$1', got '$2'"; tail -n 5 "${said:-/dev/null}" | sed 's/^/    /'; fi; }
# has PATTERN FILE WHAT
has() { if grep -q -e "$1" "$2"; then pass "$3"; else fail "$3: no '$1' in"; head -n 12 "$2" | sed 's/^/    /'; fi; }

# An account of the system for each partner: sshd lets only users in that there are.
PARTNERS="AL BA XK ME MK RS"
account() {
    [ "$(id -u)" -eq 0 ] || { id -un; return; }
    case $1 in AL) echo games ;; BA) echo man ;; XK) echo lp ;; ME) echo mail ;; MK) echo news ;; *) echo uucp ;; esac
}
sender_of() { echo "$1-PUB"; }

# The block of a page with this word after the fence.
block() { awk -v w="\`\`\`$2" '$0 == w { on = 1; next } /^```/ { on = 0 } on' "$ROOT/docs/deploy/$1.md"; }

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

stage() { # a fresh folder T: as root below /run, whose parents sshd trusts for a chroot
    base=${TMPDIR:-/tmp}
    [ "$(id -u)" -ne 0 ] || { base=/run; mkdir -p /run/sshd; }
    T=$(mktemp -d "$base/rta-transport.XXXXXX") || exit 71
    chmod 755 "$T"
    export T RTA_HOME="$T/var" HOME="$T/var"
    mkdir -p "$T/var/keys" "$T/desk/partners" "$T/ssh" "$T/chroot" "$T/tls" "$T/tmp" "$T/keys"
    chmod 777 "$T/tmp"
    said=$T/said
    for p in $PARTNERS; do
        mkdir -p "$T/desk/partners/$p/in" "$T/desk/partners/$p/out"
        chmod 777 "$T/desk/partners/$p/in"
        ln -s "$T/desk/partners/$p" "$T/chroot/$(account "$p")" 2>/dev/null
        rta submit --new-key "$T/keys/$p" --sender "$(sender_of "$p")" >"$T/var/keys/$(sender_of "$p").yaml" || exit 71
    done
    rta submit --new-key "$T/keys/desk" --sender DESK | sed -n 's/.*public: \([^,]*\),.*/\1/p' >"$T/keys/desk.pub"
    trap 'finish' EXIT
    trap 'exit 130' INT TERM HUP
}

finish() {
    stop_sshd
    stop_nginx
    rta db drop --yes >/dev/null 2>&1
    umount "$T/small" 2>/dev/null
    rm -rf "$T"
}

start_db() { rta db start --fast >"$T/db.log" 2>&1 && rta db migrate >>"$T/db.log" 2>&1 || { cat "$T/db.log"; exit 1; }; }

# ---- OpenSSH -------------------------------------------------------------------------------------
start_sshd() {
    if [ ! -f "$T/ssh/host_ed25519" ]; then
        SSH_PORT=$(free_port)
        ssh-keygen -q -t ed25519 -N '' -f "$T/ssh/host_ed25519"
        mkdir -p "$T/ssh/keys"
        for p in $PARTNERS; do
            ssh-keygen -q -t ed25519 -N '' -C "$p" -f "$T/ssh/$p"
            cat "$T/ssh/$p.pub" >>"$T/ssh/keys/$(account "$p")"
        done
        chmod 644 "$T/ssh/keys/"*
        echo "[127.0.0.1]:$SSH_PORT $(cut -d' ' -f1,2 "$T/ssh/host_ed25519.pub")" >"$T/ssh/hosts"
        block sftp sshd-user | sed -e "s|2222|$SSH_PORT|" -e "s|/srv/rta/ssh|$T/ssh|" \
            -e "s|/etc/rta/ssh|$T/ssh/keys|" >"$T/ssh/sshd_config"
        if [ "$(id -u)" -eq 0 ]; then
            block sftp sshd | sed -e 's|^Match Group .*|Match User games,man,lp,mail,news,uucp|' \
                -e "s|/srv/rta/partners/%u|$T/chroot/%u|" -e "s|/etc/rta/ssh|$T/ssh/keys|" >>"$T/ssh/sshd_config"
        else
            printf 'ForceCommand internal-sftp -l INFO -u 0007\n' >>"$T/ssh/sshd_config"
        fi
    fi
    /usr/sbin/sshd -f "$T/ssh/sshd_config" -E "$T/ssh/log" || return 1
    n=0
    while [ ! -s "$T/ssh/sshd.pid" ] && [ $n -lt 100 ]; do sleep 0.02; n=$((n + 1)); done
    [ -s "$T/ssh/sshd.pid" ]
}
# descendants PID...: they and all below them
descendants() {
    for d in "$@"; do
        echo "$d"
        # shellcheck disable=SC2046
        descendants $(ps -o pid= --ppid "$d" 2>/dev/null)
    done
}
stop_sshd() { # also cuts the connections that there are
    [ -s "${T:-/none}/ssh/sshd.pid" ] || return 0
    # shellcheck disable=SC2046
    kill -KILL $(descendants "$(cat "$T/ssh/sshd.pid")") 2>/dev/null
    rm -f "$T/ssh/sshd.pid"
}
sftp_url() {
    if [ "$(id -u)" -eq 0 ]; then echo "sftp://$(account "$1")@127.0.0.1:$SSH_PORT/"
    else echo "sftp://$(account "$1")@127.0.0.1:$SSH_PORT$T/desk/partners/$1/"; fi
}

# ---- nginx ---------------------------------------------------------------------------------------
certificate() { # certificate NAME CA: NAME.pem and NAME.key
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$T/tls/$1.key" \
        -out "$T/tls/$1.csr" 2>/dev/null
    printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\n' >"$T/tls/ext"
    openssl x509 -req -in "$T/tls/$1.csr" -CA "$T/tls/$2.pem" -CAkey "$T/tls/$2.key" -CAcreateserial \
        -extfile "$T/tls/ext" -days 2 -out "$T/tls/$1.pem" 2>/dev/null
}
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
        -keyout "$T/tls/$1.key" -out "$T/tls/$1.pem" 2>/dev/null
}
start_nginx() {
    if [ ! -f "$T/tls/nginx.conf" ]; then
        TLS_PORT=$(free_port)
        authority partners-ca
        authority server-ca
        authority other-ca
        certificate server server-ca
        for p in $PARTNERS; do certificate "$p" partners-ca; done
        certificate stranger other-ca
        {
            [ "$(id -u)" -ne 0 ] || echo "user www-data;"
            echo "worker_processes 1; pid $T/tls/nginx.pid; error_log $T/tls/error.log;"
            echo "events { worker_connections 64; }"
            echo "http { access_log $T/tls/access.log;"
            for w in proxy fastcgi uwsgi scgi; do echo "${w}_temp_path $T/tls/$w;"; done
            block webdav nginx | sed -e "s|listen 443|listen 127.0.0.1:$TLS_PORT|" -e "s|/etc/rta/tls|$T/tls|" \
                -e "s|/srv/rta|$T/desk|" -e "s|$T/desk/tmp|$T/tmp|" -e 's|256m|40m|'
            echo "}"
        } >"$T/tls/nginx.conf"
    fi
    nginx -c "$T/tls/nginx.conf" -p "$T/tls" 2>"$T/tls/start.log" || { cat "$T/tls/start.log"; return 1; }
    n=0
    while [ ! -s "$T/tls/nginx.pid" ] && [ $n -lt 100 ]; do sleep 0.02; n=$((n + 1)); done
}
stop_nginx() {
    [ -s "${T:-/none}/tls/nginx.pid" ] || return 0
    # shellcheck disable=SC2046
    kill -KILL $(descendants "$(cat "$T/tls/nginx.pid")") 2>/dev/null
    rm -f "$T/tls/nginx.pid"
}
https_url() { echo "https://127.0.0.1:$TLS_PORT/$1/"; }

# ---- partners and the desk -----------------------------------------------------------------------
# figures PARTNER FILE VALUE [YEAR]: a small delivery, two rows
figures() {
    echo 'STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ICCS,COUNTED,OC_LINK,CY_LINK,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,SENDER' >"$2"
    for c in 0101 0102; do
        echo "dataflow,WB:CRIME(1.0.0),R,A,$1,$c,OFF,_T,_T,NR,${4:-2022},$3,$(sender_of "$1")"
    done >>"$2"
}
# send PARTNER sftp|https|DIR [ARGUMENT...]: rta submit as that partner; exit code in $code
send() {
    p=$1 by=$2
    shift 2
    case $by in
    sftp) set -- --to "$(sftp_url "$p")" --ssh-key "$T/ssh/$p" --known-hosts "$T/ssh/hosts" "$@" ;;
    https) set -- --to "$(https_url "$p")" --cert "$T/tls/$p.pem" --cert-key "$T/tls/$p.key" --ca "$T/tls/server-ca.pem" "$@" ;;
    *) set -- --to "$by" "$@" ;;
    esac
    rta submit --profile sdmx-csv --sender "$(sender_of "$p")" --key "$T/keys/$p" --coordinator-key "$T/keys/desk.pub" \
        --poll-ms 50 "$@" >"$said" 2>&1
    code=$?
}
inbox() {
    rta inbox "$T/desk" --keys "$T/var/keys" --sign-key "$T/keys/desk" "$@" >"$T/inbox.log" 2>&1
    code=$?
}
sql() { rta db psql -- -XAtq -c "$1"; }
waiting() { find "$T/desk/partners/$1/in" -type f ! -name '.*' | wc -l; }
