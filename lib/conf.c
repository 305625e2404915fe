/* conf.c — where the configuration is and which files it has (conf.h). Everything handed out lives
 * in the arena of the configuration. */
#include "conf.h"

#include "buf.h"
#include "bounds.h"
#include "mem.h"
#include "yml.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define LIST_DEPTH 4 /* folders inside a kind */

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Installed: PREFIX/bin and PREFIX/share/rta/config. In the source tree: build/V/bin and config. */
static const char *beside_program(struct conf *c)
{
    static const char *const places[] = {"../share/rta/config", "../../../config"};
    char self[PATH_BYTES];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    while (n > 0 && self[n - 1] != '/')
        n--;
    for (size_t i = 0; n > 0 && i < ARRAY_LEN(places); i++) {
        const char *dir = arena_fmt(&c->arena, "%.*s%s", (int)n, self, places[i]);
        char *real = is_dir(dir) ? realpath(dir, NULL) : NULL;
        if (!real)
            continue;
        dir = arena_text(&c->arena, str_of(real));
        mem_free(real);
        return dir;
    }
    return NULL;
}

int conf_open(struct conf *c, const char *dir, struct err *e)
{
    *c = (struct conf){.dir = NULL};
    c->dir = dir ? arena_text(&c->arena, str_of(dir)) : beside_program(c);
    if (c->dir && is_dir(c->dir))
        return 0;
    err_set(e, RC_CONFIG, "CONF-001", "there is no configuration folder");
    err_place(e, "%s", dir ? dir : "");
    conf_close(c);
    return err_hint(e, "name it with --config or RTA_CONFIG; it holds region.yaml, codelists/ …");
}

void conf_close(struct conf *c)
{
    arena_free(&c->arena);
    *c = (struct conf){.dir = NULL};
}

static bool name_is_safe(const char *name)
{
    if (!name[0] || name[0] == '/' || strstr(name, ".."))
        return false;
    for (; *name; name++)
        if ((unsigned char)*name < 0x20 || *name == 0x7f)
            return false;
    return true;
}

static int missing(struct conf *c, const char *kind, const char *name, const char *ext,
                   struct err *e)
{
    const char *const *names;
    size_t n;
    struct err ignored = {.rc = RC_OK};
    if (conf_list(c, kind, ext, &names, &n, &ignored) < 0)
        n = 0;
    err_set(e, RC_CONFIG, "CONF-003", "nothing in %s is called '%s'", kind, name);
    err_place(e, "%s/%s", c->dir, kind);
    const char *near = n ? word_nearest(str_of(name), names, n) : NULL;
    if (near)
        return err_hint(e, "did you mean %s?", near);
    return err_hint(e, "list what is there: rta config list %s", kind);
}

int conf_path(struct conf *c, const char *kind, const char *name, const char *ext, const char **ret,
              struct err *e)
{
    if (!name_is_safe(name)) {
        err_set(e, RC_CONFIG, "CONF-002", "'%s' cannot be the name of a file in %s", name, kind);
        return err_hint(e, "a name is letters, digits, - and _, with / between folders");
    }
    const char *path = arena_fmt(&c->arena, "%s/%s/%s.%s", c->dir, kind, name, ext);
    if (!is_file(path))
        return missing(c, kind, name, ext, e);
    *ret = path;
    return 0;
}

int conf_yaml(struct conf *c, const char *kind, const char *name, const struct yaml_type *type,
              void *ret, struct err *e)
{
    const char *dot = strrchr(name, '.'), *path = name;
    bool own = strchr(name, '/') || (dot && strcmp(dot, ".yaml") == 0);
    int rc = own ? 0 : conf_path(c, kind, name, "yaml", &path, e);
    if (rc >= 0)
        rc = yaml_bind_file(path, type, ret, &c->arena, e);
    return rc < 0 ? rc : own;
}

/* A list of names that grows in the arena. */
struct names {
    struct conf *c;
    const char **items;
    size_t n, cap;
};

static void names_add(struct names *l, const char *name)
{
    if (l->n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 32;
        const char **more = arena_array(&l->c->arena, l->cap, sizeof *more);
        if (l->n)
            memcpy(more, l->items, l->n * sizeof *more);
        l->items = more;
    }
    l->items[l->n++] = name;
}

static int cannot_list(const char *path, struct err *e)
{
    err_sys(e, RC_CONFIG, "CONF-004", "cannot list the folder");
    return err_place(e, "%s", path);
}

static int scan(struct names *l, const char *dir, const char *prefix, const char *ext, int depth,
                struct err *e);

static int scan_entry(struct names *l, const char *path, const char *name, const char *ext,
                      int depth, struct err *e)
{
    struct arena *a = &l->c->arena;
    size_t n = strlen(name), tail = strlen(ext) + 1;
    if (is_dir(path))
        return depth ? scan(l, path, arena_fmt(a, "%s/", name), ext, depth - 1, e) : 0;
    if (n > tail && name[n - tail] == '.' && strcmp(name + n - tail + 1, ext) == 0)
        names_add(l, arena_text(a, (struct str){name, n - tail}));
    return 0;
}

static int scan(struct names *l, const char *dir, const char *prefix, const char *ext, int depth,
                struct err *e)
{
    DIR *d = opendir(dir);
    if (!d)
        return cannot_list(dir, e);
    int rc = 0;
    struct dirent *entry;
    while (rc == 0 && (entry = readdir(d))) {
        if (entry->d_name[0] == '.')
            continue;
        const char *path = arena_fmt(&l->c->arena, "%s/%s", dir, entry->d_name);
        const char *name = arena_fmt(&l->c->arena, "%s%s", prefix, entry->d_name);
        rc = scan_entry(l, path, name, ext, depth, e);
    }
    (void)closedir(d);
    return rc;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int conf_list(struct conf *c, const char *kind, const char *ext, const char *const **ret,
              size_t *ret_n, struct err *e)
{
    struct names l = {.c = c};
    int rc = scan(&l, arena_fmt(&c->arena, "%s/%s", c->dir, kind), "", ext, LIST_DEPTH, e);
    if (rc < 0)
        return rc;
    if (l.n)
        qsort(l.items, l.n, sizeof *l.items, by_bytes);
    *ret = l.items;
    *ret_n = l.n;
    return 0;
}
