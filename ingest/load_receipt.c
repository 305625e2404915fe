/* load_receipt.c — what a load says when it is done: to people, to programs, and as the receipt
 * that the sender gets. */
#include "load.h"

#include "hash.h"

static struct json *receipt(const struct load *l, const struct load_counts *c, const char *sha)
{
    struct json *j = js_object(), *rows = js_object(), *file = js_object();
    js_set(j, "receipt", js_int(c->submission));
    js_set(j, "version", c->version ? js_int(c->version) : js_null());
    js_set(j, "repeat", js_bool(c->repeat_of != 0));
    js_set(j, "state", js_text(c->state));
    js_set(j, "structure", js_text(l->structure->id));
    js_set(j, "partner", js_text(l->partner));
    js_set(j, "sender", js_text(l->sender->key));
    js_set(j, "reason", js_text(l->o->reason ? l->o->reason : ""));
    js_set(j, "reason_code", js_text(l->o->reason_code ? l->o->reason_code : ""));
    js_set(j, "published_at", js_text(c->published_at[0] ? c->published_at : NULL));
    js_set(file, "name", js_text(load_file_name(l)));
    js_set(file, "sha256", js_text(sha));
    js_set(j, "file", file);
    js_set(j, "stream_seal", js_text(sdmx_seal(l->reader)));
    js_set(rows, "in", js_int((int64_t)l->rows));
    js_set(rows, "new", js_int(c->fresh));
    js_set(rows, "revised", js_int(c->revised));
    js_set(rows, "unchanged", js_int(c->unchanged));
    js_set(rows, "superseded", js_int(c->superseded));
    js_set(rows, "delete", js_int((int64_t)l->delete_rows));
    js_set(j, "rows", rows);
    js_set(j, "deleted", js_int(c->deleted));
    js_set(j, "refused", js_int(load_refused(l)));
    js_set(j, "partial", js_bool(load_refused(l) > 0));
    js_set(j, "over_sender", js_int(c->over_sender));
    return j;
}

/* To the files asked for and to the events, which take over j. */
static int hand_out(struct load *l, struct json *j, struct err *e)
{
    const char *const to[] = {l->o->receipt, l->o->remember};
    struct buf text;
    buf_init(&text, (size_t)1 << 20);
    js_write(&text, j, true);
    buf_char(&text, '\n');
    int rc = buf_ok(&text, "the receipt", e);
    for (size_t i = 0; i < ARRAY_LEN(to) && rc >= 0; i++)
        if (to[i])
            rc = file_write(to[i], buf_view(&text), e);
    buf_free(&text);
    event_emit(l->st->events, "receipt", j);
    return rc;
}

static int write_receipt(struct load *l, const struct load_counts *c, struct err *e)
{
    char sha[SHA256_HEX] = "";
    int rc = l->o->file ? sha256_file(l->o->file, sha, e) : 0;
    return rc < 0 ? rc : hand_out(l, receipt(l, c, sha), e);
}

static void warn_repeat(struct load *l, const struct load_counts *c)
{
    struct err w = {0};
    stage_note(l->st, "the same stream was loaded before: receipt %lld, %lld unchanged",
               (long long)c->submission, (long long)c->unchanged);
    if (c->later == 0)
        return;
    err_set(&w, RC_DATA, "LOAD-033", "%lld later submissions changed figures since receipt %lld",
            (long long)c->later, (long long)c->submission);
    err_hint(&w, "they stand; to take them back, load this once more with --again");
    stage_warn(l->st, &w);
}

static void tell(struct load *l, const struct load_counts *c)
{
    char end[160];
    if (l->waits)
        (void)snprintf(end, sizeof end, " when published; %s, see `rta submission show %lld`",
                       strcmp(c->state, "waiting") == 0 ? "waiting for answers" : c->state,
                       (long long)c->submission);
    else
        (void)snprintf(end, sizeof end, "; version %lld", (long long)c->version);
    stage_note(l->st,
               "receipt %lld: %lld new, %lld revised, %lld unchanged, %lld superseded,"
               " %lld deleted%s",
               (long long)c->submission, (long long)c->fresh, (long long)c->revised,
               (long long)c->unchanged, (long long)c->superseded, (long long)c->deleted, end);
}

int load_report(struct load *l, const struct load_counts *c, struct err *e)
{
    if (c->repeat_of)
        warn_repeat(l, c);
    else
        tell(l, c);
    if (c->over_sender > 0) {
        struct err w = {0};
        err_set(&w, RC_DATA, "LOAD-032", "%lld of the revised figures were another sender's",
                (long long)c->over_sender);
        err_hint(&w, "the former versions are kept: see rta.%s_hist", l->tab);
        stage_warn(l->st, &w);
    }
    l->st->totals.used = true;
    l->st->totals.in = l->rows;
    l->st->totals.passed = l->rows - (uint64_t)c->superseded;
    l->st->totals.merged = (uint64_t)c->superseded;
    return write_receipt(l, c, e);
}

/* The receipt of the first time as that of a repetition. */
static void as_repeat(struct json *j, const struct load_counts *c)
{
    static const char *const none[] = {"new", "revised", "superseded"};
    struct json *rows = js_get(j, "rows");
    js_set(j, "receipt", js_int(c->submission));
    js_set(j, "version", c->version ? js_int(c->version) : js_null());
    js_set(j, "repeat", js_bool(true));
    js_set(j, "state", js_text(c->state));
    js_set(j, "published_at", js_text(c->published_at[0] ? c->published_at : NULL));
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        js_set(rows, none[i], js_int(0));
    js_set(rows, "unchanged", js_int(c->unchanged));
    js_set(j, "deleted", js_int(0));
    js_set(j, "over_sender", js_int(0));
}

static int tell_known(struct load *l, struct json *j, struct err *e)
{
    static const char *const keys[] = {"structure", "stream_seal", "sender"};
    char text[3][128];
    const char *const ask[] = {text[0], text[1], text[2]};
    struct load_counts c = {0};
    struct json *rows = js_get(j, "rows");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        (void)snprintf(text[i], sizeof text[i], "%.*s", STR_ARG(js_str(js_get(j, keys[i]))));
    l->rows = (uint64_t)js_integer(js_get(rows, "in"), 0);
    l->delete_rows = (uint64_t)js_integer(js_get(rows, "delete"), 0);
    int rc = db_open(&l->db, NULL, "rta-load", e);
    if (rc >= 0)
        rc = load_repeated(l, ask, &c, e);
    if (rc == 0)
        stage_raise(l->st, RC_PARTIAL);
    if (rc <= 0)
        return rc;
    as_repeat(j, &c);
    warn_repeat(l, &c);
    l->st->totals.used = true;
    l->st->totals.in = l->st->totals.passed = l->rows;
    return hand_out(l, js_share(j), e);
}

int load_known(struct load *l, struct err *e)
{
    struct json *j CLEANUP(js_freep) = NULL;
    int rc = js_parse_file(&j, l->o->known, e);
    return rc < 0 ? rc : tell_known(l, j, e);
}
