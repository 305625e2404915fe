/* fuzz_sdmx.c — any bytes as a stream: never a crash, and never a sealed end that the writer would
 * not have written itself. Built with -fsanitize=fuzzer (clang).
 * Covers: lib/sdmx.c */
#include "sdmx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int mode = 0; mode < 3; mode++) {
        struct err e = {.rc = RC_OK};
        struct source *s CLEANUP(source_closep) =
            source_memory((struct str){(const char *)data, size}, "fuzz");
        struct sdmx_reader *r CLEANUP(sdmx_closep) = NULL;
        const struct sdmx_options o = {.unsealed = mode > 0, .slack = mode > 1};
        struct sdmx_row row;
        int rc = sdmx_open(&r, s, &o, &e);
        while (rc >= 0 && (rc = sdmx_next(r, &row, &e)) > 0)
            for (size_t i = 0; i < sdmx_columns(r); i++)
                if (row.cell[i].n && !row.cell[i].p)
                    abort();
        if (rc < 0 && e.rc != (enum rc)(-rc))
            abort();
        if (rc == 0 && mode == 0 && strlen(sdmx_seal(r)) != 32)
            abort();
    }
    return 0;
}
