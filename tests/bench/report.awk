# report.awk — the figures of bench.sh as a table on standard output and as JSON in the file `json`.
# Input: LABEL seconds cpu-seconds peak-KiB exit server-cpu-seconds, one line a run.
{
    label = $1
    n[label]++
    t[label, n[label]] = $2
    cpu[label, n[label]] = $3
    srv[label, n[label]] = $6
    if ($4 > peak[label]) peak[label] = $4
    if ($5 > 1) bad = bad " " label ":" $5
    if (!(label in seen)) { seen[label] = 1; order[++k] = label }
}
function sorted(a, l, v,   i, j, x) {
    for (i = 1; i <= n[l]; i++) v[i] = a[l, i]
    for (i = 2; i <= n[l]; i++)
        for (j = i; j > 1 && v[j] < v[j - 1]; j--) { x = v[j]; v[j] = v[j - 1]; v[j - 1] = x }
}
function median(a, l,   v) { sorted(a, l, v); return n[l] ? v[int((n[l] + 1) / 2)] : 0 }
function spread(l,   v) { sorted(t, l, v); return sprintf("%.2f-%.2f", v[1], v[n[l]]) }
# The median of the ratios, pair by pair, where there are as many of each.
function ratio(text, a, b,   i, v, r) {
    if (!n[a] || !n[b]) return
    if (n[a] == n[b]) {
        for (i = 1; i <= n[a]; i++) q["r", i] = t[b, i] > 0 ? t[a, i] / t[b, i] : 0
        n["r"] = n[a]
        r = median(q, "r")
    } else
        r = median(t, b) > 0 ? median(t, a) / median(t, b) : 0
    printf "%-62s %8.3f\n", text, r
    out = out sprintf("%s\n    {\"what\": \"%s\", \"ratio\": %.4f}", out ? "," : "", text, r)
}
function of(l) { return l ~ /^peer_/ ? part : l == "derive" ? derived : rows }
END {
    printf "%d rows; medians of %d, in turn\n\n", rows, n["load.sorted.csv"]
    printf "%-24s %8s %13s %7s %7s %11s %8s\n", "what", "seconds", "spread", "cpu", "server",
        "rows/cpu-s", "peak MiB"
    for (i = 1; i <= k; i++) {
        l = order[i]
        c = median(cpu, l)
        printf "%-24s %8.2f %13s %7.2f %7.2f %11s %8.1f\n", l, median(t, l), spread(l), c,
            median(srv, l), (c > 0 ? sprintf("%d", of(l) / c) : ""), peak[l] / 1024
        run = run sprintf("%s\n    {\"what\": \"%s\", \"rows\": %d, \"runs\": %d, \"seconds\": %.3f, " \
            "\"spread\": \"%s\", \"cpu\": %.3f, \"server_cpu\": %.2f, \"peak_kib\": %d}", run ? "," : "",
            l, of(l), n[l], median(t, l), spread(l), c, median(srv, l), peak[l])
    }
    print ""
    split("sorted.csv sorted.csv.gz shuffled.csv shuffled.csv.gz", f, " ")
    for (i = 1; i <= 4; i++)
        ratio("new data, " f[i] " : copy, no key, unchecked", "load." f[i], "copy." f[i])
    ratio("new data : copy into text with the dimensions as key", "load.sorted.csv", "copy_key")
    ratio("the same rows, another file : copy", "again", "copy.sorted.csv")
    ratio("the same rows, another file : unconditional upsert of them", "again", "upsert")
    ratio("the very same file : its first load", "same", "load.sorted.csv")
    ratio("1 % revised : copy", "revised", "copy.sorted.csv")
    for (i = 1; i <= k; i++)
        if (order[i] ~ /^peer_/ && order[i] != "peer_copy")
            ratio(substr(order[i], 6) " : copy of the same rows", order[i], "peer_copy")
    printf "%-62s %8d\n", "growth of the tables by the same rows, bytes", growth
    printf "{\n  \"rows\": %d,\n  \"growth_bytes\": %d,\n  \"runs\": [%s\n  ],\n  \"ratios\": [%s\n  ]\n}\n",
        rows, growth, run, out > json
    if (bad) { print "failed:" bad; exit 1 }
}
