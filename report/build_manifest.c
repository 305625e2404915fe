/* build_manifest.c — what an edition was made from: the report, its period and moment, the store's
 * version, the seals of its streams, the hash of configuration and templates, and the hash of every
 * file in it. No clock: the same inputs give the same bytes. */
#include "build_plan.h"

#include "bounds.h"
#include "hash.h"
#include "mem.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct paths {
    struct build *b;
    const char **items;
    size_t n, cap;
};

static int compare(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

static void add_path(struct paths *p, const char *path)
{
    if (p->n == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 64;
        p->items = mem_resize(p->items, p->cap * sizeof *p->items);
    }
    p->items[p->n++] = path;
}

/* All files below dir without hidden ones and links. */
static int walk(struct paths *p, const char *dir, struct err *e)
{
    struct arena *a = &p->b->conf->arena;
    const char *const *names;
    size_t n = 0;
    int rc = dir_names(dir, a, &names, &n, e);
    for (size_t i = 0; i < n && rc >= 0; i++) {
        struct stat s;
        const char *path = arena_fmt(a, "%s/%s", dir, names[i]);
        if (names[i][0] == '.')
            continue;
        if (lstat(path, &s) != 0) {
            err_sys(e, RC_IO, "BUILD-022", "cannot look at the file");
            rc = err_place(e, "%s", path);
        } else if (S_ISDIR(s.st_mode)) {
            rc = walk(p, path, e);
        } else if (S_ISREG(s.st_mode)) {
            add_path(p, path);
        }
    }
    return rc;
}

static int tree_hash(struct build *b, const char *dir, char ret[SHA256_HEX], struct err *e)
{
    struct paths p = {.b = b};
    bool none = access(dir, F_OK) != 0 && errno == ENOENT; /* of templates there may be none */
    int rc = none ? 0 : walk(&p, dir, e);
    struct sha256 *h = sha256_new();
    if (p.n)
        qsort(p.items, p.n, sizeof *p.items, compare);
    for (size_t i = 0; i < p.n && rc >= 0; i++) {
        char one[SHA256_HEX];
        const char *name = p.items[i] + strlen(dir);
        if ((rc = sha256_file(p.items[i], one, e)) >= 0) {
            sha256_add(h, name, strlen(name) + 1);
            sha256_add(h, one, strlen(one));
        }
    }
    sha256_hex(h, ret);
    sha256_free(h);
    mem_free(p.items);
    return rc;
}

/* Hashes of the streams that were given as files. */
static int given_json(struct build *b, struct json *key, struct err *e)
{
    struct json *list = js_array();
    js_set(key, "given", list);
    for (size_t i = 0; i < b->o->data.n; i++) {
        char hex[SHA256_HEX];
        const char *arg = b->o->data.items[i], *eq = strchr(arg, '=');
        if (!eq || eq == arg) {
            err_set(e, RC_USAGE, "BUILD-020", "--data wants NAME=FILE, not '%s'", arg);
            return -RC_USAGE;
        }
        int rc = sha256_file(eq + 1, hex, e);
        if (rc < 0)
            return rc;
        struct json *j = js_object();
        js_set(j, "name", js_string((struct str){arg, (size_t)(eq - arg)}));
        js_set(j, "sha256", js_text(hex));
        js_push(list, j);
    }
    return 0;
}

int build_key(struct build *b, struct json **ret, struct err *e)
{
    char config[SHA256_HEX], templates[SHA256_HEX];
    int rc = tree_hash(b, b->conf->dir, config, e);
    if (rc >= 0)
        rc =
            tree_hash(b, arena_fmt(&b->conf->arena, "%s/../templates", b->conf->dir), templates, e);
    if (rc < 0)
        return rc;
    struct json *key = js_object();
    js_set(key, "report", js_text(b->plan->report));
    js_set(key, "period", js_text(b->o->period));
    js_set(key, "as_of", b->o->as_of ? js_text(b->o->as_of) : js_null());
    js_set(key, "store", js_text(b->store));
    js_set(key, "store_id", js_text(b->store_id));
    js_set(key, "lang", js_text(b->lang));
    js_set(key, "edition", js_text(b->o->edition ? b->o->edition : "1"));
    js_set(key, "rta", js_text(RTA_VERSION));
    js_set(key, "config", js_text(config));
    js_set(key, "templates", js_text(templates));
    if ((rc = given_json(b, key, e)) < 0)
        js_free(key);
    else
        *ret = key;
    return rc;
}

bool build_same(const struct build *b, const struct json *key)
{
    struct err ignored = {0};
    CLEANUP(js_freep) struct json *old = NULL;
    const char *path = arena_fmt(&b->conf->arena, "%s/manifest.json", b->out);
    if (js_parse_file(&old, path, &ignored) < 0)
        return false;
    struct buf x, y;
    buf_init(&x, LIMIT_JSON_BYTES);
    buf_init(&y, LIMIT_JSON_BYTES);
    js_write(&x, key, false);
    js_write(&y, js_get(old, "key"), false);
    bool same = x.n > 0 && str_eq(buf_view(&x), buf_view(&y));
    buf_free(&x);
    buf_free(&y);
    return same;
}

static int outputs_json(struct build *b, struct json *list, struct err *e)
{
    struct paths p = {.b = b};
    int rc = walk(&p, b->fresh, e);
    if (p.n)
        qsort(p.items, p.n, sizeof *p.items, compare);
    for (size_t i = 0; i < p.n && rc >= 0; i++) {
        char hex[SHA256_HEX];
        if ((rc = sha256_file(p.items[i], hex, e)) < 0)
            break;
        struct json *j = js_object();
        js_set(j, "file", js_text(p.items[i] + strlen(b->fresh) + 1));
        js_set(j, "sha256", js_text(hex));
        js_push(list, j);
    }
    mem_free(p.items);
    return rc;
}

int build_manifest(struct build *b, struct json *key, struct err *e)
{
    CLEANUP(js_freep) struct json *m = js_object();
    struct json *outputs = js_array();
    js_set(m, "format", js_int(1));
    js_set(m, "key", key);
    js_set(m, "inputs", js_share(b->inputs));
    js_set(m, "illustrative", js_bool(b->illustrative));
    js_set(m, "outputs", outputs);
    int rc = outputs_json(b, outputs, e);
    char hex[SHA256_HEX];
    sha256_seal(m, hex); /* what was built can be named later (--as-of edition:FOLDER) */
    js_set(m, "seal", js_text(hex));
    struct buf text;
    buf_init(&text, LIMIT_JSON_BYTES);
    js_write(&text, m, true);
    buf_char(&text, '\n');
    if (rc >= 0)
        rc = buf_ok(&text, "the manifest", e);
    if (rc >= 0)
        rc = file_write(arena_fmt(&b->conf->arena, "%s/manifest.json", b->fresh), buf_view(&text),
                        e);
    buf_free(&text);
    return rc;
}
