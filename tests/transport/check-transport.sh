#!/bin/sh
# check-transport.sh — files through a real OpenSSH and a real nginx to the inbox: cut connections,
# wrong keys, full disks, repetitions, forgeries, and kills at random (seeded) moments of submit and
# inbox, after which nothing may be lost, doubled or stuck. KILLS=N: so many of each (60).
set -u
. "$(dirname "$0")/lib.sh"
for c in /usr/sbin/sshd nginx ssh-keygen openssl python3; do
    PATH=$PATH:/usr/sbin command -v $c >/dev/null || { echo "no $c"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
done
stage
cd "$T" || exit 71
start_db
start_sshd || { cat "$T/ssh/log"; fail "sshd does not start"; }
start_nginx || fail "nginx does not start"

# ---- there and back ----------------------------------------------------------------------------
figures AL AL.csv 10
send AL sftp AL.csv --reason first --reason-code first --period 2022
is 0 $code "submit by SFTP"
is 1 "$(waiting AL)" "one packet at the door"
figures BA BA.csv 20
send BA https BA.csv --reason first
is 0 $code "submit by HTTPS"
is 1 "$(waiting BA)" "one packet at the door (HTTPS)"
inbox
is 0 $code "inbox"
is 4 "$(sql "select count(*) from rta.crime_obs")" "observations in the store"
send AL sftp
is 0 $code "the receipt by SFTP"
has 'answer.*accepted' "$said" "receipt in words"
send BA https
has 'answer.*accepted' "$said" "receipt by HTTPS"
send AL sftp AL.csv --reason first
has 'not sent twice' "$said" "the same file again"
is 0 "$(waiting AL)" "nothing is sent again"
(sleep 0.6; inbox) &
figures BA BA.csv 21
send BA https BA.csv --reason routine --wait 180
wait
is 0 $code "waiting for the receipt"
has 'answer.*accepted' "$said" "receipt after waiting"

# ---- who is who --------------------------------------------------------------------------------
figures ME ME.csv 30
ssh-keygen -q -t ed25519 -N '' -f "$T/ssh/otherhost"
echo "[127.0.0.1]:$SSH_PORT $(cut -d' ' -f1,2 "$T/ssh/otherhost.pub")" >"$T/ssh/badhosts"
send ME sftp ME.csv --reason x --known-hosts "$T/ssh/badhosts"
is 77 $code "another host key"
has 'not the server that we know' "$said" "another host key, in words"
: >"$T/ssh/nohosts"
send ME sftp --known-hosts "$T/ssh/nohosts"
is 77 $code "an unknown host"
send ME sftp --ssh-key "$T/ssh/otherhost"
is 77 $code "a key that sshd does not know"
send ME https --cert "$T/tls/stranger.pem" --cert-key "$T/tls/stranger.key"
is 77 $code "a certificate of another authority"
send ME https --cert "$T/tls/BA.pem" --cert-key "$T/tls/BA.key"
is 77 $code "another partner's certificate"
send ME https --ca "$T/tls/other-ca.pem"
is 77 $code "a server with another certificate"
is 0 "$(waiting ME)" "nothing came through"
if [ "$(id -u)" -eq 0 ]; then
    printf 'ls /\nput ME.csv /x.csv\nput ME.csv /out/x.receipt\nln in/a out/b\nget /etc/passwd\n' >batch
    sftp -q -b - -i "$T/ssh/ME" -o UserKnownHostsFile="$T/ssh/hosts" -P "$SSH_PORT" "$(account ME)@127.0.0.1" <batch >"$T/sftp.log" 2>&1
    sed 's/^/-/' batch | sftp -q -b - -i "$T/ssh/ME" -o UserKnownHostsFile="$T/ssh/hosts" -P "$SSH_PORT" "$(account ME)@127.0.0.1" >"$T/sftp.log" 2>&1
    is "in out" "$(find "$T/desk/partners/ME" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)" "a chroot that nothing can be written into"
    is 0 "$(find "$T/desk/partners/ME/out" -type f | wc -l)" "receipts cannot be forged in the folder"
    is no "$([ -e passwd ] && echo yes || echo no)" "no way out of the chroot"
else
    skip "chroot needs root"
fi
is 403 "$(curl -s -o /dev/null -w '%{http_code}' --cacert "$T/tls/server-ca.pem" --cert "$T/tls/ME.pem" --key "$T/tls/ME.key" "$(https_url BA)out/x")" "another partner's receipts"
is 403 "$(curl -s -o /dev/null -w '%{http_code}' --cacert "$T/tls/server-ca.pem" --cert "$T/tls/ME.pem" --key "$T/tls/ME.key" -T ME.csv "$(https_url ME)out/x")" "receipts cannot be written"

# ---- servers that are not there ----------------------------------------------------------------
stop_sshd
stop_nginx
send ME sftp
is 69 $code "sshd is down"
send ME https
is 69 $code "nginx is down"
start_sshd && start_nginx
send ME sftp
is 0 $code "they are back"
inbox
is 0 $code "inbox after that"
send ME sftp
has 'answer.*accepted' "$said" "and its receipt"

# ---- a connection cut in the middle --------------------------------------------------------------
head -c 60000000 /dev/urandom >XK.csv
rta submit --unchecked --quiet XK.csv --reason big --profile sdmx-csv --sender XK-PUB --key "$T/keys/XK" || fail "packing"
part=
cut_once() {
    (send XK sftp; echo $code >"$T/cut.code") &
    n=0
    while [ $n -lt 400 ]; do
        part=$(find "$T/desk/partners/XK/in" -name '.*.part' -size +"$1"k | head -n 1)
        [ -z "$part" ] || break
        sleep 0.01
        n=$((n + 1))
    done
    stop_sshd
    wait
    read -r code <"$T/cut.code"
}
cut_once 4000
is 69 $code "the connection was cut"
half=$(stat -c %s "$part")
is yes "$([ "$half" -gt 4000000 ] && [ "$half" -lt 60000000 ] && echo yes)" "a part is there ($half bytes)"
is 0 "$(waiting XK)" "and no packet"
printf 'X' | dd of="$part" bs=1 seek=3000 conv=notrunc 2>/dev/null # damage at its beginning, in the manifest
start_sshd
send XK sftp
is 0 $code "it is taken up"
packet=$(find "$T/desk/partners/XK/in" -name '*.rtap')
is X "$(dd if="$packet" bs=1 skip=3000 count=1 2>/dev/null)" "where it was cut, not from the beginning"
inbox
is 1 $code "a damaged packet is refused"
send XK sftp
is 0 $code "and asked for again"
has 'is not the one that the manifest names' "$said" "with the reason"
is 1 "$(waiting XK)" "it is sent anew, whole"
inbox
is refused "$(sql "select state from rta.delivery where sender = 'XK-PUB' and chained")" "whole, and refused for what is in it"
send XK sftp
has 'answer.*refused' "$said" "as the receipt says"

# ---- no room -------------------------------------------------------------------------------------
head -c 45000000 /dev/zero >MK.csv
rta submit --unchecked --quiet MK.csv --reason big --profile sdmx-csv --sender MK-PUB --key "$T/keys/MK" || fail "packing"
send MK https
is 65 $code "nginx takes no file so large"
has 'no file so large' "$said" "and says so"
if [ "$(id -u)" -eq 0 ] && mkdir -p "$T/small" && mount -t tmpfs -o size=8m,mode=755 tmpfs "$T/small" 2>/dev/null; then
    mkdir -p "$T/small/in" "$T/small/out" && chmod 777 "$T/small/in"
    rm "$T/chroot/$(account MK)" && ln -s "$T/small" "$T/chroot/$(account MK)"
    send MK sftp
    is yes "$([ $code = 69 ] || [ $code = 75 ] && echo yes)" "a full disk ($code)"
    is 0 "$(find "$T/small/in" -name '*.rtap' ! -name '.*' | wc -l)" "no packet on a full disk"
    mount -o remount,size=100m "$T/small"
    send MK sftp
    is 0 $code "when there is room again"
    is 45000000 "$(tar -xOf "$T"/small/in/MK-PUB-*.rtap payload | wc -c)" "the packet is whole"
    cmp -s "$T"/small/in/MK-PUB-*.rtap "$T"/var/outbox/MK-PUB/MK-PUB-*.rtap
    is 0 $? "byte for byte"
else
    skip "a small file system needs root"
fi

# ---- repetitions, forgeries, gaps ----------------------------------------------------------------
before=$(sql "select count(*) from rta.submission")
packet=$(find "$T/desk/accepted/AL" -name '*.rtap')
name=$(basename "$packet" | sed 's/\.[0-9a-f]*\.rtap$/.rtap/')
cp "$packet" "$T/desk/partners/AL/in/$name"
rm "$T/desk/partners/AL/out/"*
inbox
is 0 $code "a replayed packet"
is "$before" "$(sql "select count(*) from rta.submission")" "changes nothing"
is 1 "$(find "$T/desk/partners/AL/out" -name '*.receipt' | wc -l)" "and gets its receipt again"
cp "$packet" "$T/desk/partners/BA/in/$name"
inbox
is 1 $code "at another door it is refused"
has 'at another door' "$T/inbox.log" "and no answer of AL's is given to BA"
is "$before" "$(sql "select count(*) from rta.submission")" "and changes nothing"
# BA signs as AL with a key of its own, at its own door and at AL's
figures AL forged.csv 99
rta submit --unchecked --quiet forged.csv --reason x --profile sdmx-csv --sender AL-PUB --key "$T/keys/BA" --outbox "$T/forge" || fail "packing"
for door in AL BA; do
    cp "$T"/forge/*.rtap "$T/desk/partners/$door/in/"
    inbox
    is 1 $code "a forged sender at $door's door"
    has 'refused' "$T/inbox.log" "refused"
done
is "$before" "$(sql "select count(*) from rta.submission")" "the store is as before"
is 0 "$(sql "select count(*) from rta.delivery where sender = 'AL-PUB' and file_name = 'forged.csv'")" "and AL is not blamed for it"
# a gap: number 3 before number 2
for v in 11 12; do
    figures AL "AL$v.csv" $v
    rta submit --quiet "AL$v.csv" --reason x --profile sdmx-csv --sender AL-PUB --key "$T/keys/AL" || fail "packing"
done
cp "$T"/var/outbox/AL-PUB/*-000003.rtap "$T/desk/partners/AL/in/"
inbox --gap refuse
has 'number 2 is missing' "$T/inbox.log" "the gap is named (refuse)"
cp "$T"/var/outbox/AL-PUB/*-000003.rtap "$T/desk/partners/AL/in/"
inbox
has 'held (gap).*number 2 is missing' "$T/inbox.log" "the gap is named (hold)"
inbox
is 1 $code "it still waits"
cp "$T"/var/outbox/AL-PUB/*-000002.rtap "$T/desk/partners/AL/in/"
inbox
is 0 $code "what was missing came"
is 12 "$(sql "select max(value) from rta.crime_obs o join rta.crime_series s using (series_id) where s.ref_area = 'AL'")" "both were loaded, in order"
send AL sftp
is 0 "$(grep -c refused "$said")" "both are answered"
# an outbox from a backup: the same number, other contents
rta submit --quiet --unchecked forged.csv --reason x --profile sdmx-csv --sender AL-PUB --key "$T/keys/AL" --outbox "$T/old" || fail "packing"
cp "$T"/old/*.rtap "$T/desk/partners/AL/in/"
inbox
has 'used before' "$T/inbox.log" "a number used twice"
# names and kinds of files that are no packets
echo x >"$T/desk/partners/AL/in/..x.rtap"
echo x >"$T/desk/partners/AL/in/a b;\$(id).rtap"
printf 'x' >"$T/desk/partners/AL/in/$(printf 'a\033[2J\nb')"
ln -s /etc/passwd "$T/desk/partners/AL/in/link.rtap"
mkdir "$T/desk/partners/AL/in/folder"
mkfifo "$T/desk/partners/AL/in/pipe.rtap"
: >"$T/desk/partners/AL/in/empty.rtap"
inbox
is 1 $code "odd things at the door"
is 0 "$(grep -c "$(printf '\033')" "$T/inbox.log")" "do not reach the terminal"
is "..x.rtap folder link.rtap pipe.rtap" "$(find "$T/desk/partners/AL/in" -mindepth 1 -printf '%f\n' | sort | xargs)" "what is no file stays, the rest is refused"
rm -rf "$T/desk/partners/AL/in/"* "$T/desk/partners/AL/in/..x.rtap"

# ---- two inboxes, fifty packets ------------------------------------------------------------------
before=$(sql "select count(*) from rta.submission")
for p in AL BA XK ME RS; do
    for i in 1 2 3 4 5 6 7 8 9 10; do
        figures "$p" "$p-many.csv" $((100 + i)) 2021
        rta submit --quiet --unchecked "$p-many.csv" --reason many --profile sdmx-csv --sender "$(sender_of $p)" --key "$T/keys/$p" >/dev/null || fail "packing"
    done
    send $p "$T/desk/partners/$p"
done
is 50 "$(for p in $PARTNERS; do waiting $p; done | awk '{ n += $1 } END { print n }')" "fifty packets wait"
for k in 1 2; do
    (rta inbox "$T/desk" --keys "$T/var/keys" --sign-key "$T/keys/desk" >"$T/two.$k" 2>&1; echo $? >"$T/two.$k.code") &
done
wait
inbox
is $((before + 50)) "$(sql "select count(*) from rta.submission")" "each was taken once"
took1=$(grep -c 'accepted as' "$T/two.1") took2=$(grep -c 'accepted as' "$T/two.2")
echo "two inboxes: $took1 and $took2"
is 50 $((took1 + took2 + $(grep -c 'accepted as' "$T/inbox.log"))) "none twice"
for p in AL BA XK ME RS; do send $p "$T/desk/partners/$p"; done

# ---- kills ---------------------------------------------------------------------------------------
: "${KILLS:=60}"
seed=${SEED:-4711}
random() { # random MAX: 0 … MAX-1
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    r=$((seed / 65536 % $1))
}
ms() { # ms COMMAND...: how long it runs
    t0=$(date +%s%N)
    "$@" >/dev/null 2>&1
    echo $((($(date +%s%N) - t0) / 1000000))
}
delay() { # delay MAX: a random part of a second, in $d
    random "$1"
    d=$(printf '%d.%03d' $(((r + 5) / 1000)) $(((r + 5) % 1000)))
}
figures RS RS-0.csv 1000 2020
span=$(ms send RS sftp RS-0.csv --reason kill)
before=$(sql "select count(*) from rta.submission") killed=0 tries=0 files=0
while [ $killed -lt "$KILLS" ] && [ $tries -lt $((KILLS * 6)) ]; do
    if [ $((tries % 3)) -eq 0 ]; then
        files=$((files + 1))
        figures RS "RS-$files.csv" $((1000 + files)) 2020
    fi
    delay $((span * 5 / 4))
    by=sftp
    [ $((tries % 2)) -eq 0 ] || by=https
    case $by in
    sftp) set -- --to "$(sftp_url RS)" --ssh-key "$T/ssh/RS" --known-hosts "$T/ssh/hosts" ;;
    https) set -- --to "$(https_url RS)" --cert "$T/tls/RS.pem" --cert-key "$T/tls/RS.key" --ca "$T/tls/server-ca.pem" ;;
    esac
    timeout -s KILL "$d" rta submit "RS-$files.csv" --reason kill --profile sdmx-csv --sender RS-PUB \
        --key "$T/keys/RS" --coordinator-key "$T/keys/desk.pub" "$@" >"$T/kill.log" 2>&1
    [ $? -ne 137 ] || killed=$((killed + 1))
    tries=$((tries + 1))
done
for i in $(seq 1 $files); do send RS sftp "RS-$i.csv" --reason kill; [ $code -eq 0 ] || fail "submit after kills: $code"; done
inbox
[ $code -ne 75 ] || { sleep 2; inbox; }
is 0 $code "inbox after kills of submit"
is $((before + files + 1)) "$(sql "select count(*) from rta.submission")" "every file was loaded once"
is $((files + 1)) "$(sql "select count(distinct file_name) from rta.delivery where file_name like 'RS-%' and file_name <> 'RS-many.csv' and state = 'accepted'")" "none is missing"
send RS sftp
is 0 "$(rta submit --sender RS-PUB --status | grep -c -e ' packed ' -e ' sent ' -e ' held ')" "every packet is answered"
echo "kills of submit: $killed of $tries runs (of about $span ms), $files files"
is yes "$([ $killed -ge "$KILLS" ] && echo yes)" "enough kills of submit"

figures BA BA-k.csv 2000 2019
rta submit --quiet --unchecked BA-k.csv --reason kill --profile sdmx-csv --sender BA-PUB --key "$T/keys/BA" --to "$T/desk/partners/BA" >/dev/null 2>&1
span=$(ms inbox)
before=$(sql "select count(*) from rta.submission") killed=0 tries=0 files=0
while [ $killed -lt "$KILLS" ] && [ $tries -lt $((KILLS * 6)) ]; do
    files=$((files + 1))
    figures BA BA-k.csv $((2000 + files)) 2019
    rta submit --quiet --unchecked BA-k.csv --reason kill --profile sdmx-csv --sender BA-PUB --key "$T/keys/BA" --to "$T/desk/partners/BA" >/dev/null 2>&1 || fail "submit before the kill: $?"
    delay $((span * 5 / 4))
    timeout -s KILL "$d" rta inbox "$T/desk" --keys "$T/var/keys" --sign-key "$T/keys/desk" >"$T/kill.log" 2>&1
    [ $? -ne 137 ] || killed=$((killed + 1))
    tries=$((tries + 1))
done
n=0
inbox
while [ $code -eq 75 ] && [ $n -lt 50 ]; do sleep 0.2; inbox; n=$((n + 1)); done
is 0 $code "inbox after kills of inbox"
is $((before + files)) "$(sql "select count(*) from rta.submission")" "every packet was loaded once"
is $((2000 + files)) "$(sql "select max(value)::int from rta.crime_obs o join rta.crime_series s using (series_id) where s.ref_area = 'BA' and o.period = 2019000")" "in order: the last figure stands"
is 0 "$(sql "select count(*) from rta.delivery where state = 'taken'")" "nothing is half answered"
is 0 "$(find "$T/desk/claimed" -type f -name '*.rtap' | wc -l)" "nothing is stuck"
is 0 "$(waiting BA)" "nothing waits"
rta submit --sender BA-PUB --to "$T/desk/partners/BA" --coordinator-key "$T/keys/desk.pub" >/dev/null 2>&1
is 0 "$(rta submit --sender BA-PUB --status | grep -c -e ' packed ' -e ' sent ' -e ' held ')" "every packet has its receipt"
is "$(find "$T/desk/accepted/BA" -name '*.rtap' | wc -l)" "$(sql "select count(*) from rta.delivery where sender = 'BA-PUB' and state = 'accepted'")" "the archive holds what the store names"
echo "kills of inbox: $killed of $tries runs (of about $span ms)"
is yes "$([ $killed -ge "$KILLS" ] && echo yes)" "enough kills of inbox"

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
