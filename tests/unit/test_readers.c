/* test_readers.c — a small file of each wire format with every byte replaced, and cut at every
 * byte: an answer with a place, never a crash, never a leak. */
#include "unit.h"

#include "readers.h"

#include <unistd.h>

static const char jsonstat[] =
    "{\"class\":\"dataset\",\"id\":[\"geo\",\"sex\"],\"size\":[2,2],\"value\":{\"0\":1.5,\"3\":2},"
    "\"status\":{\"1\":\":\",\"2\":\"|C\"},\"dimension\":{\"geo\":{\"category\":{\"index\":{\"AL\":"
    "0,"
    "\"BA\":1}}},\"sex\":{\"category\":{\"index\":[\"F\",\"M\"]}}}}";
static const char sdmxjson[] =
    "{\"data\":{\"dataSets\":[{\"action\":\"Replace\",\"series\":{\"0:1\":{\"attributes\":[0],"
    "\"observations\":{\"0\":[1.5,null],\"1\":[\"NaN\",0]}}}}],\"structures\":[{\"links\":[{"
    "\"rel\":"
    "\"dataflow\",\"urn\":\"x=A:B(1.0)\"}],\"dimensions\":{\"series\":[{\"id\":\"G\",\"values\":[{"
    "\"id\":\"AL\"}]},{\"id\":\"S\",\"values\":[{\"id\":\"F\"},{\"id\":\"M\"}]}],\"observation\":[{"
    "\"id\":\"TIME_PERIOD\",\"values\":[{\"id\":\"2020\"},{\"id\":\"2021\"}]}]},\"attributes\":{"
    "\"series\":[{\"id\":\"CONF_STATUS\",\"values\":[{\"id\":\"F\"}]}],\"observation\":[{\"id\":"
    "\"OBS_STATUS\",\"values\":[{\"id\":\"B\"}]}]}}]}}";
static const char px[] =
    "CHARSET=\"ANSI\";\nLANGUAGE=\"en\";\nTITLE=\"a \"\n\"b\";\nSTUB=\"g\",\"s\";HEADING=\"t\";\n"
    "VALUES(\"g\")=\"A\",\"B\";VALUES(\"s\")=\"F\",\"M\";VALUES[sq](\"s\")=\"x\";\n"
    "VALUES(\"t\")=\"20201\",\"20202\";TIMEVAL(\"t\")=TLIST(Q1,\"20201\"-\"20202\");\n"
    "KEYS(\"g\")=VALUES;KEYS(\"s\")=VALUES;\nDATA=\n\"A\",\"F\", 1 2.5\n\"B\",\"M\", \"-\" 4;\n";
static const char sdmxml[] =
    "<m:GenericData xmlns:m='m' xmlns:g='g'><m:Header><m:Structure "
    "dimensionAtObservation='TIME_PERIOD'><Ref agencyID='A' id='B' version='1.0'/></m:Structure>"
    "</m:Header><m:DataSet action='Append'><g:Series><g:SeriesKey><g:Value id='FREQ' value='A'/>"
    "<g:Value id='AREA' value='AL'/></g:SeriesKey><g:Attributes><g:Value id='CONF_STATUS' "
    "value='F'/></g:Attributes><g:Obs><g:ObsDimension value='2020'/><g:ObsValue value='1.5'/>"
    "<g:Attributes><g:Value id='OBS_STATUS' value='P'/></g:Attributes></g:Obs></g:Series>"
    "</m:DataSet></m:GenericData>";
static const char compact[] =
    "<StructureSpecificData><DataSet REPORTING_YEAR_START_DAY='--01-01'><Group AREA='AL' T='x'/>"
    "<Series FREQ='A' AREA='AL'><Obs TIME_PERIOD='2020' OBS_VALUE='1'/><Obs TIME_PERIOD='2021' "
    "OBS_STATUS='E' DECIMALS='0'/></Series></DataSet></StructureSpecificData>";

static const struct sample {
    const struct reader *reader;
    enum read_format format;
    struct str bytes;
} samples[] = {
    {&reader_jsonstat, FORMAT_JSONSTAT, {jsonstat, sizeof jsonstat - 1}},
    {&reader_sdmxjson, FORMAT_SDMXJSON, {sdmxjson, sizeof sdmxjson - 1}},
    {&reader_px, FORMAT_PX, {px, sizeof px - 1}},
    {&reader_sdmxml, FORMAT_SDMXML, {sdmxml, sizeof sdmxml - 1}},
    {&reader_sdmxml, FORMAT_SDMXML, {compact, sizeof compact - 1}},
};

/* Messages of thousands of broken files are not for the log. */
static int hush(void)
{
    int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
    (void)dup2(null, STDERR_FILENO);
    (void)close(null);
    return kept;
}

static void speak(int kept)
{
    (void)dup2(kept, STDERR_FILENO);
    (void)close(kept);
}

static bool answered(const struct sample *s, struct str bytes)
{
    struct err e = {.rc = RC_OK};
    int rc = readers_run(s->reader, s->format, bytes, &e);
    return rc >= 0 || (rc == -RC_DATA && e.id[0]) || rc == -RC_CONFIG;
}

static void test_whole(void **state)
{
    (void)state;
    int kept = hush();
    struct err e[ARRAY_LEN(samples)] = {0};
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        (void)!readers_run(samples[i].reader, samples[i].format, samples[i].bytes, &e[i]);
    speak(kept);
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        assert_string_equal(e[i].text, "");
}

static void test_flipped(void **state)
{
    (void)state;
    static const char with[] = {'"', '9', '\0', '\x80', '{'};
    int kept = hush();
    size_t bad = 0;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        struct str s = samples[i].bytes;
        char *copy = mem_new(s.n);
        memcpy(copy, s.p, s.n);
        for (size_t at = 0; at < s.n; at++) {
            for (size_t k = 0; k < sizeof with; k++) {
                copy[at] = with[k];
                bad += !answered(&samples[i], (struct str){copy, s.n});
            }
            copy[at] = (char)(s.p[at] ^ 1);
            bad += !answered(&samples[i], (struct str){copy, s.n});
            copy[at] = s.p[at];
        }
        mem_free(copy);
    }
    speak(kept);
    assert_int_equal(bad, 0);
}

static void test_cut(void **state)
{
    (void)state;
    int kept = hush();
    size_t bad = 0, whole = 0;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        for (size_t n = 0; n < samples[i].bytes.n; n++) {
            struct err e = {.rc = RC_OK};
            int rc = readers_run(samples[i].reader, samples[i].format,
                                 (struct str){samples[i].bytes.p, n}, &e);
            bad += rc < 0 && rc != -RC_DATA;
            whole += rc >= 0 && samples[i].format != FORMAT_PX;
        }
    speak(kept);
    assert_int_equal(bad, 0);
    assert_int_equal(whole, 0); /* what was cut off is never taken for whole */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_whole), cmocka_unit_test(test_flipped),
                                       cmocka_unit_test(test_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
