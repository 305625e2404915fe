/* fuzz_count.c — any bytes as a register: never a crash, accounts that close, and no more counted
 * than came. The declaration is the pattern of config/counts. Built with -fsanitize=fuzzer (clang).
 * Covers: ingest/count_run.c ingest/count_cell.c ingest/count_code.c ingest/count_date.c
 * Covers: ingest/count_bind.c ingest/personal.c lib/csv.c */
#include "ingest/count.h"

#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct count_register *declared(struct conf *c)
{
    static const struct count_register *r;
    struct err e = {.rc = RC_OK};
    if (!r && (conf_open(c, "config", &e) < 0 || count_load(c, "incidents", &r, &e) < 0))
        abort();
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct conf conf;
    static const struct personal *personal;
    struct err e = {.rc = RC_OK};
    struct counter k = {.r = declared(&conf), .shown = 1};
    struct source *s CLEANUP(source_closep) =
        source_memory((struct str){(const char *)data, size}, "fuzz");
    if (personal_load(&conf, &personal, &e) < 0)
        abort();
    k.personal = personal;
    for (size_t i = 0; i < FAULT_N; i++)
        k.faults[i] = 1; /* told already: nothing is printed */
    counter_start(&k);
    if (id_set_new(&k.ids, &e) < 0 || id_set_new(&k.persons, &e) < 0)
        abort();
    int rc = counter_file(&k, s, "fuzz", &e);
    if (rc < 0 && e.rc != (enum rc)(-rc))
        abort();
    size_t n;
    uint64_t records = 0;
    const struct cell *list = cells_all(k.cells, &n);
    for (size_t i = 0; i < n; i++)
        records += (list[i].key >> k.measure_shift & 63) == 0 ? list[i].value : 0;
    if (records != k.counted || (rc >= 0 && k.in != k.counted + k.aside + k.filtered + k.refused))
        abort();
    counter_end(&k);
    return 0;
}
