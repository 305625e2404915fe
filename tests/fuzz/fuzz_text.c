/* fuzz_text.c — libFuzzer target: what comes out of a text source is valid UTF-8 up to a character
 * that a portion may cut, and folding, width and distance take any bytes.
 * Covers: lib/text.c lib/text_char.c */
#include "lib/buf.h"
#include "lib/mem.h"
#include "lib/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const names[] = {"UTF-8",        "UTF-16",       "UTF-16LE",     "UTF-16BE",
                                    "Windows-1250", "Windows-1251", "Windows-1252", "ISO-8859-1",
                                    "ISO-8859-2",   "ISO-8859-5",   "ISO-8859-16",  "MacRoman"};

static void convert(struct str bytes, const char *name)
{
    struct source *s = NULL;
    struct err e = {0};
    if (source_text(&s, source_memory(bytes, "x"), name, &e) < 0)
        return;
    char *text = NULL;
    size_t n = 0;
    if (source_slurp(s, 8 << 20, &text, &n, &e) == 0 && !text_valid((struct str){text, n}))
        abort();
    mem_free(text);
    source_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    struct str bytes = {(const char *)data + 1, n - 1};
    convert(bytes, names[data[0] % ARRAY_LEN(names)]);
    struct buf b, again;
    buf_init(&b, 4 * n + 16);
    buf_init(&again, 4 * n + 16);
    text_fold(&b, bytes);
    text_fold(&again, buf_view(&b));
    if (text_valid(bytes) && !str_eq(buf_view(&b), buf_view(&again)))
        abort();
    (void)text_width(bytes);
    if (n < 200 && text_distance(bytes, bytes, 3) != 0)
        abort();
    buf_free(&b);
    buf_free(&again);
    return 0;
}
