/* test_proc.c — running other programs: codes, pipes, capture, time limits. */
#include "lib/io.h"
#include "lib/mem.h"
#include "lib/proc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <unistd.h>

#define SH(script) ((const char *const[]){"sh", "-c", script, NULL})
#define CMD(script) \
    {               \
        SH(script)  \
    }

static struct err err;

static int run(const char *const *argv, const struct proc_io *io)
{
    err_clear(&err);
    return proc_run(argv, io, &err);
}

static int run_pipe(const struct proc_cmd *cmds, size_t n, const struct proc_io *io)
{
    err_clear(&err);
    return proc_pipe(cmds, n, io, &err);
}

static void codes_come_back(void **state)
{
    (void)state;
    assert_int_equal(run(SH("exit 0"), NULL), 0);
    assert_int_equal(run(SH("exit 1"), NULL), 1);
    assert_int_equal(run(SH("exit 65"), NULL), -RC_DATA);
    assert_string_equal(err.id, "PROC-001");
    assert_string_equal(err.text, "sh ended with code 65");
    assert_int_equal(run(SH("exit 3"), NULL), -RC_SYSTEM);
    assert_int_equal(run(SH("kill -9 $$"), NULL), -RC_SYSTEM);
    assert_string_equal(err.text, "sh was ended by signal 9");
}

static void a_missing_program_is_known_at_once(void **state)
{
    (void)state;
    assert_int_equal(run((const char *const[]){"/nowhere/rta-none", NULL}, NULL), -RC_SYSTEM);
    assert_string_equal(err.id, "PROC-002");
    struct proc_cmd cmds[] = {CMD("cat"), {(const char *const[]){"/nowhere/x", NULL}}};
    assert_int_equal(run_pipe(cmds, 2, NULL), -RC_SYSTEM);
    assert_string_equal(err.id, "PROC-002");
}

static void the_first_to_fail_is_blamed(void **state)
{
    (void)state;
    struct proc_cmd both[] = {CMD("exit 69"), CMD("cat; exit 65")};
    assert_int_equal(run_pipe(both, 2, NULL), -RC_UNAVAILABLE);
    struct proc_cmd reader[] = {CMD("while :; do echo x; done"), CMD("exit 78")};
    assert_int_equal(run_pipe(reader, 2, NULL), -RC_CONFIG);
    struct proc_cmd partial[] = {CMD("exit 1"), CMD("cat")};
    assert_int_equal(run_pipe(partial, 2, NULL), 1);
    struct proc_cmd closed[] = {CMD("while :; do echo x; done"), CMD("exit 0")};
    assert_int_equal(run_pipe(closed, 2, NULL), -RC_SYSTEM);
}

static void output_is_captured(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    struct proc_io io = {.out = &b, .env = (const char *const[]){"RTA_TEST_WORD=from us", NULL}};
    struct proc_cmd cmds[] = {CMD("echo \"$RTA_TEST_WORD\""), CMD("tr a-z A-Z")};
    assert_int_equal(run_pipe(cmds, 2, &io), 0);
    assert_string_equal(buf_z(&b), "FROM US\n");
    buf_reset(&b);
    io.dir = "/";
    assert_int_equal(run(SH("pwd"), &io), 0);
    assert_string_equal(buf_z(&b), "/\n");
    buf_reset(&b);
    assert_int_equal(run(SH("head -c 5000 /dev/zero"), &io), -RC_DATA);
    assert_string_equal(err.id, "BUF-001");
    buf_free(&b);
}

static void files_are_read_and_written(void **state)
{
    (void)state;
    char dir[] = "/tmp/rta-proc-XXXXXX", in[64], out[64], log[64];
    assert_non_null(mkdtemp(dir));
    (void)snprintf(in, sizeof in, "%s/in", dir);
    (void)snprintf(out, sizeof out, "%s/out", dir);
    (void)snprintf(log, sizeof log, "%s/log", dir);
    assert_int_equal(file_write(in, STR("b\na\n"), &err), 0);
    struct proc_io io = {.in_path = in, .out_path = out, .err_path = log};
    assert_int_equal(run(SH("sort; echo one >&2"), &io), 0);
    assert_int_equal(run(SH("sort; echo two >&2"), &io), 0);
    char *text;
    size_t n;
    assert_int_equal(file_slurp(out, 100, &text, &n, &err), 0);
    assert_string_equal(text, "a\nb\n");
    mem_free(text);
    assert_int_equal(file_slurp(log, 100, &text, &n, &err), 0);
    assert_string_equal(text, "one\ntwo\n");
    mem_free(text);
    io.in_path = "/nowhere/in";
    assert_int_equal(run(SH("cat"), &io), -RC_DATA);
    assert_string_equal(err.id, "PROC-003");
    io.in_path = in;
    io.out_path = "/nowhere/out";
    assert_int_equal(run(SH("cat"), &io), -RC_CREATE);
    assert_int_equal(dir_remove(dir, &err), 0);
}

static void a_late_one_is_stopped(void **state)
{
    (void)state;
    struct proc_io io = {.timeout_s = 1};
    assert_int_equal(run(SH("exec sleep 30"), &io), -RC_RETRY);
    assert_string_equal(err.id, "PROC-005");
    assert_int_equal(run(SH("exit 65"), &io), -RC_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_come_back),
        cmocka_unit_test(a_missing_program_is_known_at_once),
        cmocka_unit_test(the_first_to_fail_is_blamed),
        cmocka_unit_test(output_is_captured),
        cmocka_unit_test(files_are_read_and_written),
        cmocka_unit_test(a_late_one_is_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
