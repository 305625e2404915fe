/* generate.c — N rows of a national SDMX-CSV delivery for the bench: 40 quarters of N/40 series in
 * 15 columns, values from a seeded generator, so that every run has the same bytes. The codes are
 * read from the code list given, so that every row is valid. Sorted by period, or shuffled. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODES_MAX 400
#define CODE_MAX 16
#define QUARTERS 40
#define N_AREAS (sizeof areas / sizeof areas[0])

static const char *const areas[] = {"AL", "BA", "ME", "MK", "RS", "XK", "BE", "BG",
                                    "CZ", "DK", "DE", "EE", "IE", "EL", "ES", "FR",
                                    "HR", "IT", "CY", "LV", "LT", "LU"};
static const char *const counted[] = {"OFF", "VIC", "SUSP"};
static const char *const links[] = {"Y", "N", "U"};
static char codes[CODES_MAX][CODE_MAX];

/* The second field of a line, which is the parent. */
static void parent_of(const char *line, char ret[CODE_MAX])
{
    const char *p = strchr(line, ',');
    size_t k = p ? strcspn(p + 1, ",") : 0;
    ret[0] = '\0';
    if (k > 0 && k < CODE_MAX) {
        memcpy(ret, p + 1, k);
        ret[k] = '\0';
    }
}

/* Codes without children: a parent would have to hold the sum of its parts. In the list a child
 * stands below its parent, so a parent is the code before its first child. */
static size_t read_codes(const char *path)
{
    FILE *f = fopen(path, "r");
    char line[4096], parent[CODE_MAX];
    size_t n = 0;
    if (!f || !fgets(line, sizeof line, f))
        return 0;
    while (n < CODES_MAX && fgets(line, sizeof line, f)) {
        size_t k = strcspn(line, ",");
        if (k == 0 || k >= CODE_MAX)
            continue;
        parent_of(line, parent);
        for (size_t i = 0; i < n; i++)
            if (strcmp(codes[i], parent) == 0)
                memmove(codes[i], codes[--n], CODE_MAX);
        memcpy(codes[n], line, k);
        codes[n++][k] = '\0';
    }
    (void)fclose(f);
    return n;
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 33;
    x *= UINT64_C(0xff51afd7ed558ccd);
    x ^= x >> 33;
    return x;
}

/* Where row i stands in the shuffle of n rows: a Feistel network over the next even power of two,
 * walked until it falls below n, so that every row comes once. */
static uint64_t shuffled(uint64_t i, uint64_t n)
{
    unsigned half = 1;
    while (UINT64_C(1) << (2 * half) < n)
        half++;
    const uint64_t mask = (UINT64_C(1) << half) - 1;
    do {
        uint64_t left = i >> half, right = i & mask;
        for (uint64_t round = 1; round <= 4; round++) {
            uint64_t next = left ^ (mix(right + (round << 32)) & mask);
            left = right;
            right = next;
        }
        i = left << half | right;
    } while (i >= n);
    return i;
}

/* Series number to its codes, mixed radix: the same number is the same series at every size. */
static void row(uint64_t series, unsigned quarter, size_t ncodes, const unsigned salt[3])
{
    uint64_t s = series;
    const char *area = areas[s % N_AREAS], *code = codes[(s / N_AREAS) % ncodes];
    s /= N_AREAS * ncodes;
    const char *unit = counted[s % 3], *oc = links[(s / 3) % 3], *cy = links[(s / 9) % 3];
    const char *measure = s / 27 ? "P_HTHAB" : "NR";
    uint64_t level = 20 + mix(series) % 5000;
    uint64_t value = level + mix(series * QUARTERS + quarter) % (level / 20 + 1);
    bool other = salt[0] && mix(series + quarter * 7919u + salt[0]) % 100 < salt[1];
    if (salt[2] && !other)
        return;
    value += other;
    (void)printf("dataflow,BENCH:CRIME(1.0),I,Q,%s,%s,%s,%s,%s,%s,%u-Q%u,%llu,,,row %llu\n", area,
                 code, unit, oc, cy, measure, 2016 + quarter / 4, quarter % 4 + 1,
                 (unsigned long long)value, (unsigned long long)series);
}

int main(int argc, char **argv)
{
    bool shuffle = argc > 1 && strcmp(argv[1], "-s") == 0;
    argv += shuffle;
    argc -= shuffle;
    if (argc < 3) {
        (void)fprintf(stderr, "usage: generate [-s] ROWS CODELIST.csv [SALT [PERCENT [only]]]\n");
        return 64;
    }
    uint64_t series = strtoull(argv[1], NULL, 10) / QUARTERS, rows = series * QUARTERS;
    /* with a salt some of the values differ: this share of them, 1 % by default; `only` those */
    const unsigned salt[3] = {argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0,
                              argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 1, argc > 5};
    size_t n = read_codes(argv[2]);
    if (!n || !series)
        return 65;
    (void)puts("STRUCTURE,STRUCTURE_ID,ACTION,FREQ,AREA,OFFENCE,COUNTED,OC,CY,UNIT,TIME_PERIOD,"
               "OBS_VALUE,OBS_STATUS,CONF_STATUS,COMMENT");
    for (uint64_t i = 0; i < rows; i++) {
        uint64_t at = shuffle ? shuffled(i, rows) : i;
        row(at % series, (unsigned)(at / series), n, salt);
    }
    return fflush(stdout) == 0 ? 0 : 74;
}
