/* explain_data.c — one dataset of an edition: the rows of its stream that are asked for, and, for
 * results of rta derive, the figures that went into each, as the trace of that run says. */
#include "explain.h"

#include "bounds.h"
#include "derive_plan.h"
#include "key.h"
#include "mem.h"
#include "sdmx.h"

#define TRACE_BYTES ((size_t)1 << 30)

void dataset_need(struct dataset *d, struct str key)
{
    if (!d->need)
        d->need = map_new(0);
    (void)map_intern(d->need, key, NULL);
}

void dataset_free(struct dataset *d)
{
    for (size_t i = 0; d->row && i < map_count(d->need); i++)
        js_free(d->row[i]);
    mem_free(d->row);
    map_free(d->need);
    map_free(d->terms);
    mem_free(d->text);
}

/* ---- the stream ---- */

/* "WB:CRIME_IND(1.0.0)" is derived from "WB:CRIME(1.0.0)". */
static int find_structure(struct explain *x, struct dataset *d, struct str id, struct err *e)
{
    const char *mark = memmem(id.p, id.n, "_IND(", 5);
    struct str base = id;
    if (mark) {
        size_t n = (size_t)(mark - id.p);
        const char *text =
            arena_fmt(&x->conf->arena, "%.*s%.*s", (int)n, id.p, (int)(id.n - n - 4), mark + 4);
        base = str_of(text);
    }
    int rc = structure_by_full_id(x->conf, base, &d->s, e);
    if (rc >= 0 && !d->s)
        rc = err_set(e, RC_DATA, "EXPLAIN-010", "structure %.*s is not one of the configuration",
                     STR_ARG(id));
    return rc < 0 || !mark ? rc : plan_load(&d->plan, x->conf, d->s, e);
}

/* The dimensions of the stream: the columns between ACTION and OBS_VALUE. */
static struct str row_key(const struct sdmx_reader *in, const struct sdmx_row *row, struct buf *b)
{
    int from = sdmx_find(in, "ACTION") + 1, to = sdmx_find(in, COL_VALUE);
    buf_reset(b);
    if (from > 0 && to > from)
        key_add(b, row->cell + from, (size_t)(to - from));
    return buf_view(b);
}

static struct json *row_json(const struct sdmx_reader *in, const struct sdmx_row *row)
{
    struct json *j = js_object();
    for (size_t i = 0; i < sdmx_columns(in); i++)
        if (sdmx_column(in, i)[0])
            js_set(j, sdmx_column(in, i), js_string(row->cell[i]));
    return j;
}

static int read_stream(struct explain *x, struct dataset *d, struct err *e)
{
    struct source *src CLEANUP(source_closep) = NULL;
    struct sdmx_reader *in CLEANUP(sdmx_closep) = NULL;
    struct sdmx_options how = {0};
    struct sdmx_row row;
    struct buf key CLEANUP(buf_free) = {.max = LIMIT_ROW_BYTES};
    int rc = source_open(&src, d->stream, e);
    if (rc >= 0)
        rc = sdmx_open(&in, src, &how, e);
    while (rc >= 0 && (rc = sdmx_next(in, &row, e)) > 0) {
        if (!d->s && (rc = find_structure(x, d, sdmx_structure_id(in), e)) < 0)
            return rc;
        const uint64_t *at = map_find(d->need, row_key(in, &row, &key));
        if (at && !d->row[*at])
            d->row[*at] = row_json(in, &row);
    }
    return rc;
}

/* ---- the trace ---- */

static int read_trace(struct dataset *d, struct err *e)
{
    size_t n = 0;
    int rc = file_slurp(d->trace, TRACE_BYTES, &d->text, &n, e);
    if (rc < 0)
        return rc;
    d->terms = map_new(0);
    for (char *line = d->text, *end; line < d->text + n; line = end + 1) {
        end = memchr(line, '\n', (size_t)(d->text + n - line));
        if (!end)
            return err_set(e, RC_DATA, "EXPLAIN-011", "%s is cut short", d->trace);
        struct str key = {line + 2, (size_t)(end - line) - 2};
        if (line[0] == '=' && map_find(d->need, key))
            (void)map_put(d->terms, key, (uint64_t)(end + 1 - d->text), NULL);
    }
    return 0;
}

int dataset_read(struct explain *x, struct dataset *d, struct err *e)
{
    if (!d->need)
        d->need = map_new(0);
    d->row = mem_array(map_count(d->need) + 1, sizeof *d->row);
    int rc = read_stream(x, d, e);
    return rc < 0 || !d->trace ? rc : read_trace(d, e);
}

/* ---- what a cell stands on ---- */

const struct json *dataset_row(const struct dataset *d, struct str key)
{
    const uint64_t *at = d->need ? map_find(d->need, key) : NULL;
    return at ? d->row[*at] : NULL;
}

const struct indicator *dataset_indicator(const struct dataset *d, const struct json *row)
{
    const struct indicator *all = d->plan ? d->plan->indicators.items : NULL;
    struct str id = js_str(js_get(row, "INDICATOR"));
    for (size_t i = 0; d->plan && i < d->plan->indicators.n; i++)
        if (str_is(id, all[i].id))
            return &all[i];
    return NULL;
}

/* The part of this role, made when it is the first of it. */
static struct json *part_of(struct json *parts, const char *role)
{
    for (size_t i = 0; i < js_count(parts); i++)
        if (str_is(js_str(js_get(js_at(parts, i), "role")), role))
            return js_get(js_at(parts, i), "items");
    struct json *part = js_object(), *items = js_array();
    js_set(part, "role", js_text(role));
    js_set(part, "items", items);
    js_push(parts, part);
    return items;
}

static void add_item(struct explain *x, const struct structure *s, struct str key,
                     struct json *items)
{
    struct json *item = js_object();
    js_set(item, "n", js_int((int64_t)explain_want(x, s, key)));
    js_push(items, item);
}

static struct str field(struct str *line)
{
    const char *tab = memchr(line->p, '\t', line->n);
    struct str f = {line->p, tab ? (size_t)(tab - line->p) : line->n};
    *line = str_cut(*line, f.n + 1);
    return f;
}

static int add_term(struct explain *x, const struct indicator *ind, struct str line,
                    struct json *parts, struct err *e)
{
    const struct structure *s = NULL;
    const char *role = "";
    struct str sum = field(&line), id = field(&line);
    int rc = structure_by_full_id(x->conf, id, &s, e);
    if (rc < 0 || !s)
        return rc;
    if (ind)
        rc = explain_sum(x, ind, sum.n == 1 ? (size_t)(sum.p[0] - '0') : 9, &role, e);
    if (rc >= 0)
        add_item(x, s, line, part_of(parts, role));
    return rc;
}

int dataset_parts(struct explain *x, struct dataset *d, struct str key, struct json *parts,
                  struct err *e)
{
    const struct json *row = dataset_row(d, key);
    const uint64_t *at = d->terms ? map_find(d->terms, key) : NULL;
    const struct indicator *ind = dataset_indicator(d, row);
    int rc = 0;
    if (row && !d->plan)
        add_item(x, d->s, key, part_of(parts, ""));
    for (char *line = at ? d->text + *at : NULL; line && *line && *line != '=' && rc >= 0;) {
        size_t n = strcspn(line, "\n");
        rc = add_term(x, ind, (struct str){line, n}, parts, e);
        line += n + (line[n] == '\n');
    }
    return rc;
}
