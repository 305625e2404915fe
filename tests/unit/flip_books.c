/* flip_books.c — every byte of small workbooks, turned one after another: each reading ends well or
 * in a message with an id and a place, and in bounds. `flip_books FORMAT FILE …` (xlsx, ods, xls);
 * ends with "N passed, N failed, 0 skipped". For `make check-flip`, with sanitizers. */
#include "ingest/grid.h"
#include "lib/io.h"
#include "lib/mem.h"

#include <sys/mman.h>
#include <unistd.h>

static int on_sheet(void *to, const struct grid_sheet *sheet, struct err *e)
{
    (void)to, (void)sheet, (void)e;
    return 1;
}

static int on_row(void *to, const struct table_row *row, struct err *e)
{
    size_t *sum = to;
    (void)e;
    for (size_t i = 0; i < row->n; i++) /* every byte is touched */
        for (size_t k = 0; k < row->cell[i].n; k++)
            *sum += (unsigned char)row->cell[i].p[k];
    return 0;
}

static int on_end(void *to, struct err *e)
{
    (void)to, (void)e;
    return 0;
}

static bool read_once(const struct book *book, int fd, struct err *e)
{
    char path[64];
    size_t sum = 0;
    const struct grid_sink sink = {&sum, on_sheet, on_row, on_end};
    const struct grid_options o = {"flipped", HIDDEN_INCLUDE, true, true};
    struct grid *g = grid_new(&o, &sink);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    *e = (struct err){.rc = RC_OK};
    int rc = book->read(path, g, e);
    grid_closep(&g);
    return rc >= 0 || (rc == -RC_DATA && e->id[0] && e->place[0]);
}

static bool flip_byte(const struct book *book, int fd, size_t at, char was, size_t *ret_refused)
{
    static const char masks[] = {1, -1};
    bool ok = true;
    for (size_t k = 0; k < sizeof masks && ok; k++) {
        struct err e;
        char c = (char)(was ^ masks[k]);
        ok = pwrite(fd, &c, 1, (off_t)at) == 1 && read_once(book, fd, &e);
        if (!ok)
            (void)printf("FAIL byte %zu: %s %s %s\n", at, e.id, e.place, e.text);
        *ret_refused += e.id[0] != '\0';
    }
    return ok && pwrite(fd, &was, 1, (off_t)at) == 1;
}

static bool cut_at(const struct book *book, int fd, const char *p, size_t n, size_t at)
{
    struct err e;
    bool ok = pwrite(fd, p, n, 0) == (ssize_t)n && ftruncate(fd, (off_t)at) == 0 &&
              read_once(book, fd, &e) && e.id[0];
    if (!ok)
        (void)printf("FAIL cut at %zu\n", at);
    return ok;
}

static bool flip(const struct book *book, const char *p, size_t n, size_t *ret_refused)
{
    int fd = memfd_create("flip", MFD_CLOEXEC);
    struct err e;
    bool ok = fd >= 0 && write(fd, p, n) == (ssize_t)n;
    ok = ok && read_once(book, fd, &e) && !e.id[0];
    for (size_t i = 0; i < n && ok; i++)
        ok = flip_byte(book, fd, i, p[i], ret_refused);
    /* And cut short; an archive's last bytes are the length of a comment that nobody wrote. */
    for (size_t i = 0; i + 22 < n && ok; i += 1 + n / 500)
        ok = cut_at(book, fd, p, n, i);
    if (fd >= 0)
        close(fd);
    return ok;
}

int main(int argc, char **argv)
{
    unsigned passed = 0, failed = 0;
    for (int i = 1; i + 1 < argc; i += 2) {
        const struct book *books[] = {&book_xlsx, &book_ods, &book_xls};
        struct err e = {0};
        char *p = NULL;
        size_t n = 0, refused = 0;
        bool ok = file_slurp(argv[i + 1], 1 << 20, &p, &n, &e) >= 0;
        for (size_t k = 0; k < ARRAY_LEN(books) && ok; k++)
            if (strcmp(books[k]->format, argv[i]) == 0)
                ok = flip(books[k], p, n, &refused);
        (void)printf("%s %s: %zu bytes, %zu of %zu readings refused\n", ok ? "ok  " : "FAIL",
                     argv[i + 1], n, refused, 2 * n);
        passed += ok;
        failed += !ok;
        mem_free(p);
    }
    (void)printf("%u passed, %u failed, 0 skipped\n", passed, failed);
    return failed > 0;
}
