/* load_extra.c — what a submission carries beside its rows: which areas and periods it speaks of,
 * counted as the rows pass, and what was found in it, read from a file of `rta check`. */
#include "load.h"

#include "codes.h"
#include "mem.h"

#define FINDINGS_MAX 100000
#define FINDINGS_BYTES ((size_t)256 << 20)

static int flush_coverage(struct load *l, struct err *e)
{
    struct buf b;
    int rc = 0;
    buf_init(&b, (size_t)16 << 20);
    for (size_t i = 0; i < l->cover.n && rc >= 0; i++) {
        const struct load_cell *c = &l->cover.cells[i];
        struct str group = map_key(l->cover.groups, c->group); /* area, LOAD_SEP, frequency */
        db_copy_field(&b, (struct str){group.p, group.n - 2});
        buf_fmt(&b, "\t%c\t%d\t%llu\n", group.p[group.n - 1], c->period,
                (unsigned long long)c->rows);
        if (b.n > ((size_t)1 << 20))
            rc = load_copy_text(l, "COPY pg_temp.rta_v FROM STDIN", &b, e);
    }
    if (rc >= 0)
        rc = load_copy_text(l, "COPY pg_temp.rta_v FROM STDIN", &b, e);
    buf_free(&b);
    return rc;
}

/* ---- findings ---- */

static void field(struct buf *b, struct str s)
{
    db_copy_field(b, s);
    buf_char(b, '\t');
}

/* A finding of `rta check --findings`, or a message of its events. What is neither is passed over:
 * information asks nothing of anybody. */
static void add_finding(struct load *l, const struct json *j, struct buf *b)
{
    bool event = js_get(j, "event") != NULL;
    struct str level = js_str(js_get(j, "level")), program = js_str(js_get(j, "program"));
    if (!str_is(level, "warning") && !str_is(level, "error"))
        return;
    if (event && (!str_is(js_str(js_get(j, "event")), "message") || !str_is(program, "rta-check")))
        return;
    buf_fmt(b, "%zu\t", ++l->findings);
    field(b, js_str(js_get(j, event ? "id" : "rule")));
    field(b, level);
    field(b, js_str(js_get(j, "place")));
    field(b, js_str(js_get(j, event ? "text" : "reason")));
    db_copy_field(b, js_str(js_get(j, event ? "hint" : "fix")));
    buf_char(b, '\n');
}

static int add_line(struct load *l, struct str line, size_t n, struct buf *b, struct err *e)
{
    struct json *j CLEANUP(js_freep) = NULL;
    struct err why = {0};
    if (line.n == 0)
        return 0;
    if (js_parse(&j, line, l->o->findings, &why) < 0 || js_kind_of(j) != JS_OBJECT) {
        err_set(e, RC_DATA, "LOAD-061", "not a finding");
        (void)err_place(e, "%s:%zu", l->o->findings, n);
        return err_hint(e, "give the file of `rta check --findings FILE.ndjson` or its --events");
    }
    if (l->findings < FINDINGS_MAX) {
        add_finding(l, j, b);
        return 0;
    }
    err_set(e, RC_DATA, "LOAD-062", "more than %d findings", FINDINGS_MAX);
    (void)err_place(e, "%s:%zu", l->o->findings, n);
    return err_hint(e, "send the delivery back: nobody can answer that many");
}

static int copy_findings(struct load *l, struct err *e)
{
    char *text CLEANUP(mem_freep) = NULL;
    size_t n = 0, at = 0;
    struct buf b;
    int rc = l->o->findings ? file_slurp(l->o->findings, FINDINGS_BYTES, &text, &n, e) : 0;
    buf_init(&b, FINDINGS_BYTES);
    struct str rest = {text, n};
    while (rc >= 0 && rest.n > 0) {
        const char *end = memchr(rest.p, '\n', rest.n);
        size_t k = end ? (size_t)(end - rest.p) : rest.n;
        rc = add_line(l, (struct str){rest.p, k}, ++at, &b, e);
        rest = str_cut(rest, end ? k + 1 : k);
    }
    if (rc >= 0)
        rc = load_copy_text(l, "COPY pg_temp.rta_f FROM STDIN", &b, e);
    buf_free(&b);
    return rc;
}

int load_extra(struct load *l, struct err *e)
{
    int rc = flush_coverage(l, e);
    return rc < 0 ? rc : copy_findings(l, e);
}

/* ---- the code of a reason ---- */

int load_reason(struct load *l, struct err *e)
{
    const struct codelist *codes = NULL;
    const struct code *near[3];
    if (!l->o->reason_code)
        return 0;
    int rc = codelist_load(l->conf, "REVISION_REASON", &codes, e);
    if (rc < 0 || codelist_find(codes, str_of(l->o->reason_code)))
        return rc;
    err_set(e, RC_USAGE, "LOAD-063", "no reason is coded %s", l->o->reason_code);
    return codelist_nearest(codes, str_of(l->o->reason_code), near)
               ? err_hint(e, "did you mean %.*s?", STR_ARG(near[0]->id))
               : err_hint(e, "see config/codelists/REVISION_REASON.csv");
}
