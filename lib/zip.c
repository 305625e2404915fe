/* zip.c — see zip.h. The archive owns minizip's handle and the names; a part owns nothing but its
 * name and its counts. */
#include <minizip/unzip.h> /* before ours: it uses names that base.h poisons */

#include "zip.h"

#include "arena.h"
#include "bounds.h"
#include "map.h"
#include "mem.h"

#define NAME_MAX_BYTES 1024

struct zip_entry {
    struct str name;
    unz64_file_pos at;
    uint64_t packed, size; /* as declared */
    unsigned long flags, method;
};

struct zip {
    unzFile file;
    const char *name;
    struct arena arena;
    struct zip_entry *entries;
    size_t n;
    struct map *by_name; /* folded name → number */
    bool busy;
};

struct zip_source {
    struct source source;
    struct zip *z;
    const struct zip_entry *entry;
    uint64_t given;
    bool ended;
};

static int fault(const struct zip *z, const char *hint, struct err *e)
{
    err_hint(e, "%s", hint);
    return err_place(e, "%s", z->name);
}

static int broken(const struct zip *z, const char *what, struct err *e)
{
    err_set(e, RC_DATA, "ZIP-001", "%s", what);
    return fault(z, "The file is damaged, cut short, or another format: get it again.", e);
}

/* ASCII letters small, '\' (which some writers put) as '/'. */
static struct str fold(char *to, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        to[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c == '\\' ? '/' : c);
    }
    return (struct str){to, s.n};
}

static int add_entry(struct zip *z, struct err *e)
{
    char name[NAME_MAX_BYTES + 1], folded[NAME_MAX_BYTES + 1];
    unz_file_info64 info;
    struct zip_entry *en = &z->entries[z->n];
    if (unzGetCurrentFileInfo64(z->file, &info, name, sizeof name, NULL, 0, NULL, 0) != UNZ_OK ||
        info.size_filename > NAME_MAX_BYTES || unzGetFilePos64(z->file, &en->at) != UNZ_OK)
        return broken(z, "the directory of the archive is damaged", e);
    struct str s = {name, info.size_filename};
    if (memchr(name, '\0', s.n))
        return broken(z, "a name in the archive holds a zero byte", e);
    en->packed = info.compressed_size;
    en->size = info.uncompressed_size;
    en->flags = info.flag;
    en->method = info.compression_method;
    bool fresh;
    if (!map_put(z->by_name, fold(folded, s), z->n, &fresh) || !fresh) {
        err_set(e, RC_DATA, "ZIP-003", "the archive holds \"%.*s\" twice", STR_ARG(s));
        return fault(z, "Which of them counts cannot be known: ask the sender for a sound file.",
                     e);
    }
    char *kept = arena_text(&z->arena, s);
    for (char *p = kept; *p; p++)
        if (*p == '\\')
            *p = '/';
    en->name = (struct str){kept, s.n};
    z->n++;
    return 0;
}

static int read_directory(struct zip *z, struct err *e)
{
    unz_global_info64 all;
    if (unzGetGlobalInfo64(z->file, &all) != UNZ_OK || all.number_entry == 0)
        return broken(z, "the archive is empty or its directory is damaged", e);
    if (all.number_entry > LIMIT_ZIP_ENTRIES) {
        err_set(e, RC_DATA, "ZIP-002", "the archive declares %llu files, more than %u",
                (unsigned long long)all.number_entry, LIMIT_ZIP_ENTRIES);
        return fault(z, "A workbook has some dozens: is this the right file?", e);
    }
    z->entries = arena_array(&z->arena, all.number_entry, sizeof *z->entries);
    z->by_name = map_new(0);
    int u = unzGoToFirstFile(z->file);
    while (u == UNZ_OK && z->n < all.number_entry) {
        int rc = add_entry(z, e);
        if (rc < 0)
            return rc;
        u = unzGoToNextFile(z->file);
    }
    if (u != UNZ_END_OF_LIST_OF_FILE || z->n != all.number_entry)
        return broken(z, "the directory of the archive is damaged", e);
    return 0;
}

int zip_open(struct zip **ret, const char *path, const char *name, struct err *e)
{
    struct zip *z CLEANUP(zip_closep) = mem_new(sizeof *z);
    z->name = arena_text(&z->arena, str_of(name));
    z->file = unzOpen64(path);
    int rc = z->file ? read_directory(z, e)
                     : broken(z, "this is no archive, or it was not copied whole", e);
    if (rc < 0)
        return rc;
    *ret = z;
    z = NULL;
    return 0;
}

void zip_closep(struct zip **z)
{
    if (!*z)
        return;
    if ((*z)->file)
        unzClose((*z)->file);
    map_free((*z)->by_name);
    arena_free(&(*z)->arena);
    mem_free(*z);
    *z = NULL;
}

size_t zip_count(const struct zip *z) { return z->n; }
struct str zip_name(const struct zip *z, size_t i) { return z->entries[i].name; }

static const struct zip_entry *find(const struct zip *z, const char *part)
{
    char folded[NAME_MAX_BYTES];
    struct str s = str_of(part);
    uint64_t *at = s.n <= sizeof folded ? map_find(z->by_name, fold(folded, s)) : NULL;
    return at ? &z->entries[*at] : NULL;
}

bool zip_has(const struct zip *z, const char *part) { return find(z, part) != NULL; }

/* --- one part -----------------------------------------------------------------------------------
 */

static int part_fault(struct zip_source *s, const char *id, const char *what, const char *hint,
                      struct err *e)
{
    err_set(e, RC_DATA, id, "%s", what);
    err_hint(e, "%s", hint);
    return err_place(e, "%s", s->source.name);
}

static const char again[] = "The file is damaged: get it again from its sender, in binary mode.";

/* The end: as many bytes as declared, and the right checksum. */
static ssize_t part_end(struct zip_source *s, struct err *e)
{
    if (s->ended)
        return 0;
    s->ended = true;
    s->z->busy = false;
    if (s->given != s->entry->size)
        return part_fault(s, "ZIP-008", "the part ends too early", again, e);
    return unzCloseCurrentFile(s->z->file) == UNZ_CRCERROR
               ? part_fault(s, "ZIP-009", "the checksum is wrong", again, e)
               : 0;
}

static ssize_t part_read(struct source *src, char *p, size_t n, struct err *e)
{
    struct zip_source *s = (struct zip_source *)src;
    if (s->ended)
        return 0;
    int got =
        unzReadCurrentFile(s->z->file, p, (unsigned)(n < LIMIT_IO_CHUNK ? n : LIMIT_IO_CHUNK));
    if (got < 0)
        return part_fault(s, "ZIP-007", "the compressed bytes are damaged", again, e);
    if (got == 0)
        return part_end(s, e);
    s->given += (uint64_t)got;
    if (s->given > LIMIT_ZIP_OUTPUT ||
        (s->given > LIMIT_ZIP_FREE && s->given / LIMIT_ZIP_RATIO > s->entry->packed))
        return part_fault(s, "ZIP-010", "the part unpacks to far more than a table can hold",
                          "This looks like a decompression bomb: ask the sender what it is.", e);
    return got;
}

static void part_close(struct source *src)
{
    struct zip_source *s = (struct zip_source *)src;
    if (!s->ended) {
        (void)unzCloseCurrentFile(s->z->file);
        s->z->busy = false;
    }
    mem_freep(&s->source.name);
    mem_free(s);
}

static int open_entry(struct zip_source *s, struct err *e)
{
    const struct zip_entry *en = s->entry;
    if (en->flags & 1)
        return part_fault(s, "ZIP-005", "the part is encrypted",
                          "Ask the sender for a file without a password.", e);
    if (en->method != 0 && en->method != 8)
        return part_fault(s, "ZIP-006", "the part is compressed in a way that we do not read",
                          "Open it in an office program and save it again.", e);
    if (unzGoToFilePos64(s->z->file, &en->at) != UNZ_OK || unzOpenCurrentFile(s->z->file) != UNZ_OK)
        return part_fault(s, "ZIP-011", "the part does not stand where the directory says", again,
                          e);
    return 0;
}

int zip_part(struct source **ret, struct zip *z, const char *part, struct err *e)
{
    const struct zip_entry *en = find(z, part);
    if (!en) {
        err_set(e, RC_DATA, "ZIP-004", "the archive has no part \"%s\"", part);
        return fault(z, "Is this the format that the profile names?", e);
    }
    if (z->busy)
        return err_set(e, RC_BUG, "ZIP-012", "two parts of an archive open at a time");
    struct zip_source *s = mem_new(sizeof *s);
    size_t n = strlen(z->name) + en->name.n + 2;
    char *name = mem_new(n);
    (void)snprintf(name, n, "%s!%.*s", z->name, STR_ARG(en->name));
    s->source = (struct source){part_read, part_close, name};
    s->z = z;
    s->entry = en;
    s->ended = true;
    int rc = open_entry(s, e);
    if (rc < 0) {
        part_close(&s->source);
        return rc;
    }
    s->ended = false;
    z->busy = true;
    *ret = &s->source;
    return 0;
}
