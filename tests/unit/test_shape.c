/* Structures as rta fetch --check reads and compares them: SDMX-ML 2.1 and 3.0, PxWeb; no byte that
 * is changed brings it down. */
#include "ingest/fetch_shape.h"
#include "unit.h"

#include <unistd.h>

static const char ml30[] =
    "<?xml version=\"1.0\"?>\n<m:Structure xmlns:m=\"m\" xmlns:s=\"s\" xmlns:c=\"c\"><m:Structures>"
    "<s:Codelists><s:Codelist id=\"CL_GEO\"><c:Name xml:lang=\"en\">Geo</c:Name>"
    "<s:Code id=\"W\"><c:Name xml:lang=\"fr\">Monde</c:Name><c:Name xml:lang=\"en\">World</c:Name>"
    "</s:Code><s:Code id=\"AL\"><c:Name xml:lang=\"sq\">Shqipëria</c:Name><s:Parent>W</s:Parent>"
    "</s:Code></s:Codelist></s:Codelists><s:DataStructures><s:DataStructure id=\"D\">"
    "<s:DataStructureComponents><s:DimensionList id=\"DimensionDescriptor\">"
    "<s:Dimension id=\"GEO\"><s:ConceptIdentity>urn:x=A:C(1.0).GEO</s:ConceptIdentity>"
    "<s:LocalRepresentation><s:Enumeration>urn:sdmx:org.sdmx.infomodel.codelist.Codelist="
    "A:CL_GEO(1.0)</s:Enumeration></s:LocalRepresentation></s:Dimension>"
    "<s:TimeDimension id=\"TIME_PERIOD\"/></s:DimensionList><s:AttributeList><s:Attribute id=\"X\">"
    "<s:AttributeRelationship><s:Dimension>GEO</s:Dimension></s:AttributeRelationship>"
    "</s:Attribute></s:AttributeList></s:DataStructureComponents></s:DataStructure>"
    "</s:DataStructures></m:Structures></m:Structure>";

static int shape_of(const char *bytes, size_t n, struct shape *ret, struct err *e)
{
    char path[] = "/tmp/rta-shape.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    (void)close(fd);
    int rc = shape_read(path, ret, e);
    (void)unlink(path);
    return rc;
}

static void is(const struct shape *s, size_t i, const char *list, const char *id, const char *name,
               const char *parent)
{
    assert_true(i < s->n);
    assert_string_equal(s->items[i].list, list);
    assert_string_equal(s->items[i].id, id);
    assert_string_equal(s->items[i].name, name);
    assert_string_equal(s->items[i].parent, parent);
}

static void sdmx_30(void **state)
{
    struct err e = {.rc = RC_OK};
    struct shape s;
    (void)state;
    assert_int_equal(shape_of(ml30, sizeof ml30 - 1, &s, &e), 0);
    assert_int_equal(s.n, 4);
    is(&s, 0, "CL_GEO", "W", "World", "");
    is(&s, 1, "CL_GEO", "AL", "Shqipëria", "W");
    is(&s, 2, "", "GEO", "", "CL_GEO");
    is(&s, 3, "", "TIME_PERIOD", "", "");
    shape_free(&s);
}

static void pxweb(void **state)
{
    static const char px[] = "{\"title\":\"t\",\"variables\":[{\"code\":\"Viti\",\"text\":\"Year\","
                             "\"values\":[\"0\",\"1\"],\"valueTexts\":[\"2019\",\"2020\"]}]}";
    struct err e = {.rc = RC_OK};
    struct shape s;
    (void)state;
    assert_int_equal(shape_of(px, sizeof px - 1, &s, &e), 0);
    assert_int_equal(s.n, 3);
    is(&s, 0, "", "Viti", "Year", "");
    is(&s, 2, "Viti", "1", "2020", "");
    shape_free(&s);
}

static void nothing(void **state)
{
    static const char *const bad[] = {"", "   ", "<a/>", "{}", "{\"variables\":[]}", "<a", "[1]"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err e = {.rc = RC_OK};
        struct shape s;
        assert_int_equal(shape_of(bad[i], strlen(bad[i]), &s, &e), -RC_DATA);
        shape_free(&s);
    }
}

static void count_it(void *ctx, const char *word, const struct shape_item *before,
                     const struct shape_item *now)
{
    (void)word;
    assert_true(before || now);
    ++*(size_t *)ctx;
}

static void flipped(void **state)
{
    struct err e = {.rc = RC_OK};
    struct shape whole;
    char bytes[sizeof ml30];
    (void)state;
    assert_int_equal(shape_of(ml30, sizeof ml30 - 1, &whole, &e), 0);
    for (size_t i = 0; i < sizeof ml30 - 1; i += 3) {
        struct shape s;
        size_t told = 0;
        memcpy(bytes, ml30, sizeof ml30);
        bytes[i] = (char)(bytes[i] ^ 0x11);
        err_clear(&e);
        int rc = shape_of(bytes, sizeof ml30 - 1, &s, &e);
        assert_true(rc == 0 || rc == -RC_DATA);
        size_t n = rc == 0 ? shape_diff(&whole, &s, count_it, &told) : 0;
        assert_int_equal(n, told);
        shape_free(&s);
    }
    size_t told = 0;
    assert_int_equal(shape_diff(&whole, &whole, count_it, &told), 0);
    shape_free(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sdmx_30), cmocka_unit_test(pxweb),
                                       cmocka_unit_test(nothing), cmocka_unit_test(flipped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
