/* build_place.c — an edition appears whole or not at all: it is filled in a folder of its own
 * beside its place, under a lock, and exchanged with the old edition in one step. */
#include "build_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

static const char *parent_of(struct build *b, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    if (slash == path)
        return "/";
    return arena_text(&b->conf->arena, (struct str){path, (size_t)(slash - path)});
}

int build_lock(struct build *b, struct err *e)
{
    int rc = dir_make(parent_of(b, b->out), e);
    if (rc < 0)
        return rc;
    const char *path = arena_fmt(&b->conf->arena, "%s.lock", b->out);
    b->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (b->lock < 0) {
        err_sys(e, RC_CREATE, "BUILD-001", "cannot make the lock");
        return err_place(e, "%s", path);
    }
    if (flock(b->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    err_set(e, RC_RETRY, "BUILD-002", "this edition is being built by another process");
    err_place(e, "%s", path);
    return err_hint(e, "wait for it, or build into another folder with --out");
}

int build_begin(struct build *b, struct err *e)
{
    int rc = dir_remove(b->fresh, e);
    if (rc >= 0)
        rc = dir_make(b->work, e);
    if (rc >= 0)
        rc = dir_make(arena_fmt(&b->conf->arena, "%s/tables", b->fresh), e);
    if (rc >= 0)
        rc = dir_make(arena_fmt(&b->conf->arena, "%s/charts", b->fresh), e);
    if (rc >= 0)
        rc = dir_make(arena_fmt(&b->conf->arena, "%s/data", b->fresh), e);
    return rc;
}

static int in_place_failed(const struct build *b, struct err *e)
{
    err_sys(e, RC_CREATE, "BUILD-003", "cannot put the new edition in place");
    return err_place(e, "%s", b->out);
}

int build_publish(struct build *b, struct err *e)
{
    int rc = dir_remove(b->work, e);
    if (rc < 0)
        return rc;
    if (renameat2(AT_FDCWD, b->fresh, AT_FDCWD, b->out, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno == EEXIST && renameat2(AT_FDCWD, b->fresh, AT_FDCWD, b->out, RENAME_EXCHANGE) == 0)
        return dir_remove(b->fresh, e); /* it is the old edition now */
    if (errno != EINVAL && errno != ENOSYS)
        return in_place_failed(b, e);
    /* A file system without exchange: two steps, the old edition kept beside until the second. */
    const char *old = arena_fmt(&b->conf->arena, "%s.old", b->out);
    if ((rc = dir_remove(old, e)) < 0)
        return rc;
    if (rename(b->out, old) != 0 && errno != ENOENT)
        return in_place_failed(b, e);
    if (rename(b->fresh, b->out) != 0) {
        in_place_failed(b, e);
        if (rename(old, b->out) != 0)
            err_hint(e, "the edition before is in %s", old);
        return -RC_CREATE;
    }
    return dir_remove(old, e);
}

void build_abandon(struct build *b)
{
    struct err ignored = {0};
    if (b->fresh && b->lock >= 0 && dir_remove(b->fresh, &ignored) < 0)
        stage_warn(b->st, &ignored);
}
