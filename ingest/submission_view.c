/* submission_view.c — what the store says of submissions, as JSON made by the server (so that its
 * members have one name everywhere), and laid out as pages. One snapshot for each view. */
#include "submission.h"

#include "bounds.h"

#define UTC "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'" /* the session's time is UTC */

#define LIST_COLUMNS                                                                       \
    "f.id AS submission, f.state, f.structure, f.partner, f.sender,"                       \
    " to_char(f.received_at, " UTC ") AS received_at, to_char(f.published_at, " UTC ") AS" \
    " published_at, f.version, to_char(f.embargo, " UTC ") AS embargo, f.rows_in,"         \
    " f.rows_new AS new, f.rows_revised AS revised, f.rows_unchanged AS unchanged,"        \
    " f.rows_superseded AS superseded_rows, f.rows_deleted AS deleted,"                    \
    " f.rows_refused AS refused, f.over_sender, rta.open_warnings(f.id) AS open,"          \
    " f.reason, f.reason_code, f.policy, f.supersedes, f.loaded_by,"                       \
    " to_char(f.loaded_at, " UTC ") AS loaded_at, f.file_name, f.file_sha256"

#define LIST                                                                          \
    "SELECT " LIST_COLUMNS " FROM rta.submission f"                                   \
    " WHERE ($1::text IS NULL OR f.state = $1)"                                       \
    " AND ($2::text IS NULL OR f.partner = $2 OR f.sender = $2)"                      \
    " AND ($3::text IS NULL OR f.structure = $3)"                                     \
    " AND ($4::boolean OR $1::text IS NOT NULL OR f.state IN ('received', 'checked'," \
    " 'waiting', 'accepted', 'approved')) ORDER BY f.id DESC LIMIT nullif($5::integer, 0)"

#define SHOW                                                             \
    "SELECT " LIST_COLUMNS ", f.base_version, f.stream_seal, f.settled," \
    " rta.submission_digest(f.id) AS digest,"                            \
    " CASE WHEN f.version IS NULL AND NOT f.settled"                     \
    " THEN rta.submission_fits(f.id) END AS fits FROM rta.submission f WHERE f.id = $1"

#define FINDINGS                                                                           \
    "SELECT n, rule, level, place, message, hint, answer, answered_by,"                    \
    " to_char(answered_at, " UTC ") AS answered_at FROM rta.finding WHERE submission = $1" \
    " ORDER BY n"

#define COVERAGE                                                                          \
    "SELECT area, freq, rta.period_text(freq, min(period)) AS first,"                     \
    " rta.period_text(freq, max(period)) AS last, count(*) AS periods, sum(rows) AS rows" \
    " FROM rta.coverage WHERE submission = $1 GROUP BY area, freq ORDER BY area, freq"

#define DECISIONS                                                                         \
    "SELECT id AS decision, submission, to_char(at, " UTC ") AS at, step, from_state,"    \
    " to_state, who, reason, to_char(embargo, " UTC ") AS embargo, digest FROM (SELECT *" \
    " FROM rta.decision WHERE $1::integer IS NULL OR submission = $1 ORDER BY id"         \
    " DESC LIMIT nullif($2::integer, 0)) d ORDER BY id"

static int fetch(struct desk_run *r, const char *sql, const char *const *params, size_t n,
                 struct json **ret, struct err *e)
{
    struct db_result *a CLEANUP(db_result_freep) = NULL;
    struct buf b CLEANUP(buf_free) = {.max = 65536};
    *ret = NULL;
    buf_fmt(&b, "SELECT coalesce(json_agg(x), '[]') FROM (%s) x", sql);
    int rc = buf_ok(&b, "the query", e);
    if (rc >= 0)
        rc = db_query(r->db, "read the submissions", buf_z(&b), params, n, &a, e);
    return rc < 0 ? rc : js_parse(ret, db_cell(a, 0, 0), "the store's answer", e);
}

/* JSON, HTML or text. */
static int put(struct desk_run *r, const struct json *data, const struct page *p, struct err *e)
{
    struct buf b CLEANUP(buf_free) = {.max = LIMIT_JSON_BYTES};
    int rc = 0;
    if (r->o->json) {
        js_write(&b, data, true);
        buf_char(&b, '\n');
    } else if (r->o->html) {
        rc = page_html(p, r->conf, &b, e);
    } else {
        page_text(p, &b);
    }
    if (rc >= 0)
        rc = buf_ok(&b, "the answer", e);
    if (rc >= 0)
        out_str(&r->st->out, buf_view(&b));
    return rc;
}

static const char *limit_text(const struct desk_run *r, char ret[24])
{
    (void)snprintf(ret, 24, "%lld", (long long)r->o->limit);
    return ret;
}

/* ---- list ---- */

static const struct page_column list_columns[] = {{"submission", "no", true},
                                                  {"state", "state", false},
                                                  {"structure", "structure", false},
                                                  {"sender", "sender", false},
                                                  {"received", "received", false},
                                                  {"new", "new", true},
                                                  {"revised", "revised", true},
                                                  {"deleted", "deleted", true},
                                                  {"open", "open", true}};

/* What the columns have no room for. */
static void complete(const struct json *rows)
{
    for (size_t i = 0; i < js_count(rows); i++) {
        struct json *row = js_at(rows, i);
        struct str at = js_str(js_get(row, "received_at")), emb = js_str(js_get(row, "embargo"));
        struct str why = js_str(js_get(row, "reason"));
        struct buf b CLEANUP(buf_free) = {.max = 65536};
        at.n = at.n > 10 ? 10 : at.n;
        js_set(row, "received", js_string(at));
        if (js_kind_of(js_get(row, "version")) == JS_NUMBER)
            buf_fmt(&b, "version %.*s", STR_ARG(js_str(js_get(row, "version"))));
        else if (emb.n)
            buf_fmt(&b, "not before %.*s", STR_ARG(emb));
        if (js_kind_of(js_get(row, "supersedes")) == JS_NUMBER)
            buf_fmt(&b, "%ssupersedes %.*s", b.n ? ", " : "",
                    STR_ARG(js_str(js_get(row, "supersedes"))));
        if (why.n) {
            buf_text(&b, b.n ? ": " : "");
            buf_str(&b, why);
        }
        js_set(row, "note", js_string(buf_view(&b)));
    }
}

static int list(struct desk_run *r, struct err *e)
{
    static const struct page_table table = {"", list_columns, ARRAY_LEN(list_columns), "note",
                                            "nothing is on its way"};
    CLEANUP(js_freep) struct json *rows = NULL;
    struct page page CLEANUP(page_free) = {0};
    char limit[24];
    const char *params[] = {r->o->state, r->o->partner, r->o->structure, r->o->all ? "t" : "f",
                            limit_text(r, limit)};
    int rc = fetch(r, LIST, params, ARRAY_LEN(params), &rows, e);
    if (rc < 0)
        return rc;
    if (!r->o->json)
        complete(rows);
    page_begin(&page, "Submissions", "");
    page_rows(&page, &table, rows);
    return put(r, rows, &page, e);
}

/* ---- show ---- */

static const struct page_column finding_columns[] = {{"n", "no", true},
                                                     {"level", "level", false},
                                                     {"rule", "rule", false},
                                                     {"place", "place", false}};
static const struct page_column coverage_columns[] = {
    {"area", "area", false}, {"freq", "freq", false},      {"first", "from", false},
    {"last", "to", false},   {"periods", "periods", true}, {"rows", "rows", true}};
static const struct page_column decision_columns[] = {
    {"at", "at", false},          {"submission", "no", true}, {"step", "step", false},
    {"to_state", "state", false}, {"who", "who", false},      {"brief", "digest", false}};

static const struct page_table finding_table = {"Findings", finding_columns,
                                                ARRAY_LEN(finding_columns), "note", "none"};
static const struct page_table coverage_table = {"Coverage", coverage_columns,
                                                 ARRAY_LEN(coverage_columns), NULL, "none"};
static const struct page_table decision_table = {"Steps", decision_columns,
                                                 ARRAY_LEN(decision_columns), "note", "none"};

static void brief(const struct json *rows)
{
    for (size_t i = 0; i < js_count(rows); i++) {
        struct json *row = js_at(rows, i);
        struct str digest = js_str(js_get(row, "digest")), emb = js_str(js_get(row, "embargo"));
        struct buf b CLEANUP(buf_free) = {.max = 65536};
        digest.n = digest.n > 12 ? 12 : digest.n;
        js_set(row, "brief", js_string(digest));
        buf_str(&b, js_str(js_get(row, "reason")));
        if (emb.n)
            buf_fmt(&b, "%snot before %.*s", b.n ? ". " : "", STR_ARG(emb));
        js_set(row, "note", js_string(buf_view(&b)));
    }
}

static void spell_findings(const struct json *rows)
{
    for (size_t i = 0; i < js_count(rows); i++) {
        struct json *row = js_at(rows, i);
        struct str answer = js_str(js_get(row, "answer")), hint = js_str(js_get(row, "hint"));
        struct buf b CLEANUP(buf_free) = {.max = 65536};
        buf_str(&b, js_str(js_get(row, "message")));
        if (hint.n) {
            buf_text(&b, ". ");
            buf_str(&b, hint);
        }
        if (answer.n) {
            buf_text(&b, " — answer of ");
            buf_str(&b, js_str(js_get(row, "answered_by")));
            buf_text(&b, ": ");
            buf_str(&b, answer);
        }
        js_set(row, "note", js_string(buf_view(&b)));
    }
}

static void facts(struct page *page, const struct json *s)
{
    static const char *const names[] = {
        "state",       "structure",  "partner",      "sender",     "reason",       "reason_code",
        "received_at", "loaded_by",  "loaded_at",    "file_name",  "file_sha256",  "policy",
        "embargo",     "supersedes", "published_at", "version",    "base_version", "rows_in",
        "new",         "revised",    "unchanged",    "superseded", "deleted",      "refused",
        "over_sender", "open",       "digest"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char label[32];
        (void)snprintf(label, sizeof label, "%s", names[i]);
        for (char *p = label; *p; p++)
            if (*p == '_')
                *p = ' ';
        page_fact(page, label, js_str(js_get(s, names[i])));
    }
    if (js_kind_of(js_get(s, "fits")) == JS_FALSE)
        page_fact(page, "look again",
                  STR("figures that it speaks of were published since it was compared: check it"));
}

/* Findings, coverage and steps of one submission. */
static int parts(struct desk_run *r, const char *id, struct json *ret, struct err *e)
{
    const char *params[] = {id, "0"};
    const struct {
        const char *key, *sql;
        size_t n;
    } part[] = {{"findings", FINDINGS, 1}, {"coverage", COVERAGE, 1}, {"decisions", DECISIONS, 2}};
    int rc = 0;
    for (size_t i = 0; i < ARRAY_LEN(part) && rc >= 0; i++) {
        struct json *rows = NULL;
        rc = fetch(r, part[i].sql, params, part[i].n, &rows, e);
        if (rc >= 0)
            js_set(ret, part[i].key, rows);
    }
    return rc;
}

static int one(struct desk_run *r, const char *id, struct json **ret, struct err *e)
{
    CLEANUP(js_freep) struct json *rows = NULL;
    const char *params[] = {id};
    *ret = NULL;
    int rc = fetch(r, SHOW, params, 1, &rows, e);
    if (rc < 0)
        return rc;
    if (js_count(rows) == 0) {
        err_set(e, RC_DATA, "SUBM-004", "there is no submission %s", id);
        return err_hint(e, "`rta submission list --all` shows those that you may see");
    }
    *ret = js_share(js_at(rows, 0));
    return 0;
}

static int show(struct desk_run *r, struct err *e)
{
    CLEANUP(js_freep) struct json *s = NULL;
    struct page page CLEANUP(page_free) = {0};
    const char *id;
    char title[48];
    int rc = submission_number(r, 1, &id, e);
    if (rc < 0 || (rc = one(r, id, &s, e)) < 0 || (rc = parts(r, id, s, e)) < 0)
        return rc;
    (void)snprintf(title, sizeof title, "Submission %s", id);
    page_begin(&page, title, "");
    if (!r->o->json) {
        brief(js_get(s, "decisions"));
        spell_findings(js_get(s, "findings"));
    }
    facts(&page, s);
    page_rows(&page, &coverage_table, js_get(s, "coverage"));
    page_rows(&page, &finding_table, js_get(s, "findings"));
    page_rows(&page, &decision_table, js_get(s, "decisions"));
    return put(r, s, &page, e);
}

static int history(struct desk_run *r, struct err *e)
{
    CLEANUP(js_freep) struct json *rows = NULL;
    CLEANUP(js_freep) struct json *seen = NULL;
    struct page page CLEANUP(page_free) = {0};
    const char *id = NULL;
    char limit[24];
    int rc = r->st->nargs > 1 ? submission_number(r, 1, &id, e) : 0;
    const char *params[] = {id, limit_text(r, limit)};
    if (rc >= 0 && id) /* no steps of one that is not there would look like an answer */
        rc = one(r, id, &seen, e);
    if (rc >= 0)
        rc = fetch(r, DECISIONS, params, 2, &rows, e);
    if (rc < 0)
        return rc;
    if (!r->o->json)
        brief(rows);
    page_begin(&page, "Steps", "");
    page_rows(&page, &decision_table, rows);
    return put(r, rows, &page, e);
}

/* ---- diff ---- */

static const struct page_column diff_columns[] = {
    {"change", "change", false}, {"period", "period", false}, {"old", "before", true},
    {"new", "after", true},      {"by", "difference", true},  {"key", "series", false}};

/* The words of a change, its marks in one text, the key as SDMX writes it. */
static int diff_sql(struct desk_run *r, const char *id, struct buf *b, struct err *e)
{
    struct db_result *a CLEANUP(db_result_freep) = NULL;
    const char *params[] = {id};
    int rc = db_query(r->db, "read the structure",
                      "SELECT quote_ident(s.tab || '_series'), rta.dim_list(s.dims, 's.') FROM"
                      " rta.structure s JOIN rta.submission f ON f.structure = s.id"
                      " WHERE f.id = $1",
                      params, 1, &a, e);
    if (rc < 0)
        return rc;
    buf_fmt(
        b,
        "SELECT CASE c.what WHEN 'n' THEN 'new' WHEN 'd' THEN 'deleted' ELSE 'revised' END AS "
        "change, concat_ws('.', %s) AS key,"
        " rta.period_text(s.freq, c.period) AS period, c.old_value AS old,"
        " c.new_value AS new, CASE WHEN c.old_value <> 'NaN' AND c.new_value <> 'NaN'"
        " THEN c.new_value - c.old_value END AS by,"
        " nullif(concat_ws('; ', %s), '') AS marks, c.src"
        " FROM rta.submission_changes($1) c JOIN rta.%s s USING (series_id)"
        " ORDER BY %s, c.period LIMIT nullif($2::integer, 0)",
        db_value(a, 0, 1),
        "CASE WHEN c.what <> 'd' AND c.old_status IS DISTINCT FROM c.new_status THEN 'status '"
        " || coalesce(c.old_status, '-') || ' > ' || coalesce(c.new_status, '-') END,"
        " CASE WHEN c.what <> 'd' AND c.old_conf IS DISTINCT FROM c.new_conf THEN 'confidentiality "
        "'"
        " || coalesce(c.old_conf, '-') || ' > ' || coalesce(c.new_conf, '-') END,"
        " CASE WHEN c.what <> 'd' AND c.old_comment IS DISTINCT FROM c.new_comment THEN 'comment '"
        " || coalesce(c.old_comment, '-') || ' > ' || coalesce(c.new_comment, '-') END,"
        " CASE WHEN c.what <> 'd' AND c.old_nature IS DISTINCT FROM c.new_nature THEN 'nature '"
        " || coalesce(c.old_nature, '-') || ' > ' || coalesce(c.new_nature, '-') END",
        db_value(a, 0, 0), db_value(a, 0, 1));
    return buf_ok(b, "the query", e);
}

static int diff(struct desk_run *r, struct err *e)
{
    static const struct page_table table = {"", diff_columns, ARRAY_LEN(diff_columns), "marks",
                                            "it changes nothing"};
    CLEANUP(js_freep) struct json *rows = NULL, *s = NULL, *all = js_object();
    struct page page CLEANUP(page_free) = {0};
    struct buf sql CLEANUP(buf_free) = {.max = 65536};
    const char *id;
    char limit[24], title[48], lead[160];
    int rc = submission_number(r, 1, &id, e);
    const char *params[] = {id, limit_text(r, limit)};
    if (rc < 0 || (rc = one(r, id, &s, e)) < 0 || (rc = diff_sql(r, id, &sql, e)) < 0 ||
        (rc = fetch(r, buf_z(&sql), params, 2, &rows, e)) < 0)
        return rc;
    int64_t of = js_integer(js_get(s, "new"), 0) + js_integer(js_get(s, "revised"), 0) +
                 js_integer(js_get(s, "deleted"), 0);
    (void)snprintf(title, sizeof title, "What submission %s changes", id);
    (void)snprintf(lead, sizeof lead, "%zu of %lld changes; %lld figures stay as they are",
                   js_count(rows), (long long)of, (long long)js_integer(js_get(s, "unchanged"), 0));
    page_begin(&page, title, lead);
    page_rows(&page, &table, rows);
    js_set(all, "submission", js_share(s));
    js_set(all, "changes", js_share(rows));
    return put(r, all, &page, e);
}

/* The tables of what waits are held before the snapshot is taken, so that nothing is cleared away
 * that it needs. */
static int begin(struct desk_run *r, struct err *e)
{
    struct db_result *a CLEANUP(db_result_freep) = NULL;
    struct buf b CLEANUP(buf_free) = {.max = 65536};
    int rc = db_query(r->db, "read the structures",
                      "SELECT 'LOCK TABLE ' || string_agg(format('ONLY rta.%I', tab || '_wait'),"
                      " ', ') || ' IN ACCESS SHARE MODE' FROM rta.structure",
                      NULL, 0, &a, e);
    if (rc < 0)
        return rc;
    buf_fmt(&b, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; %s", db_value(a, 0, 0));
    rc = buf_ok(&b, "the query", e);
    return rc < 0 ? rc : db_script(r->db, "begin reading", buf_z(&b), e);
}

int submission_view(struct desk_run *r, struct err *e)
{
    int (*const views[])(struct desk_run *, struct err *) = {list, show, diff, history};
    static const char *const names[] = {"list", "show", "diff", "history"};
    int rc = begin(r, e);
    for (size_t i = 0; i < ARRAY_LEN(names) && rc >= 0; i++)
        if (strcmp(r->verb, names[i]) == 0)
            return views[i](r, e);
    return rc;
}
