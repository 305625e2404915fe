/* load_dict.c — text keys to the store's numbers. What the store has is read first when that is
 * cheap; a key that is not found gets a number of a block that is ours alone, and the server sorts
 * out at the end which of them another loader has made meanwhile (rta.load_reconcile). */
#include "load.h"

#include "mem.h"

#define BLOCK 256
#define FRESH_CHUNK ((size_t)1 << 20)

void load_dict_init(struct load_dict *d, const char *copy_sql, const char *block_sql)
{
    *d = (struct load_dict){.copy_sql = copy_sql, .block_sql = block_sql, .want = 1};
    d->ids = map_new(0);
    buf_init(&d->fresh, (size_t)16 << 20);
}

void load_dict_free(struct load_dict *d)
{
    map_free(d->ids);
    mem_free(d->number);
    buf_free(&d->fresh);
}

/* The place of a key, new or not, with this number; SIZE_MAX past what a map holds. */
static size_t place(struct load_dict *d, struct str key, int32_t number)
{
    size_t at = map_intern(d->ids, key, NULL);
    if (at == SIZE_MAX)
        return at;
    if (at >= d->cap) {
        d->cap = d->cap ? d->cap * 2 : 256;
        d->number = mem_resize(d->number, d->cap * sizeof *d->number);
    }
    d->number[at] = number;
    return at;
}

static int keep(struct load_dict *d, const struct db_result *r, size_t row, struct buf *key,
                struct err *e)
{
    buf_reset(key);
    for (size_t i = 1; i < db_cols(r); i++) {
        if (i > 1)
            buf_char(key, LOAD_SEP);
        buf_str(key, db_cell(r, row, i));
    }
    if (place(d, buf_view(key), (int32_t)db_integer(r, row, 0, 0)) != SIZE_MAX)
        return 0;
    return err_set(e, RC_SYSTEM, "LOAD-001", "the store's dictionary does not fit in memory");
}

int load_dict_fill(struct load_dict *d, struct db *db, const char *sql, const char *const *params,
                   size_t n, struct err *e)
{
    struct buf key;
    buf_init(&key, (size_t)4 << 20);
    int rc = db_stream(db, "read the dictionary", sql, params, n, e);
    while (rc >= 0) {
        struct db_result *r = NULL;
        rc = db_stream_next(db, &r, e);
        if (rc <= 0)
            break;
        for (size_t i = 0; i < db_rows(r) && rc >= 0; i++)
            rc = keep(d, r, i, &key, e);
        db_result_free(r);
    }
    buf_free(&key);
    return rc;
}

static int more_blocks(struct load *l, struct load_dict *d, struct err *e)
{
    char want[16];
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    (void)snprintf(want, sizeof want, "%zu", d->want);
    const char *params[] = {want};
    int rc = load_pause(l, e);
    if (rc >= 0)
        rc = db_query(l->db, "reserve numbers", d->block_sql, params, 1, &r, e);
    if (rc < 0)
        return rc;
    d->nblocks = db_rows(r);
    for (size_t i = 0; i < d->nblocks; i++) {
        int64_t block = db_integer(r, d->nblocks - 1 - i, 0, 0);
        if (block < 1 || block > INT32_MAX / BLOCK)
            return err_set(e, RC_SYSTEM, "LOAD-002", "the store has run out of numbers");
        d->block[i] = (int32_t)(block - 1) * BLOCK + 1;
    }
    d->want = d->want * 2 > ARRAY_LEN(d->block) ? ARRAY_LEN(d->block) : d->want * 2;
    return 0;
}

static int new_number(struct load *l, struct load_dict *d, int32_t *ret, struct err *e)
{
    if (d->left == 0) {
        int rc = d->nblocks == 0 ? more_blocks(l, d, e) : 0;
        if (rc < 0)
            return rc;
        d->next = d->block[--d->nblocks];
        d->left = BLOCK;
    }
    d->left--;
    *ret = d->next++;
    return 0;
}

int load_dict_add(struct load *l, struct load_dict *d, struct str key, size_t *ret, struct err *e)
{
    int32_t id = 0;
    int rc = new_number(l, d, &id, e);
    if (rc < 0)
        return rc;
    *ret = place(d, key, id);
    if (*ret == SIZE_MAX)
        return err_set(e, RC_SYSTEM, "LOAD-003", "too many different keys for memory");
    buf_fmt(&d->fresh, "%d", id);
    for (size_t from = 0; from <= key.n;) {
        const char *end = from < key.n ? memchr(key.p + from, LOAD_SEP, key.n - from) : NULL;
        size_t to = end ? (size_t)(end - key.p) : key.n;
        buf_char(&d->fresh, '\t');
        db_copy_field(&d->fresh, (struct str){key.p + from, to - from});
        from = to + 1;
    }
    buf_char(&d->fresh, '\n');
    return d->fresh.n < FRESH_CHUNK ? 0 : load_dict_flush(l, d, e);
}

int load_dict_flush(struct load *l, struct load_dict *d, struct err *e)
{
    return load_copy_text(l, d->copy_sql, &d->fresh, e);
}
