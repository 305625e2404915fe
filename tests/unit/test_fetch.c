/* test_fetch.c — the URLs of Eurostat's services, what a fault says, and URLs without secrets. */
#include "unit.h"

#include "ingest/fetch.h"

static const char *const annual[] = {"A"}, *const partners[] = {"AL", "RS"};
static struct yaml_group dims[] = {{"freq", {(void *)(uintptr_t)annual, 1}},
                                   {"iccs", {NULL, 0}},
                                   {"geo", {(void *)(uintptr_t)partners, 2}}};

static struct fetch_builder builder(int kind, int format)
{
    return (struct fetch_builder){.at = {"s.yaml", 3, 1},
                                  .kind = kind,
                                  .format = format,
                                  .base = "https://x.example/api/",
                                  .flow = "CRIM_OFF_CAT",
                                  .version = "1.0",
                                  .language = "en",
                                  .dimensions = {dims, 3}};
}

static void gives(const struct fetch_builder *x, const char *want)
{
    struct buf b;
    struct err e = {0};
    buf_init(&b, 4096);
    assert_int_equal(fetch_eurostat_url(&b, x, &e), 0);
    assert_string_equal(buf_z(&b), want);
    buf_free(&b);
}

static void test_sdmx_21(void **state)
{
    (void)state;
    struct fetch_builder x = builder(KIND_SDMX_21, FORMAT_TSV);
    gives(&x, "https://x.example/api/sdmx/2.1/data/CRIM_OFF_CAT/A..AL+RS?format=TSV&lang=en"
              "&compressed=false");
    x.start = "2015-Q1";
    x.end = "2016";
    x.format = FORMAT_CSV;
    x.flow = "ESTAT,CRIM_OFF_CAT,latest";
    gives(&x, "https://x.example/api/sdmx/2.1/data/ESTAT,CRIM_OFF_CAT,latest/A..AL+RS"
              "?format=SDMX-CSV&startPeriod=2015-Q1&endPeriod=2016&lang=en&compressed=false");
    x.dimensions.n = 0;
    x.start = x.end = NULL;
    x.format = FORMAT_JSON;
    gives(&x, "https://x.example/api/sdmx/2.1/data/ESTAT,CRIM_OFF_CAT,latest?format=JSON&lang=en"
              "&compressed=false");
    x.dimensions = (struct yaml_list){dims + 1, 1}; /* nothing but a wildcard: no key at all */
    x.format = FORMAT_XML;
    gives(&x, "https://x.example/api/sdmx/2.1/data/ESTAT,CRIM_OFF_CAT,latest"
              "?format=SDMX_2.1_STRUCTURED&lang=en&compressed=false");
}

static void test_sdmx_30(void **state)
{
    (void)state;
    struct fetch_builder x = builder(KIND_SDMX_30, FORMAT_CSV);
    gives(&x, "https://x.example/api/sdmx/3.0/data/dataflow/ESTAT/CRIM_OFF_CAT/1.0/A.*.*"
              "?c%5Bgeo%5D=AL,RS&format=csvdata&formatVersion=2.0&lang=en&labels=id"
              "&compress=false");
    x.start = "2015-Q1";
    x.end = "2026-Q2";
    x.format = FORMAT_TSV;
    gives(&x, "https://x.example/api/sdmx/3.0/data/dataflow/ESTAT/CRIM_OFF_CAT/1.0/A.*.*"
              "?c%5Bgeo%5D=AL,RS&c%5BTIME_PERIOD%5D=ge:2015-Q1+le:2026-Q2&format=tsv&lang=en"
              "&labels=id&compress=false");
    x.start = NULL;
    x.dimensions.n = 0;
    gives(&x, "https://x.example/api/sdmx/3.0/data/dataflow/ESTAT/CRIM_OFF_CAT/1.0/*"
              "?c%5BTIME_PERIOD%5D=le:2026-Q2&format=tsv&lang=en&labels=id&compress=false");
}

static void fails(const struct fetch_builder *x, const char *id)
{
    struct buf b;
    struct err e = {0};
    buf_init(&b, 4096);
    assert_int_equal(fetch_eurostat_url(&b, x, &e), -RC_CONFIG);
    assert_string_equal(e.id, id);
    assert_string_equal(e.place, "s.yaml:3:1");
    buf_free(&b);
}

static void test_words(void **state)
{
    (void)state;
    static const char *const bad[] = {"A+B", "A.B", "A&x=1", "A/B", "*", "A B", "\xc4\x87", "%41"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct yaml_group d = {"geo", {(void *)(uintptr_t)(bad + i), 1}};
        struct fetch_builder x = builder(KIND_SDMX_30, FORMAT_CSV);
        x.dimensions = (struct yaml_list){&d, 1};
        fails(&x, "FETCH-004");
    }
    struct fetch_builder x = builder(KIND_SDMX_21, FORMAT_CSV);
    x.flow = "X?format=JSON";
    fails(&x, "FETCH-004");
    x.flow = "";
    fails(&x, "FETCH-021");
    x.flow = "X";
    x.start = "2015:Q1";
    fails(&x, "FETCH-004");
    x.start = NULL;
    x.end = "2015&c";
    fails(&x, "FETCH-004");
}

static void says(const char *body, const char *want)
{
    struct buf b;
    buf_init(&b, 4096);
    fetch_fault_text(str_of(body), &b);
    assert_string_equal(buf_z(&b), want);
    buf_free(&b);
}

static void test_fault_text(void **state)
{
    (void)state;
    says("", "");
    says("just\n text ", "just text");
    says("<S:Fault><faultcode>1</faultcode><faultstring>No\n  results</faultstring></S:Fault>",
         "No results");
    says("\xef\xbb\xbf <m:Error><com:Text xml:lang=\"en\">Too big</com:Text></m:Error>", "Too big");
    says("<html><title>Oops</title>", "Oops");
    says("<a><b/></a>", "");
    says("<faultstring", "");
    says("{\"error\":[{\"status\":400,\"label\":\"Bad code\"}]}", "Bad code");
    says("{\"message\":\"no\"}", "no");
    says("{\"other\":1}", "");
    says("{broken", "{broken");
}

static void shows(const char *url, const char *want, bool secret)
{
    struct buf b;
    buf_init(&b, 4096);
    http_url_show(&b, url);
    assert_string_equal(buf_z(&b), want);
    assert_int_equal(http_url_secret(url), secret);
    buf_free(&b);
}

static void test_url(void **state)
{
    (void)state;
    shows("https://x.example/a?b=c", "https://x.example/a?b=c", false);
    shows("https://me:hush@x.example/a", "https://x.example/a", true);
    shows("https://me@x.example/a", "https://x.example/a", true);
    shows("::::", "(unreadable URL)", false);
    char scheme[16];
    http_url_scheme("HTTPS://x.example/", scheme);
    assert_string_equal(scheme, "https");
    http_url_scheme("nonsense", scheme);
    assert_string_equal(scheme, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sdmx_21), cmocka_unit_test(test_sdmx_30),
        cmocka_unit_test(test_words),   cmocka_unit_test(test_fault_text),
        cmocka_unit_test(test_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
