/* family.c — see family.h. All texts live in the family's arena. */
#include "family.h"

#include "json.h"
#include "proc.h"

#include <dirent.h>
#include <unistd.h>

#define FAMILY_MAX 64
#define ANSWER_BYTES ((size_t)1 << 18)

static const char *kept(struct family *f, const struct json *j, const char *key)
{
    return arena_text(&f->arena, js_str(js_get(j, key)));
}

static void ask_one(struct family *f, const char *path)
{
    struct err ignored = {.rc = RC_OK};
    struct json *j CLEANUP(js_freep) = NULL;
    struct buf b;
    buf_init(&b, ANSWER_BYTES);
    const struct proc_io io = {.out = &b, .err_path = "/dev/null", .timeout_s = 5};
    int rc = proc_run((const char *const[]){path, "--help-json", NULL}, &io, &ignored);
    if (rc >= 0)
        rc = js_parse(&j, buf_view(&b), path, &ignored);
    if (rc >= 0 && f->n < FAMILY_MAX)
        f->members[f->n++] =
            (struct member){kept(f, j, "verb"), kept(f, j, "group"), kept(f, j, "summary")};
    buf_free(&b);
}

static int by_verb(const void *a, const void *b)
{
    return strcmp(((const struct member *)a)->verb, ((const struct member *)b)->verb);
}

int family_find(struct family *f, const char *dir, struct err *e)
{
    *f = (struct family){.n = 0};
    DIR *d = opendir(dir);
    if (!d) {
        err_sys(e, RC_SYSTEM, "RTA-002", "cannot look for the other programs");
        return err_place(e, "%s", dir);
    }
    f->members = arena_array(&f->arena, FAMILY_MAX, sizeof *f->members);
    struct dirent *entry;
    while ((entry = readdir(d))) {
        const char *path = arena_fmt(&f->arena, "%s/%s", dir, entry->d_name);
        if (strncmp(entry->d_name, "rta-", 4) == 0 && access(path, X_OK) == 0)
            ask_one(f, path);
    }
    (void)closedir(d);
    qsort(f->members, f->n, sizeof *f->members, by_verb);
    return 0;
}

bool family_has(const struct family *f, const char *verb)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->members[i].verb, verb) == 0)
            return true;
    return false;
}

void family_free(struct family *f) { arena_free(&f->arena); }
