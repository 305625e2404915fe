#!/bin/sh
# check-fetch.sh — rta fetch against a real OpenSSH on loopback, set up as docs/deploy has it, and a real
# vsftpd with TLS, from the start and after AUTH TLS: a file comes whole, an unchanged one stays, and
# nothing comes from a server or for a user that is not known. Prints the counts of its proofs.
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

# ---- FTP over TLS --------------------------------------------------------------------------------
mkdir -p "$T/ftp"
authority server-ca
authority other-ca
certificate server server-ca
stop_ftps() { [ -z "${ftps:-}" ] || kill "$ftps" 2>/dev/null; ftps=; }
start_ftps() { # YES: TLS from the start; NO: after AUTH TLS
    PORT=$(free_port)
    mkdir -p "$T/empty"
    chmod 555 "$T/empty"
    printf '%s\n' listen=YES listen_address=127.0.0.1 "listen_port=$PORT" background=NO anonymous_enable=YES \
        local_enable=NO "anon_root=$T/ftp" secure_email_list_enable=YES "email_password_file=$T/words" \
        ssl_enable=YES ssl_tlsv1=YES allow_anon_ssl=YES force_anon_logins_ssl=YES force_anon_data_ssl=YES \
        require_ssl_reuse=NO "implicit_ssl=$1" "rsa_cert_file=$T/tls/server.pem" \
        "rsa_private_key_file=$T/tls/server.key" seccomp_sandbox=NO "secure_chroot_dir=$T/empty" ftp_username=ftp \
        log_ftp_protocol=YES xferlog_enable=YES xferlog_std_format=NO "vsftpd_log_file=$T/asked" >"$T/vsftpd.conf"
    /usr/sbin/vsftpd "$T/vsftpd.conf" >"$T/ftps.log" 2>&1 &
    ftps=$!
    n=0
    until [ $n -ge 100 ] || grep -qi ":$(printf %04X "$PORT") .* 0A " /proc/net/tcp; do sleep 0.02; n=$((n + 1)); done
}
trap 'stop_ftps; finish' EXIT
ftps_source() { # NAME SCHEME FILE [YAML-LINE...]
    name=$1 scheme=$2 file=$3
    shift 3
    printf '%s\n' "source: $name" "title: t" "publisher: p" "schemes: [ftps]" "expect: csv" \
        "url: $scheme://127.0.0.1:$PORT/$file" "netrc: $T/netrc" "ca: $T/tls/server-ca.pem" "$@" \
        >"config/sources/$name.yaml"
}
printf 'machine 127.0.0.1 login anonymous password s3cret\n' >"$T/netrc"
printf 'machine 127.0.0.1 login anonymous password wrong\n' >"$T/netrc-wrong"
chmod 600 "$T/netrc" "$T/netrc-wrong"
echo s3cret >"$T/words"
kinds="ftps ftp"
[ "$(id -u)" -eq 0 ] || { kinds=; skip "vsftpd wants to be started as root"; }
for scheme in $kinds; do
    [ $scheme = ftps ] && start_ftps YES || start_ftps NO
    how=$scheme
    rm -rf spool
    printf 'a,b\n1,2\n' >"$T/ftp/data.csv"
    ftps_source tls $scheme data.csv
    fetch tls
    is 0 $code "a file by FTP over TLS, $how://"
    is "$(cat "$T/ftp/data.csv")" "$(cat spool/tls.csv)" "it is the same"
    has '"sha256": "492d5ea496' spool/tls.csv.receipt.json "its receipt has its hash"
    fetch tls
    has 'unchanged' "$said" "unchanged, it stays"
    seq 40000 | sed 's/$/,1/' >"$T/ftp/data.csv"
    fetch tls
    is "$(cksum <"$T/ftp/data.csv")" "$(cksum <spool/tls.csv)" "a large one, changed, comes whole"
    ftps_source absent $scheme nothing.csv
    fetch absent
    is 65 $code "no such file"
    ftps_source wrong $scheme data.csv
    sed -i 's/netrc$/netrc-wrong/' config/sources/wrong.yaml
    fetch wrong
    is 77 $code "the wrong password"
    is 0 "$(grep -c -e s3cret -e 'word wrong' "$said")" "is not repeated"
    ftps_source other $scheme data.csv
    sed -i 's/server-ca/other-ca/' config/sources/other.yaml
    : >"$T/asked"
    fetch other
    is 69 $code "another one's certificate"
    has certificate "$said" "says so"
    is 0 "$(grep -c 'FTP command.*PASS' "$T/asked")" "and is not given the password"
    ftps_source up $scheme '../../etc/passwd'
    fetch up
    is 77 $code "nothing from outside of the folder"
    stop_ftps
    fetch tls
    is 69 $code "nobody there"
    is "$(cksum <"$T/ftp/data.csv")" "$(cksum <spool/tls.csv)" "what was there stays"
done
# A server without TLS, and one that hangs up in the middle of a file
cat >plain.py <<'PY'
import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True)
while True:
    c = s.accept()[0]
    c.sendall(b"220 hello\r\n")
    while True:
        said = c.recv(500).decode("latin-1")
        print(said, file=sys.stderr, flush=True)
        if not said: break
        c.sendall(b"331 go on\r\n" if said.startswith("USER") else b"502 no\r\n")
PY
/usr/bin/python3 plain.py >"$T/port2" 2>"$T/plain" &
ftps=$!
n=0
while [ ! -s "$T/port2" ] && [ $n -lt 250 ]; do sleep 0.02; n=$((n + 1)); done
PORT=$(cat "$T/port2")
ftps_source plain ftp data.csv
fetch plain
is 69 $code "a server without TLS"
is 0 "$(grep -c -e USER -e PASS "$T/plain")" "is told no name"
stop_ftps
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
