/* read_input.c — see read_input.h. The one list of formats. */
#include "read_input.h"

#include "bounds.h"
#include "gz.h"
#include "read_book.h"
#include "text.h"

static int open_text(struct stage *st, const struct profile *p, const char *path,
                     struct source **ret, struct err *e)
{
    struct source *s = NULL;
    bool standard = !path || strcmp(path, "-") == 0;
    int rc = standard ? stage_stdin(st, &s, e) : source_open(&s, path, e);
    if (rc >= 0)
        rc = source_gunzip(&s, s, 0, e);
    if (rc >= 0 && p->format != FORMAT_SDMXML) /* XML says its own */
        rc = source_text(&s, s, p->encoding, e);
    if (rc >= 0)
        *ret = s;
    return rc;
}

static int read_text(struct stage *st, const struct profile *p, struct desk *d, const char *path,
                     struct err *e)
{
    static const struct reader *const readers[] = {
        [FORMAT_DELIMITED] = &reader_delimited,
        [FORMAT_TSV] = &reader_tsv,
        [FORMAT_SDMX] = &reader_sdmx,
        [FORMAT_JSONSTAT] = &reader_jsonstat,
        [FORMAT_SDMXJSON] = &reader_sdmxjson,
        [FORMAT_SDMXML] = &reader_sdmxml,
        [FORMAT_PX] = &reader_px,
    };
    struct source *src CLEANUP(source_closep) = NULL;
    if ((size_t)p->format >= ARRAY_LEN(readers) || !readers[p->format])
        return err_set(e, RC_BUG, "TABLE-017", "no reader for this format");
    int rc = open_text(st, p, path, &src, e);
    return rc < 0 ? rc : readers[p->format]->read(d, p, src, e);
}

static int read_book(struct stage *st, const struct profile *p, struct desk *d, const char *path,
                     struct err *e)
{
    struct source *in CLEANUP(source_closep) = NULL;
    struct whole file = {NULL, -1};
    int rc = !path || strcmp(path, "-") == 0 ? stage_stdin(st, &in, e) : 0;
    if (rc >= 0 && in)
        rc = source_gunzip(&in, in, LIMIT_SPOOL_BYTES, e);
    if (rc >= 0)
        rc = whole_open(&file, path, in, e);
    if (rc >= 0)
        rc = book_read(d, p, &file, e);
    whole_close(&file);
    return rc;
}

int read_input(struct stage *st, const struct profile *p, struct desk *d, const char *path,
               struct err *e)
{
    return profile_book(p) ? read_book(st, p, d, path, e) : read_text(st, p, d, path, e);
}

const char *input_name(const char *name, const char *path)
{
    if (name)
        return name;
    if (!path || strcmp(path, "-") == 0)
        return "stdin";
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
