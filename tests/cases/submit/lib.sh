# For the cases of submit, inbox and bundle: small deliveries, keys, and words without what changes
# from run to run.
export TMPDIR="$PWD"
figures() { # figures SENDER AREA VALUE
    echo 'STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ICCS,COUNTED,OC_LINK,CY_LINK,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,SENDER'
    echo "dataflow,WB:CRIME(1.0.0),R,A,$2,0101,OFF,_T,_T,NR,2022,$3,$1"
}
mask() { sed -e 's/-[0-9a-f]\{8\}-0/-KEY-0/g' -e 's/20..-..-..T..:..:..Z/MOMENT/g' -e 's/\.[0-9a-f]\{12\}\./.HASH./g' \
    -e 's/key [0-9a-f]\{16\}/key ID/g' -e 's/sha256 [0-9a-f]*/sha256 HASH/g'; }
submit() {
    rta submit --profile sdmx-csv --sender AL-PUB --key al.key --outbox outbox "$@" 2>&1 | mask
}
code() { "$@" >/dev/null 2>said; echo "exit $?"; mask <said; }
keys() { # keys SENDER FILE...: the first file's public line becomes the sender's
    mkdir -p keys
    rta submit --new-key "$2" --sender "$1" >"keys/$1.yaml"
}
desk() { mkdir -p "desk/partners/$1/in" "desk/partners/$1/out"; }
inbox() { rta inbox desk --keys keys "$@" >/dev/null 2>said; echo "exit $?"; mask <said; }
sql() { psql -XAtqd "$RTA_DSN" -c "$1"; }
