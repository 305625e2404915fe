/* check_spool.c — a row can be refused by what comes ten million rows later. Where somebody wants
 * the rows parted, they wait in a temporary file that has no name, sealed like any stream. */
#include "check_run.h"

#include <errno.h>
#include <unistd.h>

struct spool {
    struct out out;
    struct sdmx_writer *writer;
    const char *const *columns;
    size_t n;
    char path[32]; /* of the open file, by its number */
};

int spool_open(struct spool **ret, const char *const *columns, size_t n, struct err *e)
{
    const char *dir = stage_env("TMPDIR");
    char name[1024];
    (void)snprintf(name, sizeof name, "%.1000s/rta-check-XXXXXX", dir ? dir : "/tmp");
    int fd = mkstemp(name);
    if (fd < 0) {
        err_sys(e, RC_CREATE, "CHECK-040", "no temporary file");
        err_place(e, "%s", name);
        return err_hint(e, "TMPDIR names a folder with room for the delivery");
    }
    (void)unlink(name);
    struct spool *s = *ret = mem_new(sizeof *s);
    (void)snprintf(s->path, sizeof s->path, "/dev/fd/%d", fd);
    out_init(&s->out, fd, "temporary file");
    s->columns = columns;
    s->n = n;
    s->writer = sdmx_create(&s->out, columns, n);
    return 0;
}

struct sdmx_writer *spool_writer(struct spool *s) { return s->writer; }

void spool_free(struct spool *s)
{
    if (!s)
        return;
    sdmx_free(s->writer);
    out_drop(&s->out);
    mem_free(s);
}

static int by_record(const void *a, const void *b)
{
    const struct refusal *x = a, *y = b;
    if (x->record != y->record)
        return x->record < y->record ? -1 : 1;
    return strcmp(x->rule, y->rule);
}

/* The refused rows, with a last column of the rules that refused them. */
struct quarantine {
    struct newfile file;
    struct sdmx_writer *writer;
    struct str *cells;
    struct buf rules;
    size_t next; /* refusal */
    bool open;
};

static int quarantine_open(struct quarantine *q, const struct spool *s, const char *path,
                           struct err *e)
{
    int rc = file_create(&q->file, path, e);
    if (rc < 0)
        return rc;
    const char **columns CLEANUP(mem_freep) = mem_array(s->n + 1, sizeof *columns);
    memcpy(columns, s->columns, s->n * sizeof *columns);
    columns[s->n] = "RULE[]";
    q->writer = sdmx_create(&q->file.out, columns, s->n + 1);
    q->cells = mem_array(s->n + 1, sizeof *q->cells);
    buf_init(&q->rules, LIMIT_ROW_BYTES);
    q->open = true;
    return 0;
}

static void quarantine_write(struct quarantine *q, const struct checker *c, uint32_t record,
                             const struct str *cells, size_t n)
{
    const char *last = "";
    buf_reset(&q->rules);
    while (q->next < c->nrefusals && c->refusals[q->next].record < record)
        q->next++;
    for (; q->next < c->nrefusals && c->refusals[q->next].record == record; q->next++) {
        const char *rule = c->refusals[q->next].rule;
        if (strcmp(rule, last) != 0)
            sdmx_item(&q->rules, str_of(rule));
        last = rule;
    }
    memcpy(q->cells, cells, n * sizeof *cells);
    q->cells[n] = buf_view(&q->rules);
    sdmx_write(q->writer, q->cells);
}

static int quarantine_close(struct quarantine *q, int rc, struct err *e)
{
    if (!q->open)
        return rc;
    if (rc == 0)
        sdmx_finish(q->writer);
    sdmx_free(q->writer);
    if (rc == 0)
        rc = file_publish(&q->file, e);
    else
        file_abandon(&q->file);
    buf_free(&q->rules);
    mem_free(q->cells);
    return rc;
}

static int part_rows(struct spool *s, struct checker *c, struct sdmx_writer *pass,
                     struct quarantine *q, struct err *e)
{
    struct source *src CLEANUP(source_closep) = NULL;
    struct sdmx_reader *in CLEANUP(sdmx_closep) = NULL;
    struct sdmx_options how = {0};
    struct sdmx_row row;
    int rc = source_open(&src, s->path, e);
    if (rc == 0)
        rc = sdmx_open(&in, src, &how, e);
    while (rc == 0 && (rc = sdmx_next(in, &row, e)) > 0) {
        uint32_t record = (uint32_t)sdmx_records(in) - 1;
        rc = 0;
        if (!checker_refused(c, record)) {
            if (pass)
                sdmx_pass(pass, in, &row);
        } else if (q->open) {
            quarantine_write(q, c, record, row.cell, s->n);
        }
    }
    return rc;
}

int spool_part(struct spool *s, struct checker *c, struct sdmx_writer *pass, const char *quarantine,
               struct err *e)
{
    struct quarantine q = {0};
    sdmx_finish(s->writer);
    out_flush(&s->out);
    if (s->out.broken) {
        errno = s->out.broken;
        err_sys(e, RC_IO, "CHECK-041", "the temporary file could not be written");
        return err_hint(e, "TMPDIR names a folder with room for the delivery");
    }
    if (c->nrefusals)
        qsort(c->refusals, c->nrefusals, sizeof *c->refusals, by_record);
    int rc = quarantine ? quarantine_open(&q, s, quarantine, e) : 0;
    if (rc == 0)
        rc = part_rows(s, c, pass, &q, e);
    return quarantine_close(&q, rc, e);
}
