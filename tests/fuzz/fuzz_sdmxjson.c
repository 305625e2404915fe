/* fuzz_sdmxjson.c — any bytes through the sdmxjson reader of rta read: an answer with an id, and
 * bounded memory. Run with -close_fd_mask=2 to be spared the messages. Built with
 * -fsanitize=fuzzer.
 * Covers: ingest/read_sdmxjson.c ingest/sdmxjson_look.c ingest/cube.c ingest/walk.c lib/jscan.c */
#include "tests/unit/readers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {.rc = RC_OK};
    struct str bytes = {(const char *)data, size};
    int rc = readers_run(&reader_sdmxjson, FORMAT_SDMXJSON, bytes, &e);
    if (rc < 0 && (!e.id[0] || e.rc == RC_BUG))
        abort();
    return 0;
}
