/* test_io.c — sources, outputs that must arrive, files that appear whole or not at all. Works in a
 * folder of its own under /tmp. */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder_of(void **state) { return *state; }

static char *path_in(void **state, const char *name, char ret[128])
{
    (void)snprintf(ret, 128, "%s/%s", folder_of(state), name);
    return ret;
}

static size_t entries(const char *folder)
{
    DIR *d = opendir(folder);
    assert_non_null(d);
    size_t n = 0;
    while (readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

static int make_folder(void **state)
{
    char *z = mem_text(STR("/tmp/test_io.XXXXXX"));
    *state = mkdtemp(z);
    return *state ? 0 : -1;
}

static int drop_folder(void **state)
{
    int rc = dir_remove(folder_of(state), NULL);
    mem_free(*state);
    return rc;
}

static void test_write_read(void **state)
{
    char path[128], *text CLEANUP(mem_freep) = NULL;
    size_t n = 0;
    path_in(state, "a", path);
    assert_int_equal(file_write(path, STR("one"), NULL), 0);
    assert_int_equal(file_write(path, STR("two\0three"), NULL), 0);
    assert_int_equal(file_slurp(path, 100, &text, &n, NULL), 0);
    assert_int_equal(n, 9);
    assert_memory_equal(text, "two\0three", 10);
    assert_int_equal(entries(folder_of(state)), 1);
    mem_freep(&text);
    assert_int_equal(file_write(path, STR(""), NULL), 0);
    assert_int_equal(file_slurp(path, 100, &text, &n, NULL), 0);
    assert_int_equal(n, 0);
    assert_string_equal(text, "");
}

static void test_slurp_limit(void **state)
{
    char path[128], *text = NULL;
    size_t n = 0;
    struct err e = {0};
    path_in(state, "a", path);
    assert_int_equal(file_write(path, STR("12345"), NULL), 0);
    assert_int_equal(file_slurp(path, 5, &text, &n, &e), 0);
    mem_freep(&text);
    assert_int_equal(file_slurp(path, 4, &text, &n, &e), -RC_DATA);
    assert_string_equal(e.id, "BUF-001");
    assert_null(text);
}

static void test_open_faults(void **state)
{
    struct source *s = NULL;
    struct err e = {0};
    char path[128];
    assert_int_equal(source_open(&s, path_in(state, "none", path), &e), -RC_DATA);
    assert_string_equal(e.id, "IO-001");
    assert_string_equal(e.place, path);
    err_clear(&e);
    assert_int_equal(source_open(&s, folder_of(state), &e), -RC_DATA);
    assert_string_equal(e.id, "IO-003");
    assert_null(s);
    source_close(s);
    char *text = NULL;
    size_t n;
    err_clear(&e);
    assert_int_equal(file_slurp(path, 10, &text, &n, &e), -RC_DATA);
}

static void test_stdin(void **state)
{
    char path[128], *text CLEANUP(mem_freep) = NULL;
    size_t n = 0;
    assert_int_equal(file_write(path_in(state, "in", path), STR("piped"), NULL), 0);
    int kept = dup(STDIN_FILENO), fd = open(path, O_RDONLY);
    assert_true(dup2(fd, STDIN_FILENO) == STDIN_FILENO);
    struct source *s = NULL;
    assert_int_equal(source_open(&s, "-", NULL), 0);
    assert_string_equal(s->name, "stdin");
    assert_int_equal(source_slurp(s, 100, &text, &n, NULL), 0);
    assert_string_equal(text, "piped");
    source_close(s);
    close(fd);
    assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0); /* stays open */
    if (kept >= 0)
        dup2(kept, STDIN_FILENO);
    close(kept);
}

static void test_read_fault(void **state)
{
    (void)state;
    struct source *s = NULL;
    struct err e = {0};
    char *text = NULL;
    size_t n;
    /* /proc/self/mem opens and cannot be read at its beginning. */
    assert_int_equal(source_open(&s, "/proc/self/mem", &e), 0);
    assert_int_equal(source_slurp(s, 100, &text, &n, &e), -RC_IO);
    assert_string_equal(e.id, "IO-002");
    source_closep(&s);
    assert_null(s);
}

static void test_out(void **state)
{
    char path[128], *text CLEANUP(mem_freep) = NULL, *big CLEANUP(mem_freep) = mem_new(200000);
    size_t n = 0;
    memset(big, 'x', 200000);
    struct newfile f;
    assert_int_equal(file_create(&f, path_in(state, "a", path), NULL), 0);
    for (int i = 0; i < 10000; i++)
        out_str(&f.out, STR("0123456789"));
    out_put(&f.out, big, 200000);
    out_put(&f.out, NULL, 0);
    assert_int_equal(access(path, F_OK), -1); /* nothing to be seen yet */
    assert_int_equal(file_publish(&f, NULL), 0);
    assert_int_equal(file_slurp(path, 1 << 20, &text, &n, NULL), 0);
    assert_int_equal(n, 300000);
    assert_memory_equal(text + 99990, "0123456789xxx", 13);
}

static void test_abandon(void **state)
{
    char path[128], *text CLEANUP(mem_freep) = NULL;
    size_t n = 0;
    struct newfile f;
    assert_int_equal(file_write(path_in(state, "a", path), STR("old"), NULL), 0);
    assert_int_equal(file_create(&f, path, NULL), 0);
    out_str(&f.out, STR("half of the new"));
    out_flush(&f.out);
    file_abandon(&f);
    file_abandon(&f);
    assert_int_equal(file_slurp(path, 100, &text, &n, NULL), 0);
    assert_string_equal(text, "old");
    assert_int_equal(entries(folder_of(state)), 1);
}

/* What stands where our temporary file will be is not written to: a hard link to another file. */
static void test_temporary_is_new(void **state)
{
    char path[128], kept[128], taken[160], *text CLEANUP(mem_freep) = NULL;
    size_t n = 0;
    struct stat st;
    assert_int_equal(file_write(path_in(state, "kept", kept), STR("precious"), NULL), 0);
    path_in(state, "a", path);
    (void)snprintf(taken, sizeof taken, "%s.%ld.tmp", path, (long)getpid());
    assert_int_equal(link(kept, taken), 0);
    assert_int_equal(file_write(path, STR("new"), NULL), 0);
    assert_int_equal(file_slurp(kept, 100, &text, &n, NULL), 0);
    assert_string_equal(text, "precious");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_nlink, 1);
    assert_int_equal(entries(folder_of(state)), 2);
}

/* Deeper than a path can be long. */
static void test_remove_deep(void **state)
{
    char path[128], name[201];
    memset(name, 'd', 200);
    name[200] = '\0';
    assert_int_equal(dir_make(path_in(state, "a", path), NULL), 0);
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(mkdirat(fd, name, 0700), 0);
        int below = openat(fd, name, O_RDONLY | O_DIRECTORY);
        close(fd);
        fd = below;
    }
    close(fd);
    assert_int_equal(dir_remove(path, NULL), 0);
    assert_int_equal(access(path, F_OK), -1);
}

static void test_full_disk(void **state)
{
    (void)state;
    struct out o;
    struct err e = {0};
    out_init(&o, open("/dev/full", O_WRONLY), "/dev/full");
    out_str(&o, STR("x"));
    assert_int_equal(out_close(&o, &e), -RC_IO);
    assert_string_equal(e.id, "IO-004");
    assert_non_null(strstr(e.text, "No space left"));
    out_init(&o, open("/dev/full", O_WRONLY), "/dev/full");
    char *big CLEANUP(mem_freep) = mem_new(100000);
    out_put(&o, big, 100000);
    assert_int_equal(o.broken, ENOSPC);
    out_drop(&o);
    out_drop(&o);
}

static void test_closed_under_us(void **state)
{
    (void)state;
    struct out o;
    struct err e = {0};
    int fd = open("/dev/null", O_WRONLY);
    out_init(&o, fd, "gone");
    close(fd);
    assert_int_equal(out_close(&o, &e), -RC_IO);
    assert_string_equal(e.id, "IO-004");
}

/* A publication that fails leaves the old file and nothing else. */
static void test_publish_fails(void **state)
{
    char path[128], below[160];
    struct newfile f;
    struct err e = {0};
    path_in(state, "a", path);
    assert_int_equal(file_create(&f, path, NULL), 0);
    assert_int_equal(dir_make(path, NULL), 0); /* its place is taken by a folder */
    (void)snprintf(below, sizeof below, "%s/x", path);
    assert_int_equal(file_write(below, STR("x"), NULL), 0);
    assert_int_equal(file_publish(&f, &e), -RC_CREATE);
    assert_string_equal(e.id, "IO-005");
    assert_int_equal(entries(folder_of(state)), 1);
    err_clear(&e);
    path_in(state, "none/a", path);
    assert_int_equal(file_write(path, STR("x"), &e), -RC_CREATE);
    assert_string_equal(e.place, path);
}

static void test_folders(void **state)
{
    char path[128], file[128], link[128];
    struct err e = {0};
    assert_int_equal(dir_make(path_in(state, "a/b/c", path), NULL), 0);
    assert_int_equal(dir_make(path, NULL), 0);
    assert_int_equal(file_write(path_in(state, "a/b/f", file), STR("x"), NULL), 0);
    assert_int_equal(dir_make(path_in(state, "a/b/f/g", path), &e), -RC_CREATE);
    err_clear(&e);
    assert_int_equal(dir_make(file, &e), -RC_CREATE);
    assert_int_equal(file_write(path_in(state, "kept", file), STR("x"), NULL), 0);
    assert_int_equal(symlink(file, path_in(state, "a/link", link)), 0);
    assert_int_equal(dir_remove(path_in(state, "a", path), NULL), 0);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(access(file, F_OK), 0); /* links are not followed */
    assert_int_equal(dir_remove(path, NULL), 0);
    assert_int_equal(dir_remove(file, NULL), 0);
    err_clear(&e);
    assert_int_equal(dir_remove("/proc/self", &e), -RC_IO);
    assert_string_equal(e.id, "IO-006");
}

/* What is there already and no file stays what it is: never renamed over. */
static void test_special(void **state)
{
    char fifo[128], file[128], link[128], got[8] = "";
    struct stat st;
    struct err e = {0};
    assert_int_equal(mkfifo(path_in(state, "fifo", fifo), 0600), 0);
    int fd = open(fifo, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(file_write(fifo, STR("piped"), NULL), 0);
    assert_int_equal(read(fd, got, sizeof got), 5);
    close(fd);
    assert_string_equal(got, "piped");
    assert_int_equal(lstat(fifo, &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    assert_int_equal(file_write(path_in(state, "file", file), STR("old"), NULL), 0);
    assert_int_equal(symlink(file, path_in(state, "link", link)), 0);
    assert_int_equal(file_write(link, STR("newer"), NULL), 0);
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_size, 5);
    assert_int_equal(entries(folder_of(state)), 3);
    assert_int_equal(file_write(folder_of(state), STR("x"), &e), -RC_CREATE);
}

#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, drop_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_write_read),      IN_FOLDER(test_slurp_limit),
        IN_FOLDER(test_open_faults),     IN_FOLDER(test_stdin),
        IN_FOLDER(test_read_fault),      IN_FOLDER(test_out),
        IN_FOLDER(test_abandon),         IN_FOLDER(test_full_disk),
        IN_FOLDER(test_closed_under_us), IN_FOLDER(test_temporary_is_new),
        IN_FOLDER(test_full_disk),       IN_FOLDER(test_closed_under_us),
        IN_FOLDER(test_remove_deep),     IN_FOLDER(test_full_disk),
        IN_FOLDER(test_closed_under_us), IN_FOLDER(test_publish_fails),
        IN_FOLDER(test_folders),         IN_FOLDER(test_special),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
