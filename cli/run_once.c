/* run_once.c — see run_once.h. What a stream into the store follows from: the programs, their
 * words, the files and folders that the words name, the configuration, and which store it is. All
 * of that goes into one digest (XXH3-128: it guards against accidents; whoever may write the files
 * can load what he likes anyway). Whether the receipt stands is for the store to say: it may have
 * been made anew. Owns the text of the place where the receipt is kept. */
#include "run_once.h"

#include "arena.h"
#include "hash.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK ((size_t)1 << 18)
#define DEPTH_MAX 8
#define MEMBERS_MAX 32
#define WORDS_MAX 256

struct look {
    struct xxh3 *hash; /* of the digest under way */
    struct arena arena;
    char *block;
};

/* With its length, so that no two sequences of texts are the same bytes. */
static void add_text(struct look *k, const char *text)
{
    uint64_t n = text ? strlen(text) : UINT64_MAX;
    xxh3_add(k->hash, &n, sizeof n);
    if (text)
        xxh3_add(k->hash, text, strlen(text));
}

static int cannot(const char *path, struct err *e)
{
    (void)err_sys(e, RC_IO, "RUN-003", "cannot read what the pipe follows from");
    return err_place(e, "%s", path);
}

static int add_file(struct look *k, const char *path, struct err *e)
{
    uint64_t size = 0;
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cannot(path, e);
    while ((n = read(fd, k->block, BLOCK)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0) {
            xxh3_add(k->hash, k->block, (size_t)n);
            size += (uint64_t)n;
        }
    int rc = n < 0 ? cannot(path, e) : 0;
    (void)close(fd);
    xxh3_add(k->hash, &size, sizeof size);
    return rc;
}

static int add_path(struct look *k, const char *path, int depth, struct err *e);

static int add_folder(struct look *k, const char *path, int depth, struct err *e)
{
    const char *const *names = NULL;
    size_t n = 0;
    int rc = dir_names(path, &k->arena, &names, &n, e);
    for (size_t i = 0; i < n && rc >= 0; i++) {
        add_text(k, names[i]);
        rc = add_path(k, arena_fmt(&k->arena, "%s/%s", path, names[i]), depth + 1, e);
    }
    return rc;
}

/* A file's bytes, the files of a folder that is not too deep (a link may lead in circles); anything
 * else says only that it is that. */
static int add_path(struct look *k, const char *path, int depth, struct err *e)
{
    struct stat s;
    if (stat(path, &s) < 0)
        add_text(k, NULL);
    else if (S_ISREG(s.st_mode))
        return add_file(k, path, e);
    else if (S_ISDIR(s.st_mode) && depth < DEPTH_MAX)
        return add_folder(k, path, depth, e);
    else
        add_text(k, "special");
    return 0;
}

/* Is the word, or the option at its beginning, one of the list? */
static bool one_of(const char *word, const char *const *list)
{
    size_t n = strcspn(word, "=");
    for (; *list; list++)
        if (strncmp(word, *list, n) == 0 && (*list)[n] == '\0')
            return true;
    return false;
}

/* A word and, when it or what stands behind its '=' names a file, that too. What is written by the
 * pipe decides nothing (also the findings: a stream that was loaded keeps those it came with). A
 * folder can only be the configuration; other words may be called like one by chance. */
static int add_word(struct look *k, const char *before, const char *word, struct err *e)
{
    static const char *const written[] = {"--quarantine", "-Q", "--stubs",   "-s",
                                          "--report",     "-r", "--receipt", "--remember",
                                          "--findings",   "-f", "--events",  NULL};
    static const char *const folders[] = {"--config", NULL};
    const char *value = word[0] == '-' ? strchr(word, '=') : NULL;
    const char *option = value ? word : before ? before : "";
    add_text(k, word);
    if (one_of(option, written))
        return 0;
    return add_path(k, value ? value + 1 : word, one_of(option, folders) ? 0 : DEPTH_MAX, e);
}

static int digest(struct stage *st, struct look *k, const struct proc_cmd *cmds, size_t n,
                  char hex[XXH3_HEX], struct err *e)
{
    static const char *const env[] = {"RTA_DSN", "RTA_HOME",   "PGHOST",   "PGPORT",
                                      "PGUSER",  "PGDATABASE", "PGSERVICE"};
    struct conf *conf = NULL;
    k->hash = xxh3_new();
    int rc = stage_conf(st, &conf, e);
    if (rc >= 0)
        rc = add_folder(k, conf->dir, 0, e);
    for (size_t i = 0; i < ARRAY_LEN(env); i++)
        add_text(k, stage_env(env[i]));
    for (size_t i = 0; i < n && rc >= 0; i++) {
        for (size_t w = 0; cmds[i].argv[w] && rc >= 0; w++)
            rc = add_word(k, w ? cmds[i].argv[w - 1] : NULL, cmds[i].argv[w], e);
        add_text(k, NULL);
    }
    xxh3_hex(k->hash, hex);
    xxh3_free(k->hash);
    return rc;
}

static bool is_verb(const struct proc_cmd *c, const char *verb)
{
    const char *slash = strrchr(c->argv[0], '/'), *name = slash ? slash + 1 : c->argv[0];
    return strcmp(name, verb) == 0;
}

/* Only programs whose outcome follows from what is looked at. */
static int fit(const struct proc_cmd *cmds, size_t n, const struct proc_io *io, struct err *e)
{
    bool good = n > 0 && is_verb(&cmds[0], "rta-read") && is_verb(&cmds[n - 1], "rta-load");
    for (size_t i = 1; i + 1 < n; i++)
        good = good && (is_verb(&cmds[i], "rta-map") || is_verb(&cmds[i], "rta-check"));
    if (good && !io->in_path)
        return 0;
    err_set(e, RC_USAGE, "RUN-004", "--once is for read of files, map, check and load");
    return err_hint(e, "begin the pipe with read and end it with load; name the file with read");
}

/* load with one more word: ask whether the receipt stands. 0 it does, 1 it does not. */
static int ask(const struct proc_cmd *load, const char *kept, struct arena *a, struct err *e)
{
    const char *words[WORDS_MAX];
    size_t n = 0;
    for (; load->argv[n]; n++) {
        if (n + 2 == WORDS_MAX || strcmp(load->argv[n], "--again") == 0)
            return 1;
        words[n] = load->argv[n];
    }
    words[n] = arena_fmt(a, "--known=%s", kept);
    words[n + 1] = NULL;
    const struct proc_io io = {.in_path = NULL};
    return proc_run(words, &io, e);
}

/* The pipe, with one more word for load. What it follows from is looked at once more: had it been
 * changed meanwhile, the receipt would not be that of the digest, and is not kept. */
static int run_pipe(struct stage *st, struct look *k, const struct proc_cmd *given, size_t n,
                    const char *kept, const struct proc_io *io, struct err *e)
{
    const char *words[WORDS_MAX];
    struct proc_cmd cmds[MEMBERS_MAX];
    char after[XXH3_HEX];
    size_t w = 0;
    for (; given[n - 1].argv[w] && w + 2 < WORDS_MAX; w++)
        words[w] = given[n - 1].argv[w];
    if (given[n - 1].argv[w] || n > MEMBERS_MAX)
        return err_set(e, RC_USAGE, "RUN-005", "more than %d words for load", WORDS_MAX - 2);
    const char *fresh = arena_fmt(&k->arena, "%s.new-%ld", kept, (long)getpid());
    words[w] = arena_fmt(&k->arena, "--remember=%s", fresh);
    words[w + 1] = NULL;
    memcpy(cmds, given, n * sizeof *cmds);
    cmds[n - 1].argv = words;
    int ran = proc_pipe(cmds, n, io, e);
    if (ran < 0) {
        (void)unlink(fresh);
        return ran;
    }
    int rc = digest(st, k, given, n, after, e);
    if (rc >= 0 && strstr(kept, after)) /* it is named by its digest */
        rc = file_move(fresh, kept, e);
    else
        (void)unlink(fresh);
    return rc < 0 ? rc : ran;
}

int run_once(struct stage *st, const struct proc_cmd *cmds, size_t n, const char *folder,
             const struct proc_io *io, struct err *e)
{
    struct look k = {.block = mem_new(BLOCK)};
    char hex[XXH3_HEX];
    struct stat s;
    int rc = fit(cmds, n, io, e);
    if (rc >= 0 && (rc = dir_make(folder, e)) >= 0 && (rc = digest(st, &k, cmds, n, hex, e)) >= 0) {
        const char *kept = arena_fmt(&k.arena, "%s/%s.json", folder, hex);
        rc = stat(kept, &s) == 0 ? ask(&cmds[n - 1], kept, &k.arena, e) : 1;
        if (rc == 1)
            rc = run_pipe(st, &k, cmds, n, kept, io, e);
    }
    arena_free(&k.arena);
    mem_free(k.block);
    return rc;
}
