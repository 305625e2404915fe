/* test_event.c — one line an event, a fixed head, our members not to be overwritten, and no fault
 * of the listener that could stop the work. */
#include "lib/event.h"
#include "lib/io.h"
#include "lib/mem.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>
#include <cmocka.h>

static void test_nobody_listens(void **state)
{
    (void)state;
    struct events *ev = (struct events *)1;
    assert_int_equal(events_open(&ev, NULL, "rta-x", NULL, NULL), 0);
    assert_null(ev);
    event_emit(ev, "start", js_object());
    assert_null(events_run(ev));
    assert_int_equal(events_lost(ev), 0);
    events_close(ev);
}

static void test_lines(void **state)
{
    (void)state;
    char path[] = "/tmp/rta-event-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    struct events *ev = NULL, *second = NULL;
    char fdname[24], *text = NULL;
    size_t n;
    assert_int_equal(events_open(&ev, path, "rta-read", "run-1", NULL), 0);
    struct json *o = js_object();
    js_set(o, "rows", js_int(3));
    js_set(o, "run", js_text("forged"));
    js_set(o, "text", js_text("a\nb"));
    event_emit(ev, "totals", o);
    event_emit(ev, "end", NULL);
    events_close(ev);
    (void)lseek(fd, 0, SEEK_END);
    (void)snprintf(fdname, sizeof fdname, "fd:%d", fd);
    assert_int_equal(events_open(&second, fdname, "rta-map", "", NULL), 0);
    assert_true(strlen(events_run(second)) > 20);
    events_close(second);
    assert_true(fcntl(fd, F_GETFD) >= 0); /* was not ours to close */
    (void)close(fd);
    assert_int_equal(file_slurp(path, 4096, &text, &n, NULL), 0);
    assert_string_equal(
        text, "{\"v\":1,\"run\":\"run-1\",\"program\":\"rta-read\",\"seq\":1,\"event\":\"totals\","
              "\"rows\":3,\"text\":\"a\\nb\"}\n"
              "{\"v\":1,\"run\":\"run-1\",\"program\":\"rta-read\",\"seq\":2,\"event\":\"end\"}\n");
    mem_free(text);
    (void)unlink(path);
}

static void test_faults(void **state)
{
    (void)state;
    static const char *const bad[] = {"fd:",   "fd:x",     "fd:1x",
                                      "fd:-1", "fd:60000", "fd:99999999999"};
    struct events *ev = NULL;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err e = {0};
        assert_int_equal(events_open(&ev, bad[i], "p", NULL, &e), -RC_USAGE);
        assert_string_equal(e.id, "EVENT-001");
    }
    struct err e = {0};
    assert_int_equal(events_open(&ev, "/nowhere/at/all", "p", NULL, &e), -RC_CREATE);
    assert_string_equal(e.id, "EVENT-002");
    assert_string_equal(e.place, "/nowhere/at/all");
    assert_int_equal(events_open(&ev, "/dev/full", "p", NULL, NULL), 0);
    event_emit(ev, "start", NULL);
    assert_int_equal(events_lost(ev), 1);
    events_close(ev);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
