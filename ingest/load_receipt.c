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

static int write_receipt(struct load *l, const struct load_counts *c, struct err *e)
{
    char sha[SHA256_HEX] = "";
    int rc = l->o->file ? sha256_file(l->o->file, sha, e) : 0;
    if (rc < 0)
        return rc;
    struct buf text;
    buf_init(&text, (size_t)1 << 20);
    struct json *j = receipt(l, c, sha);
    js_write(&text, j, true);
    buf_char(&text, '\n');
    rc = buf_ok(&text, "the receipt", e);
    if (rc >= 0 && l->o->receipt)
        rc = file_write(l->o->receipt, buf_view(&text), e);
    buf_free(&text);
    event_emit(l->st->events, "receipt", j);
    return rc;
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
