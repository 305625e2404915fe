/* cfb.c — see cfb.h. Nothing is owned but the stream handed out. */
#include "cfb.h"

#include "mem.h"

#define FREE_SECTOR 0xfffffffau /* this and above is no sector */
#define HEAD_FATS 109
#define ENTRY 128

struct cfb {
    struct str file;
    size_t sector, mini; /* bytes */
    size_t sectors;      /* in the file */
    uint32_t *fat;       /* next sector, by sector; owned */
    size_t nfat;
    char *mini_fat, *mini_data; /* owned */
    size_t nmini_fat, nmini_data;
    char *dir; /* owned */
    size_t ndir;
};

static uint32_t u16(const char *p)
{
    return (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8;
}
static uint32_t u32(const char *p) { return u16(p) | u16(p + 2) << 16; }

static int broken(const char *what, struct err *e)
{
    err_set(e, RC_DATA, "CFB-001", "the old Office file is damaged: %s", what);
    return err_hint(e, "Get it again from its sender, or ask for it as XLSX.");
}

static const char *sector_at(const struct cfb *c, uint32_t i)
{
    return i < c->sectors ? c->file.p + (size_t)(i + 1) * c->sector : NULL;
}

/* The bytes of a chain, at most `most`; NULL and an error when it is broken or runs in a circle. */
static int chain(const struct cfb *c, uint32_t first, size_t most, char **ret, size_t *ret_n,
                 struct err *e)
{
    size_t n = 0;
    for (uint32_t i = first; i < FREE_SECTOR && n * c->sector < most; i = c->fat[i], n++)
        if (i >= c->nfat || !sector_at(c, i) || n >= c->sectors)
            return broken("a chain of sectors leads nowhere", e);
    char *p = mem_new(n * c->sector + 1);
    n = 0;
    for (uint32_t i = first; i < FREE_SECTOR && n * c->sector < most; i = c->fat[i], n++)
        memcpy(p + n * c->sector, sector_at(c, i), c->sector);
    *ret = p;
    *ret_n = n * c->sector;
    return 0;
}

static bool add_fat(struct cfb *c, uint32_t at)
{
    const char *p = sector_at(c, at);
    for (size_t i = 0; p && i < c->sector / 4 && c->nfat < c->sectors; i++)
        c->fat[c->nfat++] = u32(p + 4 * i);
    return p != NULL;
}

/* The table of sectors: its own sectors are listed in the header and in a chain of lists. */
static int read_fat(struct cfb *c, struct err *e)
{
    const char *h = c->file.p;
    uint32_t n = u32(h + 44), list = u32(h + 68);
    c->fat = mem_array(c->sectors + 1, sizeof *c->fat);
    for (uint32_t i = 0; i < n && i < HEAD_FATS; i++)
        if (!add_fat(c, u32(h + 76 + 4 * i)))
            return broken("its table of sectors is not there", e);
    size_t per = c->sector / 4 - 1, done = HEAD_FATS;
    for (size_t lists = 0; done < n && lists <= c->sectors; lists++) {
        const char *p = sector_at(c, list);
        if (!p)
            return broken("its list of tables is not there", e);
        for (size_t i = 0; i < per && done < n; i++, done++)
            if (!add_fat(c, u32(p + 4 * i)))
                return broken("its table of sectors is not there", e);
        list = u32(p + 4 * per);
    }
    return 0;
}

static int read_head(struct cfb *c, struct err *e)
{
    static const char magic[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    if (c->file.n < 512 || memcmp(c->file.p, magic, 8) != 0) {
        err_set(e, RC_DATA, "CFB-002", "this is no old Office file");
        return err_hint(e, "Is it the format that the profile names?");
    }
    uint32_t shift = u16(c->file.p + 30), mini = u16(c->file.p + 32);
    if ((shift != 9 && shift != 12) || mini != 6)
        return broken("its sectors have no size that there is", e);
    c->sector = (size_t)1 << shift;
    c->mini = (size_t)1 << mini;
    c->sectors = c->file.n / c->sector;
    c->sectors -= c->sectors > 0; /* the header is one; a last short one is none */
    int rc = read_fat(c, e);
    if (rc >= 0)
        rc = chain(c, u32(c->file.p + 48), c->file.n, &c->dir, &c->ndir, e);
    if (rc >= 0)
        rc = chain(c, u32(c->file.p + 60), c->file.n, &c->mini_fat, &c->nmini_fat, e);
    return rc;
}

static bool named(const char *entry, const char *name)
{
    size_t n = u16(entry + 64) / 2, k = strlen(name);
    if (n != k + 1 || entry[66] != 2) /* 2: a stream */
        return false;
    for (size_t i = 0; i < k; i++)
        if ((entry[2 * i] | 32) != (name[i] | 32) || entry[2 * i + 1])
            return false;
    return true;
}

/* A short stream: its pieces lie in the stream of the root. */
static int mini_stream(struct cfb *c, uint32_t first, size_t size, char **ret, struct err *e)
{
    size_t n = 0;
    int rc = chain(c, u32(c->dir + 116), c->file.n, &c->mini_data, &c->nmini_data, e);
    if (rc < 0)
        return rc;
    char *p = mem_new(size + c->mini);
    for (uint32_t i = first; n < size; n += c->mini) {
        if ((size_t)i * c->mini + c->mini > c->nmini_data || (size_t)i * 4 + 4 > c->nmini_fat) {
            mem_free(p);
            return broken("a short stream leads nowhere", e);
        }
        memcpy(p + n, c->mini_data + (size_t)i * c->mini, c->mini);
        i = u32(c->mini_fat + (size_t)i * 4);
    }
    *ret = p;
    return 1;
}

static int take_stream(struct cfb *c, const char *entry, char **ret, size_t *ret_n, struct err *e)
{
    uint32_t first = u32(entry + 116);
    size_t size = u32(entry + 120), n;
    *ret_n = size;
    if (size > c->file.n)
        return broken("a stream is longer than the file", e);
    if (size < 4096)
        return mini_stream(c, first, size, ret, e);
    int rc = chain(c, first, size, ret, &n, e);
    if (rc < 0 || n >= size)
        return rc < 0 ? rc : 1;
    mem_freep(ret);
    err_set(e, RC_DATA, "CFB-003", "the old Office file ends too early");
    return err_hint(e, "It was not copied whole: get it again from its sender.");
}

int cfb_stream(struct str file, const char *const *names, char **ret, size_t *ret_n, struct err *e)
{
    struct cfb c = {.file = file};
    int rc = read_head(&c, e);
    for (; rc == 0 && *names; names++)
        for (size_t at = 0; rc == 0 && at + ENTRY <= c.ndir; at += ENTRY)
            if (named(c.dir + at, *names))
                rc = take_stream(&c, c.dir + at, ret, ret_n, e);
    mem_free(c.fat);
    mem_free(c.mini_fat);
    mem_free(c.mini_data);
    mem_free(c.dir);
    return rc;
}
