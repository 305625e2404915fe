# fetch_server.sh — read by the cases of tests/cases/fetch: the misbehaving server, a source file per
# address, and rta-fetch with the port taken out of what it says.
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export no_proxy='*'
mkdir -p config/sources
python3 -IS "$ROOT/tests/fetch_server.py" requests >port &
server=$!
trap 'kill $server 2>/dev/null' EXIT
tries=0
while [ ! -s port ] && [ $tries -lt 250 ]; do
    sleep 0.02
    tries=$((tries + 1))
done
port=$(cat port)

source_of() { # source_of NAME [YAML-LINE...]: the address is /NAME of the server
    name=$1
    shift
    printf '%s\n' "source: $name" "title: t" "publisher: p" "schemes: [http]" "expect: tsv" \
        "url: http://127.0.0.1:$port/$name" "$@" >"config/sources/$name.yaml"
}

fetch() { # fetch ARGUMENT...
    rta-fetch --config config --spool spool --backoff-ms 10 "$@" >said 2>&1
    code=$?
    sed "s/:$port/:PORT/g" said
    echo "exit $code"
}

asked() { # what the server was asked since the last time
    sed "s/:$port/:PORT/g" requests
    : >requests
}

builder_of() { # builder_of NAME KIND SERVICE FLOW [YAML-LINE...]: a query; lines of the builder
    name=$1 kind=$2 service=$3 flow=$4
    shift 4
    {
        printf '%s\n' "source: $name" "title: t" "publisher: p" "schemes: [http]" "builder:" \
            "  kind: $kind" "  base: http://127.0.0.1:$port/$service" "  flow: $flow"
        [ $# -eq 0 ] || printf '  %s\n' "$@"
    } >"config/sources/$name.yaml"
}
