/* fuzz_answer.c — any bytes as what a server sends to rta fetch: as data of each kind that may be
 * expected, as an answer that says "later", as a fault, as a structure that is compared with
 * itself. Never a crash; a refusal has an id and a place; what is told of it is one line. Built
 * with -fsanitize=fuzzer. Covers: ingest/fetch_look.c ingest/fetch_shape.c ingest/fetch_receipt.c
 * lib/gz.c lib/xml.c lib/json.c */
#include "ingest/fetch.h"
#include "ingest/fetch_shape.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void never(void *ctx, const char *word, const struct shape_item *before,
                  const struct shape_item *now)
{
    (void)ctx, (void)word, (void)before, (void)now;
}

static void must_say(int rc, const struct err *e)
{
    if (rc < 0 && (!e->id[0] || !e->text[0] || e->rc == RC_BUG))
        abort();
}

static void as_fault(struct str bytes)
{
    struct buf b;
    buf_init(&b, 1024);
    fetch_fault_text(bytes, &b);
    if (b.n > 400 || memchr(b.p ? b.p : "", '\n', b.n))
        abort();
    buf_free(&b);
}

static void as_structure(const char *path)
{
    struct shape s;
    struct err e = {.rc = RC_OK};
    int rc = shape_read(path, &s, &e);
    must_say(rc, &e);
    if (rc == 0)
        (void)shape_diff(&s, &s, never, NULL);
    shape_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64], id[128];
    bool gzip;
    struct err e = {.rc = RC_OK};
    struct fetch_receipt receipt;
    if (!size)
        return 0;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (write(fd, data + 1, size - 1) != (ssize_t)(size - 1))
        abort();
    int rc = fetch_look(path, "answer", (enum fetch_format)(data[0] % (FORMAT_ANY + 1)), &gzip, &e);
    must_say(rc, &e);
    fetch_async_id(path, id);
    if (id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")])
        abort();
    as_fault((struct str){(const char *)data + 1, size - 1});
    as_structure(path);
    (void)fetch_receipt_read(path, &receipt);
    close(fd);
    return 0;
}
