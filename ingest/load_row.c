/* load_row.c — one row of the stream: which column is what, the checks that guard the store's own
 * sense (one structure, one sender who may send this area, known codes, a real period, a real
 * number), and its place in the source. Content is `rta check`'s. Owns nothing. */
#include "load.h"

#include "bounds.h"
#include "num.h"

static const struct {
    const char *name;
    char clear; /* letter in rta_d.clear; 0: provenance, not part of the observation */
} columns[LOAD_COLS] = {
    [LOAD_VALUE] = {"OBS_VALUE", 'V'},
    [LOAD_STATUS] = {"OBS_STATUS", 'S'},
    [LOAD_CONF] = {"CONF_STATUS", 'C'},
    [LOAD_COMMENT] = {"COMMENT", 'T'},
    [LOAD_NATURE] = {"NATURE", 'N'},
    [LOAD_SENDER] = {"SENDER", 0},
    [LOAD_SRC] = {"SRC", 0},
    [LOAD_SRC_KEY] = {"SRC_KEY", 0},
    [LOAD_SRC_VALUE] = {"SRC_VALUE", 0},
    [LOAD_GRADE] = {"GRADE", 0},
    [LOAD_REVIEWED] = {"REVIEWED", 0},
};

static struct str cell_of(const struct load *l, const struct sdmx_row *row, enum load_col c)
{
    return l->col[c] < 0 ? (struct str){"", 0} : row->cell[l->col[c]];
}

struct str load_dim(const struct load *l, const struct sdmx_row *row, size_t i)
{
    return l->dim[i] < 0 ? (struct str){"", 0} : row->cell[l->dim[i]];
}

int load_fault_at(const struct load *l, const struct sdmx_row *row, struct err *e)
{
    struct str src = cell_of(l, row, LOAD_SRC);
    if (src.n)
        return err_place(e, "%.*s (%s:%zu)", STR_ARG(src), sdmx_name(l->reader), row->line);
    return err_place(e, "%s:%zu", sdmx_name(l->reader), row->line);
}

/* ---- the head of the stream ---- */

static int find_sender(struct load *l, const struct sdmx_row *row, struct err *e)
{
    struct str key = cell_of(l, row, LOAD_SENDER);
    if (key.n == 0 && l->o->sender)
        key = str_of(l->o->sender);
    if (key.n == 0) {
        err_set(e, RC_DATA, "LOAD-010", "the stream does not say who sent it");
        (void)load_fault_at(l, row, e);
        return err_hint(e, "give --sender, a key of senders in config/region.yaml");
    }
    l->sender = region_sender(l->region, key);
    if (!l->sender) {
        err_set(e, RC_DENIED, "LOAD-011", "sender %.*s is not known", STR_ARG(key));
        (void)load_fault_at(l, row, e);
        return err_hint(e, "senders are listed in config/region.yaml");
    }
    l->partner = l->sender->partner ? l->sender->partner : "";
    if (!l->o->partner || strcmp(l->o->partner, l->partner) == 0 ||
        strcmp(l->o->partner, l->sender->key) == 0)
        return 0;
    err_set(e, RC_DENIED, "LOAD-012", "this is a delivery of %s, not of %s", l->sender->key,
            l->o->partner);
    (void)load_fault_at(l, row, e);
    return err_hint(e, "load it with --partner %s", *l->partner ? l->partner : l->sender->key);
}

static int find_structure(struct load *l, const struct sdmx_row *row, struct err *e)
{
    struct str id = sdmx_structure_id(l->reader);
    int rc = structure_by_full_id(l->conf, id, &l->structure, e);
    if (rc < 0)
        return rc;
    if (!l->structure) {
        err_set(e, RC_DATA, "LOAD-013", "the store keeps no structure %.*s", STR_ARG(id));
        (void)load_fault_at(l, row, e);
        return err_hint(e, "put rta map before rta load, or add it to config/structures");
    }
    (void)snprintf(l->structure_id, sizeof l->structure_id, "%.*s", STR_ARG(id));
    (void)snprintf(l->tab, sizeof l->tab, "%s", l->structure->id);
    for (char *p = l->tab; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + ('a' - 'A'));
    return 0;
}

/* Sealed files that are no deliveries, known by a column that only they have. */
static int check_purpose(const struct load *l, const struct sdmx_row *row, struct err *e)
{
    const bool refused = sdmx_find(l->reader, "RULE") >= 0;
    if (!refused && sdmx_find(l->reader, "TO_SUBMISSION") < 0)
        return 0;
    err_set(e, RC_DATA, "LOAD-050", "%s cannot be loaded",
            refused ? "rows that rta check refused" : "the former figures of a history");
    (void)load_fault_at(l, row, e);
    return err_hint(e, refused ? "correct the sender's file and read it again"
                               : "pull without --history, or with --as-of");
}

int load_columns(struct load *l, const struct sdmx_row *row, struct err *e)
{
    for (size_t c = 0; c < LOAD_COLS; c++)
        l->col[c] = sdmx_find(l->reader, columns[c].name);
    int rc = check_purpose(l, row, e);
    if (rc == 0)
        rc = find_structure(l, row, e);
    if (rc < 0)
        return rc;
    const struct structure *s = l->structure;
    for (size_t i = 0; i < s->ndims; i++)
        l->dim[i] = sdmx_find(l->reader, s->dims[i].id);
    l->ndims = s->ndims - 1;
    l->adjacent = l->dim[0] >= 0;
    for (size_t i = 1; i < l->ndims; i++)
        l->adjacent = l->adjacent && l->dim[i] == l->dim[i - 1] + 1;
    l->freq = structure_role(s, DIM_FREQ);
    l->area = structure_role(s, DIM_AREA);
    l->time = structure_role(s, DIM_TIME);
    if (l->freq < 0 || l->time != (int)l->ndims) {
        err_set(e, RC_CONFIG, "LOAD-014", "structure %s cannot be kept", s->id);
        return err_hint(e, "the store needs a dimension FREQ, and TIME_PERIOD as the last");
    }
    l->first = row->action == 'I' || row->action == 'A' ? 'M' : row->action;
    l->in_order = l->first == 'D';
    return find_sender(l, row, e);
}

/* ---- every row ---- */

static int check_head(struct load *l, const struct sdmx_row *row, struct err *e)
{
    struct str sender = cell_of(l, row, LOAD_SENDER);
    if (!str_is(sdmx_structure_id(l->reader), l->structure_id)) {
        err_set(e, RC_DATA, "LOAD-015", "a second structure: %.*s after %s",
                STR_ARG(sdmx_structure_id(l->reader)), l->structure_id);
        (void)load_fault_at(l, row, e);
        return err_hint(e, "load each structure by itself");
    }
    if (sender.n == 0 || str_is(sender, l->sender->key))
        return 0;
    err_set(e, RC_DATA, "LOAD-016", "a second sender: %.*s after %s", STR_ARG(sender),
            l->sender->key);
    (void)load_fault_at(l, row, e);
    return err_hint(e, "load each sender's delivery by itself");
}

static int check_area(struct load *l, const struct sdmx_row *row, struct err *e)
{
    if (l->area < 0)
        return 0;
    struct str area = load_dim(l, row, (size_t)l->area);
    if (area.n == 0 || sender_may(l->sender, area))
        return 0;
    err_set(e, RC_DENIED, "LOAD-017", "%s may not send figures of %.*s", l->sender->key,
            STR_ARG(area));
    (void)load_fault_at(l, row, e);
    return err_hint(e, "what a sender may send is in config/region.yaml");
}

static int check_period(struct load *l, const struct sdmx_row *row, struct err *e)
{
    struct str text = load_dim(l, row, (size_t)l->time);
    struct str freq = load_dim(l, row, (size_t)l->freq);
    if (!str_is(text, l->period_seen)) {
        int rc = period_parse(&l->period, text, e);
        if (rc < 0) {
            (void)load_fault_at(l, row, e);
            return rc;
        }
        if (text.n < sizeof l->period_seen)
            (void)snprintf(l->period_seen, sizeof l->period_seen, "%.*s", STR_ARG(text));
    }
    if (freq.n == 0 || (freq.n == 1 && freq.p[0] == (char)l->period.freq))
        return 0;
    err_set(e, RC_DATA, "LOAD-018", "period %.*s does not belong to FREQ %.*s", STR_ARG(text),
            STR_ARG(freq));
    return load_fault_at(l, row, e);
}

/* A series that this delivery brings first: its codes must be those of the lists. */
static int check_codes(struct load *l, const struct sdmx_row *row, struct err *e)
{
    for (size_t i = 0; i < l->ndims; i++) {
        const struct dimension *d = &l->structure->dims[i];
        struct str code = load_dim(l, row, i);
        if (code.n == 0 || code.n > LIMIT_CODE_BYTES || memchr(code.p, LOAD_SEP, code.n)) {
            err_set(e, RC_DATA, "LOAD-019", "%s %s", d->id,
                    code.n ? "is no code" : "is empty, which only a delete row may leave");
            return load_fault_at(l, row, e);
        }
        if (d->codes && !codelist_find(d->codes, code)) {
            err_set(e, RC_DATA, "LOAD-020", "%s has no code %.*s", d->id, STR_ARG(code));
            (void)load_fault_at(l, row, e);
            return err_hint(e, "put rta check before rta load: it names the nearest codes");
        }
    }
    return 0;
}

/* ---- what is kept of it ---- */

static size_t prefix_length(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ':' || s.p[i] == '#')
            return i;
    return 0;
}

static void src_part(struct load *l, struct str part)
{
    size_t n = strlen(l->prefix);
    if (n && part.n > n && memcmp(part.p, l->prefix, n) == 0 &&
        (part.p[n] == ':' || part.p[n] == '#')) {
        buf_str(&l->src, str_cut(part, n));
        return;
    }
    if (part.n && strchr(":#=", part.p[0]))
        buf_char(&l->src, '=');
    buf_str(&l->src, part);
}

/* Places without the name of the file that nearly all of them begin with (rta.src_text). */
static struct str src_of(struct load *l, struct str src)
{
    if (src.n == 0)
        return src;
    if (!l->has_prefix) {
        size_t n = prefix_length(src);
        if (n < sizeof l->prefix)
            (void)snprintf(l->prefix, sizeof l->prefix, "%.*s", (int)n, src.p);
        l->has_prefix = true;
    }
    size_t n = strlen(l->prefix);
    if (n && src.n > n && memcmp(src.p, l->prefix, n) == 0 &&
        (src.p[n] == ':' || src.p[n] == '#') && !memchr(src.p, ';', src.n))
        return str_cut(src, n);
    buf_reset(&l->src);
    for (;;) {
        const char *end = memchr(src.p, ';', src.n);
        size_t k = end ? (size_t)(end - src.p) : src.n;
        src_part(l, (struct str){src.p, k});
        if (!end)
            return buf_view(&l->src);
        buf_char(&l->src, ';');
        src = str_cut(src, k + 1);
    }
}

/* Digits alone, few enough for any number: nothing in it can be wrong. */
static bool plain_count(struct str s)
{
    if (s.n == 0 || s.n > 15)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] - (unsigned)'0' > 9)
            return false;
    return true;
}

static int value_of(struct load *l, const struct sdmx_row *row, char text[NUM_TEXT_MAX],
                    struct str *ret, struct err *e)
{
    struct str cell = cell_of(l, row, LOAD_VALUE);
    struct num v;
    *ret = cell;
    if (cell.n == 0 || plain_count(cell) || str_is(cell, "NaN"))
        return 0;
    int rc = num_parse(&v, cell, &num_plain, e);
    if (rc < 0) {
        (void)load_fault_at(l, row, e);
        return rc;
    }
    *ret = (struct str){text, num_text(v, text)};
    return 0;
}

static int keep_row(struct load *l, const struct sdmx_row *row, char action, struct err *e)
{
    char text[NUM_TEXT_MAX];
    struct load_obs o = {0};
    size_t at = load_series_find(l, row);
    bool met = at < l->nmarks && l->marks[at].last; /* its area and codes were found good */
    int rc = met ? 0 : check_area(l, row, e);
    if (rc < 0 || (rc = check_period(l, row, e)) < 0 ||
        (rc = value_of(l, row, text, &o.value, e)) < 0 ||
        (at == SIZE_MAX && (rc = check_codes(l, row, e)) < 0) ||
        (rc = load_series_take(l, row, at, &o.series, e)) < 0 ||
        (rc = load_lineage_take(l, row, &o.lineage, e)) < 0)
        return rc;
    o.period = period_code(l->period);
    o.text[0] = cell_of(l, row, LOAD_STATUS);
    o.text[1] = cell_of(l, row, LOAD_CONF);
    o.text[2] = cell_of(l, row, LOAD_COMMENT);
    o.text[3] = cell_of(l, row, LOAD_NATURE);
    o.text[4] = src_of(l, cell_of(l, row, LOAD_SRC));
    o.text[5] = cell_of(l, row, LOAD_SRC_VALUE);
    return load_put(l, &o, l->period.year, action, e);
}

/* A delete row: which dimensions are named, which cells are to be emptied. Nothing named in the
 * observation's own cells: the observation goes. */
static int keep_delete(struct load *l, const struct sdmx_row *row, struct err *e)
{
    struct buf *b = &l->deletes;
    struct str time = load_dim(l, row, (size_t)l->time);
    int rc = time.n ? check_period(l, row, e) : 0;
    if (rc < 0)
        return rc;
    buf_fmt(b, "%llu\t", (unsigned long long)l->rows);
    for (size_t i = 0; i <= l->ndims; i++)
        buf_char(b, load_dim(l, row, i).n ? '1' : '0');
    buf_char(b, '\t');
    for (size_t c = 0; c < LOAD_COLS; c++)
        if (columns[c].clear && cell_of(l, row, (enum load_col)c).n)
            buf_char(b, columns[c].clear);
    if (time.n)
        buf_fmt(b, "\t%d", period_code(l->period));
    else
        buf_text(b, "\t\\N");
    for (size_t i = 0; i < l->ndims; i++) {
        buf_char(b, '\t');
        db_copy_field(b, load_dim(l, row, i));
    }
    buf_char(b, '\n');
    l->delete_rows++;
    return b->n < ((size_t)1 << 20) ? 0 : load_copy_text(l, "COPY pg_temp.rta_d FROM STDIN", b, e);
}

int load_row(struct load *l, const struct sdmx_row *row, struct err *e)
{
    char action = row->action == 'I' || row->action == 'A' ? 'M' : row->action;
    int rc = check_head(l, row, e);
    if (rc < 0)
        return rc;
    l->rows++;
    if (action != l->first && !l->in_order)
        l->in_order = true;
    if (action != 'D')
        return keep_row(l, row, action, e);
    rc = check_area(l, row, e);
    return rc < 0 ? rc : keep_delete(l, row, e);
}
