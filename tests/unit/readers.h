/* readers.h — a reader of rta read run on bytes in memory, for unit tests and fuzzing: a desk with
 * a profile made here, its stream thrown away. Messages go to standard error as they always do. */
#ifndef TESTS_READERS_H
#define TESTS_READERS_H

#include "ingest/read.h"
#include "lib/mem.h"
#include "lib/text.h"

#include <fcntl.h>

/* The bytes read under a profile. */
static inline int readers_read(const struct reader *reader, const struct profile *p,
                               struct str bytes, struct err *e)
{
    static const struct opt_program program = {.verb = "test"};
    struct stage st = {.program = &program};
    struct desk *d = NULL;
    struct source *src = NULL, *below = source_memory(bytes, "test");
    st.common.quiet = true;
    out_init(&st.out, open("/dev/null", O_WRONLY | O_CLOEXEC), "null");
    int rc = 0;
    if (p->format == FORMAT_SDMXML)
        src = below;
    else
        rc = source_text(&src, below, p->encoding, e); /* takes it over, also when it fails */
    const struct desk_options o = {.name = "test", .shown = 1};
    if (rc >= 0)
        rc = desk_open(&d, &st, p, &o, e);
    if (rc >= 0)
        rc = reader->read(d, p, src, e);
    if (rc >= 0)
        rc = desk_finish(d, false, e);
    desk_closep(&d);
    source_close(src);
    out_drop(&st.out);
    arena_free(&st.conf.arena);
    return rc;
}

/* The same under the plainest profile of a format that names its dimensions itself. */
static inline int readers_run(const struct reader *reader, enum read_format format,
                              struct str bytes, struct err *e)
{
    struct yaml_pair constants[] = {{"TIME_PERIOD", "2000"}};
    struct yaml_pair conf[] = {{"C", "C"}, {"F", ""}};
    const char *dims[] = {"FREQ", "AREA"};
    struct profile p = {.name = "test",
                        .sender = "S",
                        .structure = "A:B(1.0)",
                        .format = (int)format,
                        .encoding = "UTF-8",
                        .thousands = "",
                        .others = 1,
                        .constants = {constants, 1},
                        .confidentiality = {conf, 2},
                        .at = {"test.yaml", 1, 1}};
    if (format == FORMAT_SDMXML) {
        p.constants.n = 0;
        p.dimensions = (struct yaml_list){dims, 2};
    }
    return readers_read(reader, &p, bytes, e);
}

#endif
