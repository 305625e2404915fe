/* remind_letter.c — what a partner is reminded of, and the letter that says so. A step that was
 * reminded of before is looked up in the store; the letter's data and text belong to struct letter.
 */
#include "remind.h"

#include "hash.h"
#include "mail.h"
#include "mem.h"
#include "mustache.h"

#include <unistd.h>

/* Does this cell owe a delivery? One that an outside source makes is not the partner's to send. The
 * day itself can be a day of reminder, although nothing is late yet. */
static bool owes(const struct remind *r, const struct cell *c)
{
    return c->rule && !c->rule->sender && !cell_came(c) && c->state != CELL_UNSEEN &&
           (c->state != CELL_NOT_DUE || calendar_step(c->rule, c->period, r->grid.today) >= 0);
}

static bool asked(const struct cell *c) { return c->open > 0 && c->rule && !c->rule->sender; }

/* 1 when this step of the cell was not reminded of yet, 0 when it was. */
static int is_new(struct remind *r, const struct json *item, const char *partner, struct err *e)
{
    struct db_result *found CLEANUP(db_result_freep) = NULL;
    char period[24], submission[24];
    const char *params[] = {js_str(js_get(item, "structure")).p, partner,
                            js_str(js_get(item, "freq")).p,      period,
                            js_str(js_get(item, "step")).p,      submission};
    (void)snprintf(period, sizeof period, "%lld", (long long)js_integer(js_get(item, "period"), 0));
    (void)snprintf(submission, sizeof submission, "%lld",
                   (long long)js_integer(js_get(item, "submission"), 0));
    int rc = db_query(r->db, "look for earlier letters",
                      "SELECT count(*) FROM rta.letter_item WHERE structure = $1 AND partner = $2"
                      " AND freq = $3 AND period = $4::integer AND step = $5"
                      " AND submission = $6::integer",
                      params, ARRAY_LEN(params), &found, e);
    return rc < 0 ? rc : db_integer(found, 0, 0, 0) == 0;
}

/* Push the item when it is new; *ret says whether it was. */
static int remember(struct remind *r, struct letter *l, struct json *item, bool *ret, struct err *e)
{
    int rc = is_new(r, item, l->partner, e);
    *ret = rc > 0;
    if (rc > 0)
        js_push(l->items, item);
    else
        js_free(item);
    return rc;
}

static struct json *item_of(const struct block *b, const struct cell *c, const char *step,
                            int64_t submission)
{
    struct json *j = js_object();
    char freq[2] = {(char)b->freq, 0};
    js_set(j, "structure", js_text(b->structure));
    js_set(j, "freq", js_text(freq));
    js_set(j, "period", js_int(period_code(c->period)));
    js_set(j, "step", js_text(step));
    js_set(j, "submission", js_int(submission));
    return j;
}

static struct json *line_of(const struct block *b, const struct cell *c)
{
    struct json *j = js_object();
    char period[PERIOD_TEXT_MAX];
    (void)period_text(c->period, period);
    js_set(j, "structure", js_text(b->structure));
    js_set(j, "name", js_text(b->name));
    js_set(j, "period", js_text(period));
    return j;
}

static int say_missing(struct remind *r, struct letter *l, const struct block *b,
                       const struct cell *c, struct err *e)
{
    char due[DAY_TEXT_MAX], freeze[DAY_TEXT_MAX], step[24] = "";
    bool fresh = false;
    int days = calendar_step(c->rule, c->period, r->grid.today), rc = 0;
    if (days >= 0) {
        (void)snprintf(step, sizeof step, "T+%d", days);
        rc = remember(r, l, item_of(b, c, step, 0), &fresh, e);
    }
    struct json *line = line_of(b, c);
    js_set(line, "due", js_text(day_text(c->due, due)));
    js_set(line, "late", js_int(cell_late(c, r->grid.today)));
    js_set(line, "one_day", js_bool(cell_late(c, r->grid.today) == 1));
    js_set(line, "overdue", js_bool(cell_late(c, r->grid.today) > 0));
    js_set(line, "step", js_text(step));
    js_set(line, "new", js_bool(fresh));
    js_set(line, "last", js_bool(c->rule->nsteps && days == c->rule->steps[c->rule->nsteps - 1]));
    js_set(line, "frozen", js_bool(r->grid.today > calendar_day(c->period, c->rule->freeze)));
    js_set(line, "freeze", js_text(day_text(calendar_day(c->period, c->rule->freeze), freeze)));
    js_set(line, "returned", c->state == CELL_RETURNED ? js_int(c->submission) : js_null());
    js_push(js_get(l->data, "missing"), line);
    return rc;
}

static int say_asked(struct remind *r, struct letter *l, const struct block *b,
                     const struct cell *c, struct err *e)
{
    bool fresh = false;
    char since[DAY_TEXT_MAX];
    int rc = 0;
    if (c->asked != NO_DAY && r->grid.today > c->asked + c->rule->answer)
        rc = remember(r, l, item_of(b, c, "answer", c->submission), &fresh, e);
    struct json *line = line_of(b, c);
    js_set(line, "submission", js_int(c->submission));
    js_set(line, "open", js_int(c->open));
    js_set(line, "one", js_bool(c->open == 1));
    js_set(line, "since", c->asked == NO_DAY ? js_null() : js_text(day_text(c->asked, since)));
    js_set(line, "days", js_int(c->rule->answer));
    js_push(js_get(l->data, "answers"), line);
    return rc;
}

static int gather(struct remind *r, size_t partner, struct letter *l, struct err *e)
{
    int rc = 0;
    js_set(l->data, "missing", js_array());
    js_set(l->data, "answers", js_array());
    for (size_t i = 0; i < r->grid.nblocks; i++) {
        const struct block *b = &r->grid.blocks[i];
        for (size_t k = 0; k < b->periods && rc >= 0; k++) {
            const struct cell *c = grid_cell(&r->grid, b, partner, k);
            if (owes(r, c))
                rc = say_missing(r, l, b, c, e);
            else if (asked(c))
                rc = say_asked(r, l, b, c, e);
        }
    }
    return rc;
}

/* The letter in its language; the first line is "Subject: …", the letter begins after a blank one.
 */
static int fill(struct remind *r, struct letter *l, struct err *e)
{
    struct arena *a = &r->conf->arena;
    const char *folder = l->folder;
    struct mustache_folders from = {&folder, 1, a};
    struct mustache_options o = {.partial = mustache_from_folders, .ctx = &from, .strict = true};
    buf_init(&l->text, (size_t)1 << 20);
    int rc = mustache_render(&l->text, STR("{{>reminder}}\n"), "remind", l->data, &o, e);
    if (rc < 0 || (rc = buf_ok(&l->text, "the letter", e)) < 0)
        return rc;
    static const char mark[] = "Subject: ";
    const char *text = buf_z(&l->text), *end = strstr(text, "\n\n");
    if (strncmp(text, mark, sizeof mark - 1) != 0 || !end ||
        memchr(text, '\n', (size_t)(end - text)))
        return err_set(e, RC_CONFIG, "REM-011",
                       "%s/reminder.mustache does not begin with a line \"Subject: …\" and a blank"
                       " one",
                       folder);
    l->subject = (struct str){text + sizeof mark - 1, (size_t)(end - text) - (sizeof mark - 1)};
    l->body = str_of(end + 2);
    while (l->body.n > 1 && l->body.p[l->body.n - 1] == '\n' && l->body.p[l->body.n - 2] == '\n')
        l->body.n--;
    return 0;
}

/* File and message are named by what the letter is, so that writing it again writes the same. */
static int give_names(struct remind *r, struct letter *l, struct err *e)
{
    struct db_result *before CLEANUP(db_result_freep) = NULL;
    const char *params[] = {l->partner, r->grid.today_text};
    int rc = db_query(r->db, "count the letters of the day",
                      "SELECT count(*) FROM rta.letter WHERE partner = $1 AND day = $2::date",
                      params, 2, &before, e);
    if (rc < 0)
        return rc;
    long long n = db_integer(before, 0, 0, 0);
    char more[24] = "", hex[SHA256_HEX];
    if (n)
        (void)snprintf(more, sizeof more, "-%lld", n + 1);
    (void)snprintf(l->file, sizeof l->file, "%s-%.24s%s.txt", r->grid.today_text, l->partner, more);
    struct sha256 *h = sha256_new();
    sha256_add(h, l->file, strlen(l->file) + 1);
    sha256_add(h, buf_z(&l->text), l->text.n);
    sha256_hex(h, hex);
    sha256_free(h);
    const char *at = r->policy.from ? strchr(r->policy.from, '@') : NULL;
    (void)snprintf(l->id, sizeof l->id, "rta.%.40s@%.80s", hex, at ? at + 1 : "rta.invalid");
    return 0;
}

static size_t number_of(const struct remind *r, const char *partner)
{
    size_t i = 0;
    while (i + 1 < r->grid.npartners && strcmp(r->grid.partners[i], partner) != 0)
        i++;
    return i;
}

int letter_make(struct remind *r, const char *partner, struct letter *l, bool *ret_any,
                struct err *e)
{
    l->folder = mail_policy_letters(r->conf, &r->policy, partner, &l->lang);
    l->data = js_object();
    l->items = js_array();
    js_set(l->data, "partner",
           js_text(region_name(r->conf, r->grid.region, partner, l->lang, r->grid.today_text)));
    js_set(l->data, "region", js_text(r->grid.region->name));
    js_set(l->data, "today", js_text(r->grid.today_text));
    js_set(l->data, "signature",
           js_text(r->policy.signature ? r->policy.signature : r->grid.region->name));
    const struct partner *named = region_partner(r->grid.region, str_of(partner));
    const char *note =
        named && named->footnote ? region_footnote(r->grid.region, named->footnote, l->lang) : NULL;
    js_set(l->data, "mark", js_text(note ? named->mark : NULL));
    js_set(l->data, "note", js_text(note));
    int rc = gather(r, number_of(r, partner), l, e);
    *ret_any = rc >= 0 && js_count(l->items) > 0;
    if (rc < 0 || !*ret_any)
        return rc;
    js_set(l->data, "some_missing", js_bool(js_count(js_get(l->data, "missing")) > 0));
    js_set(l->data, "some_answers", js_bool(js_count(js_get(l->data, "answers")) > 0));
    rc = fill(r, l, e);
    return rc < 0 ? rc : give_names(r, l, e);
}

int letter_keep(struct remind *r, const struct letter *l, struct err *e)
{
    struct db_result *got CLEANUP(db_result_freep) = NULL;
    const struct mail_partner *p =
        r->o->mail && r->policy.server ? mail_policy_partner(&r->policy, l->partner) : NULL;
    struct buf items, to, subject;
    buf_init(&items, (size_t)16 << 20);
    buf_init(&to, 65536);
    buf_init(&subject, 65536);
    js_write(&items, l->items, false);
    buf_char(&to, '{'); /* addresses were checked: nothing in them means anything here */
    for (size_t i = 0; p && i < p->to.n; i++)
        buf_fmt(&to, "%s\"%s\"", i ? "," : "", ((const char *const *)p->to.items)[i]);
    buf_char(&to, '}');
    buf_str(&subject, l->subject);
    char *body = mem_text(l->body);
    const char *params[] = {l->partner, l->lang, r->grid.today_text, buf_z(&subject), body,
                            l->file,    l->id,   buf_z(&to),         buf_z(&items)};
    int rc = db_query(r->db, "keep a letter",
                      "SELECT rta.letter_add($1, $2, $3::date, $4, $5, $6, $7, $8::text[],"
                      " $9::jsonb)",
                      params, ARRAY_LEN(params), &got, e);
    mem_free(body);
    buf_free(&items);
    buf_free(&to);
    buf_free(&subject);
    return rc < 0 ? rc : !db_null(got, 0, 0);
}

void letter_free(struct letter *l)
{
    js_free(l->data);
    js_free(l->items);
    buf_free(&l->text);
}
