/* test_opt.c — the option parser and what is told from the table. */
#include "lib/mem.h"
#include "lib/opt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct options {
    bool keep, fast;
    const char *profile;
    int64_t max;
    int to;
    struct opt_list partner;
};

static const struct opt table[] = {
    {.name = "keep-going",
     .letter = 'k',
     .kind = OPT_FLAG,
     .offset = offsetof(struct options, keep),
     .help = "pass on what is sound"},
    {.name = "fast",
     .letter = 'f',
     .kind = OPT_FLAG,
     .offset = offsetof(struct options, fast),
     .help = "do not look twice"},
    {.name = "profile",
     .letter = 'p',
     .kind = OPT_TEXT,
     .arg = "NAME",
     .required = true,
     .offset = offsetof(struct options, profile),
     .help = "how the file is read"},
    {.name = "max",
     .letter = 'n',
     .kind = OPT_INT,
     .min = -5,
     .max = 100,
     .offset = offsetof(struct options, max),
     .help = "give up after so many rows were refused, which is a phrase long enough to be laid "
             "out over several lines of help (default: 100)"},
    {.name = "to",
     .kind = OPT_ENUM,
     .words = "text|csv|html",
     .offset = offsetof(struct options, to),
     .help = "what to write"},
    {.name = "partner",
     .kind = OPT_LIST,
     .arg = "CODE",
     .offset = offsetof(struct options, partner),
     .help = "only this partner"},
};
static const struct opt_example examples[] = {{"rta test -p al FILE", "reads FILE"}};
static const struct opt_program program = {.verb = "test",
                                           .group = "cli",
                                           .summary = "Test the parser.",
                                           .arguments = "FILE...",
                                           .min_args = 1,
                                           .max_args = 2,
                                           .description = "First paragraph.\n\nSecond paragraph.",
                                           .opts = table,
                                           .nopts = ARRAY_LEN(table),
                                           .examples = examples,
                                           .nexamples = 1};

static struct options got;
static struct err err;
static struct opt_result result;

#define PARSE(...) parse((const char *[]){"rta-test", __VA_ARGS__, NULL})

static int parse(const char **words)
{
    int n = 0;
    union {
        const char **in;
        char **out;
    } argv = {words}; /* the parser takes main's argv and changes nothing */
    while (words[n])
        n++;
    got = (struct options){.max = 7};
    err_clear(&err);
    return opt_parse(&program, n, argv.out, &got, &result, &err);
}

static void refuse(int rc, const char *id)
{
    assert_int_equal(rc, -RC_USAGE);
    assert_string_equal(err.id, id);
    assert_true(err.hint[0] || strcmp(id, "OPT-006") == 0);
    opt_release(&result);
}

static void takes_every_spelling(void **state)
{
    (void)state;
    assert_int_equal(PARSE("-kf", "--profile=al", "A", "-n", "-3", "--to", "csv", "B"), 0);
    assert_true(got.keep && got.fast);
    assert_string_equal(got.profile, "al");
    assert_int_equal(got.max, -3);
    assert_int_equal(got.to, 1);
    assert_int_equal(result.nargs, 2);
    assert_string_equal(result.args[1], "B");
    opt_release(&result);
    assert_int_equal(PARSE("-pal", "-kn99", "--", "-k", "-"), 0);
    assert_string_equal(got.profile, "al");
    assert_int_equal(got.max, 99);
    assert_string_equal(result.args[0], "-k");
    assert_string_equal(result.args[1], "-");
    opt_release(&result);
}

static void lists_keep_their_order(void **state)
{
    (void)state;
    assert_int_equal(PARSE("-p", "x", "--partner=A", "--partner", "B", "--partner=C",
                           "--partner=", "--partner=E", "F"),
                     0);
    assert_int_equal(got.partner.n, 5);
    assert_string_equal(got.partner.items[0], "A");
    assert_string_equal(got.partner.items[2], "C");
    assert_string_equal(got.partner.items[3], "");
    assert_string_equal(got.partner.items[4], "E");
    assert_int_equal(got.max, 7);
    opt_release(&result);
}

static void refuses_what_is_wrong(void **state)
{
    (void)state;
    refuse(PARSE("--profil=x", "F"), "OPT-001");
    refuse(PARSE("-p", "x", "--max=1x", "F"), "OPT-002");
    refuse(PARSE("-p", "x", "--max=", "F"), "OPT-002");
    refuse(PARSE("-p", "x", "--max= 5", "F"), "OPT-002");
    refuse(PARSE("-p", "x", "--max=101", "F"), "OPT-002");
    refuse(PARSE("-p", "x", "--max=-6", "F"), "OPT-002");
    refuse(PARSE("-p", "x", "--max=99999999999999999999", "F"), "OPT-002");
    refuse(PARSE("-p", "x", "--to=cs", "F"), "OPT-003");
    refuse(PARSE("-p", "x", "--to=csv|html", "F"), "OPT-003");
    refuse(PARSE("-p"), "OPT-005");
    refuse(PARSE("--keep-going=yes", "F"), "OPT-006");
    refuse(PARSE("-x"), "OPT-007");
    refuse(PARSE("F"), "OPT-008");
    refuse(PARSE("-p", "x"), "OPT-009");
    refuse(PARSE("-p", "x", "A", "B", "C"), "OPT-009");
}

static void names_the_nearest(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--keep-goin", "F"), -RC_USAGE);
    assert_non_null(strstr(err.hint, "--keep-going"));
    opt_release(&result);
    assert_int_equal(PARSE("--hlep"), -RC_USAGE);
    assert_non_null(strstr(err.hint, "--help"));
    opt_release(&result);
}

static void asking_needs_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(PARSE("--help"), 0);
    assert_true(result.common.help);
    opt_release(&result);
    assert_int_equal(PARSE("-qV"), 0);
    assert_true(result.common.version && result.common.quiet);
    opt_release(&result);
    assert_int_equal(PARSE("--config=c", "--events", "fd:3", "--no-color", "-p", "x", "F"), 0);
    assert_string_equal(result.common.config, "c");
    assert_string_equal(result.common.events, "fd:3");
    assert_true(result.common.no_color);
    opt_release(&result);
}

static void help_fits_the_terminal(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 65536);
    opt_help(&b, &program);
    size_t column = 0;
    for (size_t i = 0; i < b.n; i++) {
        column = b.p[i] == '\n' ? 0 : column + 1;
        assert_true(column <= 79);
        assert_false(b.p[i] == '\n' && i && b.p[i - 1] == ' ');
    }
    assert_non_null(strstr(b.p, "usage: rta test [OPTION...] FILE...\n"));
    assert_non_null(strstr(b.p, "  -p, --profile=NAME      how the file is read; required\n"));
    assert_non_null(strstr(b.p, "      --to=text|csv|html  what to write\n"));
    assert_non_null(strstr(b.p, "First paragraph.\n\nSecond paragraph.\n"));
    assert_null(strstr(b.p, "help-json"));
    buf_free(&b);
}

static void manual_and_completion_and_json(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 65536);
    opt_man(&b, &program);
    assert_non_null(strstr(b.p, ".TH \"RTA-TEST\" 1"));
    assert_non_null(
        strstr(b.p, "\\fB\\-k\\fR, \\fB\\-\\-keep\\-going\\fR\npass on what is sound\n"));
    assert_non_null(strstr(b.p, "First paragraph.\n.PP\nSecond paragraph."));
    buf_reset(&b);
    opt_completion(&b, &program);
    assert_non_null(strstr(b.p, "--to) COMPREPLY=($(compgen -W \"text csv html\""));
    assert_non_null(strstr(b.p, "complete -o filenames -F _rta_test rta-test\n"));
    buf_reset(&b);
    opt_describe_json(&b, &program);
    assert_memory_equal(b.p, "{\"verb\":\"test\",\"group\":\"cli\"", 28);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_spelling),           cmocka_unit_test(lists_keep_their_order),
        cmocka_unit_test(refuses_what_is_wrong),          cmocka_unit_test(names_the_nearest),
        cmocka_unit_test(asking_needs_nothing_else),      cmocka_unit_test(help_fits_the_terminal),
        cmocka_unit_test(manual_and_completion_and_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
