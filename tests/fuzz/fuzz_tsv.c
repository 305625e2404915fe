/* fuzz_tsv.c — any bytes through the reader of Eurostat's TSV: an answer with an id, and bounded
 * memory. Built with -fsanitize=fuzzer.
 * Covers: ingest/read_tsv.c ingest/read_value.c ingest/read_desk.c lib/period.c */
#include "tests/unit/readers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {.rc = RC_OK};
    struct yaml_pair flags[] = {{"b", "B"}, {"e", "E"}, {"p", "P"}};
    struct yaml_pair conf[] = {{"c", "C"}};
    const struct profile p = {.name = "test",
                              .sender = "S",
                              .structure = "A:B(1.0)",
                              .format = FORMAT_TSV,
                              .encoding = "UTF-8",
                              .thousands = "",
                              .flags = {flags, 3},
                              .confidentiality = {conf, 1},
                              .at = {"test.yaml", 1, 1}};
    struct str bytes = {(const char *)data, size};
    int rc = readers_read(&reader_tsv, &p, bytes, &e);
    if (rc < 0 && (!e.id[0] || e.rc == RC_BUG))
        abort();
    return 0;
}
