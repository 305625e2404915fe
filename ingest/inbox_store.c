/* inbox_store.c — rta.delivery: what the store knows of packets. Owns each result while it is read.
 */
#include "inbox.h"

#include "date.h"
#include "mem.h"

const char *const verdict_words[] = {"accepted", "refused", "held"};

static void copy(char *to, size_t size, const char *from) { (void)snprintf(to, size, "%s", from); }

int store_known(struct delivery *d, struct known *ret, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {d->sha256};
    *ret = (struct known){.there = false};
    int rc = db_query(d->desk->in->db, "look for the packet",
                      "SELECT state, chained, code, receipt_text, folder"
                      " FROM rta.delivery_known($1)",
                      params, 1, &r, e);
    if (rc < 0 || db_rows(r) == 0)
        return rc;
    ret->there = true;
    copy(ret->state, sizeof ret->state, db_value(r, 0, 0));
    ret->chained = db_value(r, 0, 1)[0] == 't';
    copy(ret->code, sizeof ret->code, db_value(r, 0, 2));
    copy(ret->folder, sizeof ret->folder, db_value(r, 0, 4));
    if (!db_null(r, 0, 3))
        ret->receipt = mem_text(db_cell(r, 0, 3));
    return 0;
}

/* What an unproved packet says about its sender is not written down as if it were so. */
static struct json *row_of(const struct delivery *d)
{
    const struct packet_manifest *m = &d->packet.m;
    struct json *j = js_object(), *manifest = NULL;
    js_set(j, "packet_sha256", js_text(d->sha256));
    js_set(j, "packet_name", js_text(d->name));
    js_set(j, "folder", js_text(d->desk->name));
    if (*d->desk->in->received)
        js_set(j, "received_at", js_text(d->desk->in->received));
    if (!d->proved)
        return j;
    js_set(j, "partner", js_text(m->partner));
    js_set(j, "sender", js_text(m->sender));
    js_set(j, "key_id", js_text(m->key));
    js_set(j, "sequence", js_int(m->sequence));
    js_set(j, "prev_hash", js_text(m->previous));
    js_set(j, "file_name", js_text(m->file));
    js_set(j, "file_sha256", js_text(m->file_sha256));
    js_set(j, "file_bytes", js_int(m->bytes));
    if (js_parse(&manifest, (struct str){d->packet.text, d->packet.ntext}, "manifest", NULL) == 0)
        js_set(j, "manifest", manifest);
    return j;
}

int store_take(struct delivery *d, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    struct json *row CLEANUP(js_freep) = row_of(d);
    struct buf b;
    buf_init(&b, (size_t)1 << 20);
    js_write(&b, row, false);
    const char *params[] = {buf_z(&b)};
    int rc = db_query(d->desk->in->db, "note the packet",
                      "SELECT to_char(received_at AT TIME ZONE 'UTC',"
                      " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), taken_at"
                      " FROM rta.delivery_take($1::jsonb)",
                      params, 1, &r, e);
    if (rc >= 0) {
        copy(d->received, sizeof d->received, db_value(r, 0, 0));
        copy(d->since, sizeof d->since, db_value(r, 0, 1));
    }
    buf_free(&b);
    return rc < 0 ? rc : 0;
}

int store_last(struct delivery *d, int64_t *ret_sequence, char ret_sha[SHA256_HEX], struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {d->packet.m.sender, d->packet.m.key};
    int rc =
        db_query(d->desk->in->db, "look for the packet before",
                 "SELECT sequence, packet_sha256 FROM rta.delivery_last($1, $2)", params, 2, &r, e);
    if (rc < 0)
        return rc;
    *ret_sequence = db_integer(r, 0, 0, 0);
    copy(ret_sha, SHA256_HEX, db_value(r, 0, 1));
    return 0;
}

int store_named(struct delivery *d, const char *name, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {name, d->sha256};
    int rc = db_query(d->desk->in->db, "look for the packet's name",
                      "SELECT rta.delivery_named($1, $2)", params, 2, &r, e);
    return rc < 0 ? rc : db_value(r, 0, 0)[0] == 't';
}

int store_loaded(struct delivery *d, struct json **ret, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {d->packet.m.sender, d->packet.m.file_sha256, d->since};
    int rc = db_query(d->desk->in->db, "look for the submission",
                      "SELECT id, version, structure, rows_in, rows_new, rows_revised,"
                      " rows_unchanged FROM rta.delivery_loaded($1, $2, $3::timestamptz)",
                      params, 3, &r, e);
    if (rc < 0 || db_rows(r) == 0)
        return rc < 0 ? rc : 0;
    struct json *j = js_object(), *rows = js_object();
    static const char *const names[] = {"in", "new", "revised", "unchanged"};
    js_set(j, "receipt", js_int(db_integer(r, 0, 0, 0)));
    js_set(j, "version", db_null(r, 0, 1) ? js_null() : js_int(db_integer(r, 0, 1, 0)));
    js_set(j, "repeat", js_bool(false));
    js_set(j, "structure", js_text(db_value(r, 0, 2)));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        js_set(rows, names[i], js_int(db_integer(r, 0, 3 + i, 0)));
    js_set(j, "rows", rows);
    *ret = j;
    return 1;
}

int store_answer(struct delivery *d, const char *receipt, struct err *e)
{
    char submissions[32] = "{}";
    char *line CLEANUP(mem_freep) = mem_text((struct str){receipt, strcspn(receipt, "\n")});
    if (d->submission)
        (void)snprintf(submissions, sizeof submissions, "{%d}", d->submission);
    const char *params[] = {d->sha256,
                            verdict_words[d->verdict],
                            d->code ? d->code : "",
                            d->consumed ? "t" : "f",
                            line,
                            receipt,
                            submissions};
    int rc = db_query(d->desk->in->db, "write the answer",
                      "SELECT rta.delivery_answer($1, $2, $3, $4::boolean, $5::jsonb, $6,"
                      " $7::integer[])",
                      params, ARRAY_LEN(params), NULL, e);
    return rc < 0 ? rc : 0;
}

int store_elsewhere(struct delivery *d, struct err *e)
{
    const char *params[] = {d->sha256, d->desk->name, d->name};
    int rc =
        db_query(d->desk->in->db, "note the packet in the audit",
                 "SELECT rta.delivery_elsewhere($1, $2, $3)", params, ARRAY_LEN(params), NULL, e);
    return rc < 0 ? rc : 0;
}

int store_moment(struct inbox *in, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    struct err why = {.rc = RC_OK};
    const char *params[] = {in->o->received};
    if (!in->o->received) {
        packet_now(in->received);
        (void)snprintf(in->day, sizeof in->day, "%.10s", in->received);
        in->received[0] = '\0';
        return 0;
    }
    int rc = !moment_ok(in->o->received)
                 ? -RC_USAGE
                 : db_query(in->db, "read --received",
                            "SELECT to_char($1::timestamptz AT TIME ZONE 'UTC',"
                            " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
                            params, 1, &r, &why);
    if (rc < 0 || strlen(db_value(r, 0, 0)) != PACKET_MOMENT - 1) {
        err_set(e, RC_USAGE, "INBOX-052", "--received is no moment: %s", in->o->received);
        return err_hint(e, "write 2026-01-31 or 2026-01-31T12:00:00Z");
    }
    copy(in->received, sizeof in->received, db_value(r, 0, 0));
    (void)snprintf(in->day, sizeof in->day, "%.10s", in->received);
    return 0;
}
