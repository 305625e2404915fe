/* test_conf.c — finding files of the configuration, and its tables. */
#include "lib/conf.h"
#include "lib/io.h"
#include "lib/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <unistd.h>

static char dir[] = "/tmp/rta-conf-XXXXXX";
static struct err err;
static struct conf conf;

static void put(const char *name, const char *text)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(file_write(path, str_of(text), &err), 0);
}

static void make(const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(dir_make(path, &err), 0);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    make("reports/rita");
    make("empty");
    put("reports/rita.yaml", "");
    put("reports/rita/T3.yaml", "");
    put("reports/rita/T1.yaml", "");
    put("reports/about.txt", "");
    put("reports/.hidden.yaml", "");
    return conf_open(&conf, dir, &err);
}

static int tear_down(void **state)
{
    (void)state;
    conf_close(&conf);
    return dir_remove(dir, &err);
}

static void files_are_found(void **state)
{
    (void)state;
    const char *path;
    char want[256];
    (void)snprintf(want, sizeof want, "%s/reports/rita/T3.yaml", dir);
    assert_int_equal(conf_path(&conf, "reports", "rita/T3", "yaml", &path, &err), 0);
    assert_string_equal(path, want);
}

static void a_missing_one_names_the_nearest(void **state)
{
    (void)state;
    const char *path = "untouched";
    err_clear(&err);
    assert_int_equal(conf_path(&conf, "reports", "rita/T33", "yaml", &path, &err), -RC_CONFIG);
    assert_string_equal(err.id, "CONF-003");
    assert_string_equal(err.hint, "did you mean rita/T3?");
    assert_string_equal(path, "untouched");
    err_clear(&err);
    assert_int_equal(conf_path(&conf, "nothing", "x", "yaml", &path, &err), -RC_CONFIG);
    assert_string_equal(err.id, "CONF-003");
}

static void names_cannot_leave_the_folder(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "/etc/passwd", "../x", "a/../../x", "a\nb", "..", "\x7f"};
    const char *path;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        err_clear(&err);
        assert_int_equal(conf_path(&conf, "reports", bad[i], "yaml", &path, &err), -RC_CONFIG);
        assert_string_equal(err.id, "CONF-002");
    }
}

static void lists_are_sorted(void **state)
{
    (void)state;
    const char *const *names;
    size_t n;
    assert_int_equal(conf_list(&conf, "reports", "yaml", &names, &n, &err), 0);
    assert_int_equal(n, 3);
    assert_string_equal(names[0], "rita");
    assert_string_equal(names[1], "rita/T1");
    assert_string_equal(names[2], "rita/T3");
    assert_int_equal(conf_list(&conf, "empty", "yaml", &names, &n, &err), 0);
    assert_int_equal(n, 0);
    err_clear(&err);
    assert_int_equal(conf_list(&conf, "nothing", "yaml", &names, &n, &err), -RC_CONFIG);
}

static void no_folder_is_told(void **state)
{
    (void)state;
    struct conf other;
    err_clear(&err);
    assert_int_equal(conf_open(&other, "/nowhere/config", &err), -RC_CONFIG);
    assert_string_equal(err.id, "CONF-001");
    assert_string_equal(err.place, "/nowhere/config");
}

static int open_table(struct conf_table **t, const char *text)
{
    static const char *const columns[] = {"code", "parent", NULL}, *const optional[] = {"kind",
                                                                                        NULL};
    char path[256];
    put("t.csv", text);
    (void)snprintf(path, sizeof path, "%s/t.csv", dir);
    err_clear(&err);
    return conf_table_open(t, path, columns, optional, &err);
}

static void tables_are_read_by_name(void **state)
{
    (void)state;
    struct conf_table *t CLEANUP(conf_table_closep) = NULL;
    assert_int_equal(open_table(&t, "parent,label_sq,code,note\nA,\"x,y\",A1,\n\nB,,B1,n\n"), 0);
    assert_string_equal(conf_column(t, 1), "label_sq");
    assert_null(conf_column(t, 4));
    assert_int_equal(conf_table_next(t, &err), 1);
    assert_true(str_is(conf_cell(t, "code"), "A1"));
    assert_true(str_is(conf_cell(t, "label_sq"), "x,y"));
    assert_true(str_is(conf_cell(t, "kind"), ""));
    assert_int_equal(conf_line(t), 2);
    assert_int_equal(conf_table_next(t, &err), 1);
    assert_int_equal(conf_line(t), 4);
    assert_int_equal(conf_table_next(t, &err), 0);
}

static void wrong_tables_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {{"code,parent,code\n", "CONF-010"},
                                           {"code,parent,kin\n", "CONF-011"},
                                           {"code,parent,label_\n", "CONF-011"},
                                           {"code,kind\n", "CONF-012"},
                                           {"", "CONF-013"}};
    struct conf_table *t = NULL;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_equal(open_table(&t, wrong[i][0]), -RC_CONFIG);
        assert_string_equal(err.id, wrong[i][1]);
        assert_null(t);
    }
    assert_int_equal(open_table(&t, "code,parent\na,b,c\n"), 0);
    assert_int_equal(conf_table_next(t, &err), -RC_CONFIG);
    assert_string_equal(err.id, "CONF-014");
    conf_table_close(t);
    assert_int_equal(open_table(&t, "code,parent\n\"a,b\n"), 0);
    err_clear(&err);
    assert_int_equal(conf_table_next(t, &err), -RC_CONFIG);
    assert_int_equal(err.rc, RC_CONFIG);
    conf_table_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_found),
        cmocka_unit_test(a_missing_one_names_the_nearest),
        cmocka_unit_test(names_cannot_leave_the_folder),
        cmocka_unit_test(lists_are_sorted),
        cmocka_unit_test(no_folder_is_told),
        cmocka_unit_test(tables_are_read_by_name),
        cmocka_unit_test(wrong_tables_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
