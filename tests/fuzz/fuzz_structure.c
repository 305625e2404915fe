/* fuzz_structure.c — any bytes as a structure message or code list that rta structure brings in: a
 * refusal has an id; what is taken can be written as XML and JSON, and that JSON read again has the
 * same lists. Built with -fsanitize=fuzzer.
 * Covers: ingest/structure_xml.c ingest/structure_json.c ingest/structure_conf.c
 * Covers: ingest/structure_model.c ingest/structure_out.c ingest/structure_out_json.c
 * Covers: ingest/structure_diff.c */
#include "ingest/structure_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int bring(struct model *m, unsigned how, struct str bytes, struct err *e)
{
    struct source *src CLEANUP(source_closep) = source_memory(bytes, "fuzz");
    int rc = how == 0   ? model_read_xml(m, src, e)
             : how == 1 ? model_read_json(m, bytes, "fuzz", e)
                        : model_read_csv(m, src, "LIST", how == 3 ? "code=a,label_en=b" : NULL, e);
    return rc < 0 ? rc : model_settle(m, "fuzz", e);
}

static void again(const struct model *m, struct str json)
{
    struct model back = {0};
    struct err e = {.rc = RC_OK};
    if (bring(&back, 1, json, &e) >= 0 && back.nlists < m->nlists)
        abort();
    model_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct model m = {0};
    struct err e = {.rc = RC_OK};
    if (!size)
        return 0;
    int rc = bring(&m, data[0] % 4, (struct str){(const char *)data + 1, size - 1}, &e);
    if (rc < 0 && (!e.id[0] || e.rc == RC_BUG))
        abort();
    struct err ids = {.rc = RC_OK};
    if (rc >= 0 && model_check_ids(&m, &ids) >= 0) {
        struct buf b;
        buf_init(&b, 64 << 20);
        model_write_xml(&m, data[0] & 4 ? SM_ML30 : SM_ML21, "2026-01-31T12:00:00Z", &b);
        buf_reset(&b);
        model_write_json(&m, "2026-01-31T12:00:00Z", &b);
        if (!b.full)
            again(&m, buf_view(&b));
        buf_free(&b);
    }
    model_free(&m);
    return 0;
}
