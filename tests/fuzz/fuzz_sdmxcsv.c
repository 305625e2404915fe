/* fuzz_sdmxcsv.c — any bytes through the SDMX-CSV reader of rta read: an answer with an id, and
 * bounded memory. Built with -fsanitize=fuzzer.
 * Covers: ingest/read_sdmx.c ingest/read_desk.c lib/sdmx.c */
#include "tests/unit/readers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {.rc = RC_OK};
    const struct profile p = {.name = "test",
                              .sender = "S",
                              .format = FORMAT_SDMX,
                              .encoding = "UTF-8",
                              .thousands = "",
                              .others = 1,
                              .at = {"test.yaml", 1, 1}};
    struct str bytes = {(const char *)data, size};
    int rc = readers_read(&reader_sdmx, &p, bytes, &e);
    if (rc < 0 && (!e.id[0] || e.rc == RC_BUG))
        abort();
    return 0;
}
