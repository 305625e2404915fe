/* test_yaml.c — what the binder takes, and that every refusal names its place and what to do. */
#include "lib/yml.h"
#include "lib/buf.h"
#include "lib/bounds.h"
#include "lib/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>
#include <cmocka.h>

struct city {
    const char *name;
    int64_t people;
    struct yaml_mark at;
};
static const struct yaml_field city_fields[] = {
    {"name", YAML_TEXT, offsetof(struct city, name), .required = true},
    {"people", YAML_INT, offsetof(struct city, people), .fallback = "-1"},
    {.kind = YAML_MARK, .offset = offsetof(struct city, at)},
};
static const struct yaml_type city_type = {sizeof(struct city), city_fields, 3};

struct named {
    const char *key;
    const char *color;
};
static const struct yaml_field named_fields[] = {
    {.key = "color", .kind = YAML_TEXT, .offset = offsetof(struct named, color)}};
static const struct yaml_type named_type = {sizeof(struct named), named_fields, 1};

struct word {
    const char *text;
    struct yaml_mark at;
};
static const struct yaml_field word_fields[] = {
    {.kind = YAML_TEXT, .offset = offsetof(struct word, text)},
    {.kind = YAML_MARK, .offset = offsetof(struct word, at)},
};
static const struct yaml_type word_type = {sizeof(struct word), word_fields, 2};

static const char *const levels[] = {"low", "moderate", "high", NULL};

struct all {
    const char *title;
    int64_t count;
    bool open;
    char sep;
    int level;
    struct city capital;
    struct yaml_list cities, words, names, pairs, groups;
    struct yaml_mark at;
};
#define AT(f) offsetof(struct all, f)
static const struct yaml_field fields[] = {
    {"title", YAML_TEXT, AT(title), .required = true},
    {"count", YAML_INT, AT(count), .fallback = "7"},
    {"open", YAML_BOOL, AT(open), .fallback = "true"},
    {"separator", YAML_CHAR, AT(sep), .fallback = "semicolon"},
    {"level", YAML_ENUM, AT(level), .words = levels, .fallback = "moderate"},
    {"capital", YAML_OBJECT, AT(capital), .type = &city_type},
    {"cities", YAML_LIST, AT(cities), .type = &city_type},
    {"words", YAML_LIST, AT(words), .type = &word_type},
    {"names", YAML_MAP, AT(names), .type = &named_type},
    {"pairs", YAML_MAP, AT(pairs), .type = &yaml_pair_type},
    {"groups", YAML_MAP, AT(groups), .type = &yaml_group_type},
    {.kind = YAML_MARK, .offset = AT(at)},
};
static const struct yaml_type type = {sizeof(struct all), fields, ARRAY_LEN(fields)};

static void test_everything(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_free) = {0};
    struct all v;
    struct err e = {0};
    static const char text[] = "title: 'A: \xc5\xa0'\n"
                               "count: +12\n"
                               "open: false\n"
                               "separator: tab\n"
                               "level: high\n"
                               "capital: {name: Tirana, people: 500}\n"
                               "cities:\n"
                               "  - name: Sarajevo\n"
                               "  - {name: Skopje, people: -3}\n"
                               "words: [one, \"two\", 3]\n"
                               "names:\n"
                               "  b: {color: red}\n"
                               "  a: {}\n"
                               "pairs: {\":\": x, \"\": \"\"}\n"
                               "groups: {g: [1, 2], h: 3, i: []}\n";
    if (yaml_bind(str_of(text), "t.yaml", &type, &v, &a, &e) < 0)
        fail_msg("%s: %s", e.place, e.text);
    assert_string_equal(v.title, "A: \xc5\xa0");
    assert_int_equal(v.count, 12);
    assert_false(v.open);
    assert_int_equal(v.sep, '\t');
    assert_int_equal(v.level, 2);
    assert_string_equal(v.capital.name, "Tirana");
    const struct city *c = v.cities.items;
    assert_int_equal(v.cities.n, 2);
    assert_string_equal(c[0].name, "Sarajevo");
    assert_int_equal(c[0].people, -1);
    assert_int_equal(c[0].at.line, 8);
    assert_int_equal(c[0].at.col, 5);
    assert_int_equal(c[1].people, -3);
    const struct word *w = v.words.items;
    assert_int_equal(v.words.n, 3);
    assert_string_equal(w[1].text, "two");
    assert_int_equal(w[2].at.col, 21);
    const struct named *n = v.names.items;
    assert_string_equal(n[0].key, "b");
    assert_string_equal(n[0].color, "red");
    assert_null(n[1].color);
    const struct yaml_pair *p = v.pairs.items;
    assert_string_equal(p[0].key, ":");
    assert_string_equal(p[1].value, "");
    const struct yaml_group *g = v.groups.items;
    assert_int_equal(g[0].values.n, 2);
    assert_string_equal(*(const char *const *)g[1].values.items, "3");
    assert_int_equal(g[2].values.n, 0);
    assert_string_equal(v.at.file, "t.yaml");
    assert_int_equal(v.at.line, 1);
}

static void test_fallbacks(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_free) = {0};
    struct all v;
    assert_int_equal(
        yaml_bind(STR("title: x\ncities: {name: one}\nwords: w\n"), "t", &type, &v, &a, NULL), 0);
    assert_int_equal(v.count, 7);
    assert_true(v.open);
    assert_int_equal(v.sep, ';');
    assert_int_equal(v.level, 1);
    assert_null(v.capital.name);
    assert_int_equal(v.cities.n, 1); /* one stands for a list of one */
    assert_int_equal(v.words.n, 1);
    assert_int_equal(v.groups.n, 0);
    static const struct {
        const char *text;
        char sep;
    } chars[] = {{"title: x\nseparator: ','", ','},
                 {"title: x\nseparator: comma", ','},
                 {"title: x\nseparator: none", 0},
                 {"title: x\nseparator: '|'", '|'},
                 {"title: x\nseparator: \"\\t\"", '\t'}};
    for (size_t i = 0; i < ARRAY_LEN(chars); i++) {
        assert_int_equal(yaml_bind(str_of(chars[i].text), "t", &type, &v, &a, NULL), 0);
        assert_int_equal(v.sep, chars[i].sep);
    }
}

static const struct {
    const char *text, *id, *place, *hint;
} bad[] = {
    {"", "YAML-009", "t:1:1", ""},
    {"# only a remark\n", "YAML-009", "t:1:1", ""},
    {"title: x\ntitle: y\n", "YAML-005", "t:2:1", "line 1"},
    {"title: [\n", "YAML-001", "t:2:1", "quotes"},
    {"title: x\n\tcount: 1\n", "YAML-001", NULL, ""},
    {"title: \"\xff\"\n", "YAML-001", "t", "UTF-8"},
    {"title: &a x\n", "YAML-002", "t:1:8", "quotes"},
    {"title: *a\n", "YAML-002", "t:1:8", "quotes"},
    {"cities: &a []\n", "YAML-002", "t:1:9", ""},
    {"capital: &a {}\n", "YAML-002", NULL, ""},
    {"title: !!str x\n", "YAML-003", "t:1:8", "quotes"},
    {"cities: !x []\n", "YAML-003", NULL, ""},
    {"capital: !x {}\n", "YAML-003", NULL, ""},
    {"title: \"a\\0b\"\n", "YAML-004", "t:1:8", ""},
    {"? [a]\n: b\n", "YAML-006", "t:1:3", ""},
    {"title: x\n---\ntitle: y\n", "YAML-010", "t:2:1", ""},
    {"titel: x\n", "YAML-014", "t:1:1", "did you mean 'title'?"},
    {"title: x\nzzzzz: 1\n", "YAML-014", "t:2:1", "title, count, open"},
    {"title: x\ncities:\n  - {name: a, peeple: 3}\n", "YAML-014", "t:3:15", "people"},
    {"count: 1\n", "YAML-015", "t:1:1", ""},
    {"title: x\ncapital: {}\n", "YAML-015", "t:2:10", ""},
    {"title: x\ncount: 1.5\n", "YAML-012", "t:2:8", ""},
    {"title: x\ncount: 99999999999999999999\n", "YAML-012", "t:2:8", ""},
    {"title: x\ncount:\n", "YAML-013", "t:2:7", ""},
    {"title: x\ncount: [1]\n", "YAML-013", "t:2:8", ""},
    {"title: x\ncount: -\n", "YAML-001", NULL, ""},
    {"title: x\ncount: ''\n", "YAML-013", NULL, ""},
    {"title: x\nopen: yes\n", "YAML-012", "t:2:7", ""},
    {"title: x\nopen: True\n", "YAML-012", NULL, ""},
    {"title: x\nseparator: ab\n", "YAML-012", NULL, ""},
    {"title: x\nseparator: \xc5\xa0\n", "YAML-012", NULL, ""},
    {"title: x\nlevel: hihg\n", "YAML-012", "t:2:8", "did you mean 'high'?"},
    {"title: x\nlevel: zz\n", "YAML-012", NULL, ""},
    {"title: {a: b}\n", "YAML-013", NULL, ""},
    {"title: x\ncapital: Tirana\n", "YAML-012", NULL, ""},
    {"title: x\nnames: [a]\n", "YAML-013", NULL, ""},
    {"title: x\nnames: {a: red}\n", "YAML-012", NULL, ""},
    {"title: x\ncities:\n", "YAML-013", "t:2:8", ""},
    {"title: x\ncities: [a]\n", "YAML-012", NULL, ""},
    {"title: x\nwords: [[a]]\n", "YAML-013", NULL, ""},
    {"- a\n", "YAML-013", "t:1:1", ""},
    {"just text\n", "YAML-012", "t:1:1", ""},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct arena a CLEANUP(arena_free) = {0};
        struct all v;
        struct err e = {0};
        if (yaml_bind(str_of(bad[i].text), "t", &type, &v, &a, &e) != -RC_CONFIG)
            fail_msg("accepted: %s", bad[i].text);
        if (strcmp(e.id, bad[i].id) != 0)
            fail_msg("%s: %s %s, not %s", bad[i].text, e.id, e.text, bad[i].id);
        if (bad[i].place)
            assert_string_equal(e.place, bad[i].place);
        if (!strstr(e.hint, bad[i].hint))
            fail_msg("%s: hint '%s'", bad[i].text, e.hint);
    }
}

static void test_limits(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_free) = {0};
    struct buf b;
    struct all v;
    struct err e = {0};
    buf_init(&b, (size_t)1 << 24);
    buf_text(&b, "title: ");
    for (int i = 0; i < 40; i++)
        buf_char(&b, '[');
    assert_int_equal(yaml_bind(buf_view(&b), "t", &type, &v, &a, &e), -RC_CONFIG);
    assert_string_equal(e.id, "YAML-007");
    buf_reset(&b);
    err_clear(&e);
    for (int i = 0; i < 40; i++) /* nested in keys */
        buf_text(&b, "? ");
    assert_int_equal(yaml_bind(buf_view(&b), "t", &type, &v, &a, &e), -RC_CONFIG);
    assert_string_equal(e.id, "YAML-007");
    buf_reset(&b);
    err_clear(&e);
    buf_text(&b, "words: [");
    for (unsigned i = 0; i < LIMIT_YAML_NODES; i++)
        buf_text(&b, "a,");
    buf_text(&b, "]\n");
    assert_int_equal(yaml_bind(buf_view(&b), "t", &type, &v, &a, &e), -RC_CONFIG);
    assert_string_equal(e.id, "YAML-008");
    buf_free(&b);
}

static void test_file_and_fault(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_free) = {0};
    struct all v;
    struct err e = {0};
    char path[] = "/tmp/rta-yaml-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "title: x\n", 9), 9);
    (void)close(fd);
    assert_int_equal(yaml_bind_file(path, &type, &v, &a, &e), 0);
    assert_string_equal(v.title, "x");
    assert_int_equal(yaml_fault(&e, v.at, "TEST-001", "no %s", "good"), -RC_CONFIG);
    assert_string_equal(e.text, "no good");
    assert_int_equal(yaml_fault(&e, (struct yaml_mark){"other", 9, 9}, "TEST-002", "late"),
                     -RC_CONFIG);
    assert_string_equal(e.id, "TEST-001");
    assert_non_null(strstr(e.place, ":1:1"));
    (void)unlink(path);
    err_clear(&e);
    assert_int_equal(yaml_bind_file(path, &type, &v, &a, &e), -RC_CONFIG);
    assert_int_equal(e.rc, RC_CONFIG);
    assert_int_equal(yaml_bind_file(path, &type, &v, &a, NULL), -RC_CONFIG);
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const words[] = {"dimension", "attribute", "value", "heading"};
    assert_string_equal(word_nearest(STR("dimensoin"), words, 4), "dimension");
    assert_string_equal(word_nearest(STR("valeu"), words, 4), "value");
    assert_null(word_nearest(STR("xyz"), words, 4));
    assert_null(word_nearest(STR(""), words, 4));
    assert_null(word_nearest(STR("v"), words, 4));
    assert_null(word_nearest(STR("value"), words, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything), cmocka_unit_test(test_fallbacks),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_limits),
        cmocka_unit_test(test_nearest),    cmocka_unit_test(test_file_and_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
