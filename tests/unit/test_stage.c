/* test_stage.c — the program kit, by running this program as one: codes, messages, accounts, closed
 * descriptors, lost output. */
#include "unit.h"

#include "lib/proc.h"
#include "lib/stage.h"

#include <unistd.h>

struct options {
    const char *act;
    int64_t refused;
};

static const struct opt table[] = {
    {.name = "act",
     .kind = OPT_TEXT,
     .offset = offsetof(struct options, act),
     .help = "what to do"},
    {.name = "refused",
     .kind = OPT_INT,
     .max = 100,
     .offset = offsetof(struct options, refused),
     .help = "rows"},
};
static const struct opt_program program = {.verb = "test",
                                           .group = "cli",
                                           .summary = "a stage",
                                           .arguments = "",
                                           .max_args = -1,
                                           .opts = table,
                                           .nopts = ARRAY_LEN(table)};

static int act_config(struct stage *st, struct err *e)
{
    struct conf *c;
    int rc = stage_conf(st, &c, e);
    if (rc == 0)
        out_str(&st->out, str_of(c->dir));
    return rc;
}

static int run(struct stage *st, struct err *e)
{
    const struct options *o = st->options;
    struct err w = {.rc = RC_OK};
    out_str(&st->out, STR("data\n"));
    if (strcmp(o->act, "fail") == 0) {
        err_set(e, RC_DATA, "TEST-001", "the \033[31mrow is odd\n");
        err_hint(e, "mend it");
        return err_place(e, "AL.csv:12:4");
    }
    if (strcmp(o->act, "silent") == 0)
        return -RC_IO;
    if (strcmp(o->act, "config") == 0)
        return act_config(st, e);
    if (strcmp(o->act, "warn") == 0) {
        err_set(&w, RC_DATA, "TEST-002", "look at this");
        stage_warn(st, &w);
        stage_note(st, "%d rows of \xc2\x9b\033[2Jž", 3);
        stage_raise(st, RC_PARTIAL);
        stage_raise(st, RC_OK);
    }
    if (strcmp(o->act, "totals") == 0)
        st->totals = (struct totals){.in = 10,
                                     .passed = 6,
                                     .refused = (uint64_t)o->refused,
                                     .merged = 1,
                                     .aside = 1,
                                     .used = true};
    return 0;
}

/* ---- the other side ---------------------------------------------------------------------------
 */

static char self[4096];
static struct buf out;
static char dir[] = "/tmp/rta-stage-XXXXXX";
static char log_path[64];

/* Run ourselves as the stage by a shell script in which $0 is this program; gives the code and
 * leaves stdout in `out` and stderr in the log. */
static int sh(const char *script)
{
    struct err e = {.rc = RC_OK};
    buf_reset(&out);
    (void)unlink(log_path);
    const struct proc_io io = {.out = &out, .err_path = log_path};
    int rc = proc_run((const char *const[]){"sh", "-c", script, self, dir, NULL}, &io, &e);
    return rc < 0 ? -rc : rc;
}

static void said(const char *want)
{
    struct err e = {.rc = RC_OK};
    char *text CLEANUP(mem_freep) = NULL;
    size_t n;
    assert_int_equal(file_slurp(log_path, 65536, &text, &n, &e), 0);
    assert_string_equal(text, want);
}

static void errors_are_told(void **state)
{
    (void)state;
    assert_int_equal(sh("\"$0\" --stage --act=fail"), RC_DATA);
    said("rta-test: error: AL.csv:12:4: the ?[31mrow is odd? [TEST-001]\n  hint: mend it\n");
    assert_string_equal(buf_z(&out), "data\n");
    assert_int_equal(sh("\"$0\" --stage --act=silent"), RC_BUG);
    said("rta-test: error: failed with 74 and said nothing [STAGE-003]\n");
    assert_int_equal(sh("\"$0\" --stage --nothing"), RC_USAGE);
}

static void warnings_raise_what_they_are_told_to(void **state)
{
    (void)state;
    assert_int_equal(sh("\"$0\" --stage --act=warn"), RC_PARTIAL);
    said("rta-test: warning: look at this [TEST-002]\nrta-test: 3 rows of ??[2Jž\n");
    assert_int_equal(sh("\"$0\" --stage --act=warn -q"), RC_PARTIAL);
    said("rta-test: warning: look at this [TEST-002]\n");
}

static void accounts_must_close(void **state)
{
    (void)state;
    assert_int_equal(sh("\"$0\" --stage --act=totals --refused=2"), 0);
    said("rta-test: 10 rows in: 6 passed, 2 refused, 1 merged, 1 aside\n");
    assert_int_equal(sh("\"$0\" --stage --act=totals --refused=3"), RC_BUG);
    said("rta-test: error: the accounts do not close: 10 in, but 6 + 3 + 1 + 1 [STAGE-002]\n");
}

static void lost_output_is_noticed(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_int_equal(sh("\"$0\" --stage --act=ok >/dev/full"), RC_IO);
    said("rta-test: error: standard output: the output did not arrive: No space left on device "
         "[IO-004]\n");
    assert_int_equal(sh("\"$0\" --stage --act=ok >&-"), RC_IO);
    assert_int_equal(sh("\"$0\" --stage --act=ok <&-"), 0);
    assert_int_equal(sh("\"$0\" --stage --act=fail 2>&-"), RC_DATA);
}

static void the_configuration_is_found(void **state)
{
    (void)state;
    assert_int_equal(sh("\"$0\" --stage --act=config --config=/nowhere"), RC_CONFIG);
    assert_int_equal(sh("RTA_CONFIG=$1 \"$0\" --stage --act=config"), 0);
    assert_non_null(strstr(buf_z(&out), dir));
    assert_int_equal(sh("RTA_CONFIG=/nowhere \"$0\" --stage --act=config --config=$1"), 0);
}

static void events_are_sent(void **state)
{
    (void)state;
    assert_int_equal(sh("RTA_EVENTS=$1/ev RTA_RUN=r1 \"$0\" --stage --act=warn -q; cat \"$1/ev\""),
                     0);
    assert_non_null(strstr(buf_z(&out), "\"event\":\"start\""));
    assert_non_null(strstr(buf_z(&out), "\"id\":\"TEST-002\""));
    assert_non_null(strstr(buf_z(&out), "\"code\":1"));
    assert_non_null(strstr(buf_z(&out), "\"run\":\"r1\""));
}

static void questions_are_answered(void **state)
{
    (void)state;
    assert_int_equal(sh("\"$0\" --stage --version"), 0);
    assert_string_equal(buf_z(&out), "rta-test " RTA_VERSION "\n");
    assert_int_equal(sh("\"$0\" --stage --help"), 0);
    assert_memory_equal(buf_z(&out), "usage: rta test", 15);
}

static int set_up(void **state)
{
    (void)state;
    buf_init(&out, 65536);
    if (!mkdtemp(dir))
        return -1;
    (void)snprintf(log_path, sizeof log_path, "%s/log", dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    struct err e = {.rc = RC_OK};
    buf_free(&out);
    return dir_remove(dir, &e);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--stage") == 0) {
        struct options options = {.act = "ok"};
        return stage_main(&program, &options, run, argc - 1, argv + 1);
    }
    (void)snprintf(self, sizeof self, "%s", argc ? argv[0] : "");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_are_told),
        cmocka_unit_test(warnings_raise_what_they_are_told_to),
        cmocka_unit_test(accounts_must_close),
        cmocka_unit_test(lost_output_is_noticed),
        cmocka_unit_test(the_configuration_is_found),
        cmocka_unit_test(events_are_sent),
        cmocka_unit_test(questions_are_answered),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
