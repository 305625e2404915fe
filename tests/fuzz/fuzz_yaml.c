/* fuzz_yaml.c — any bytes as a configuration file: bound or refused with a place, never a crash.
 * Built with -fsanitize=fuzzer (clang).
 * Covers: lib/yaml.c lib/yml_bind.c */
#include "yml.h"

struct item {
    const char *name;
    int64_t count;
    struct yaml_list words;
};
static const struct yaml_field item_fields[] = {
    {.key = "name", .kind = YAML_TEXT, .offset = offsetof(struct item, name), .required = true},
    {.key = "count", .kind = YAML_INT, .offset = offsetof(struct item, count)},
    {.key = "words",
     .kind = YAML_LIST,
     .offset = offsetof(struct item, words),
     .type = &yaml_text_type},
};
static const struct yaml_type item_type = {sizeof(struct item), item_fields, 3};

struct file {
    struct yaml_list items, groups;
    bool open;
    char sep;
};
static const struct yaml_field fields[] = {
    {.key = "items", .kind = YAML_LIST, .offset = offsetof(struct file, items), .type = &item_type},
    {.key = "groups",
     .kind = YAML_MAP,
     .offset = offsetof(struct file, groups),
     .type = &yaml_group_type},
    {.key = "open", .kind = YAML_BOOL, .offset = offsetof(struct file, open)},
    {.key = "separator", .kind = YAML_CHAR, .offset = offsetof(struct file, sep)},
};
static const struct yaml_type type = {sizeof(struct file), fields, 4};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a CLEANUP(arena_free) = {0};
    struct err e = {.rc = RC_OK};
    struct file f;
    int rc = yaml_bind((struct str){(const char *)data, size}, "fuzz", &type, &f, &a, &e);
    if (rc < 0 && (e.rc != RC_CONFIG || !e.place[0]))
        abort();
    const struct item *item = f.items.items;
    for (size_t i = 0; rc == 0 && i < f.items.n; i++)
        if (!item[i].name)
            abort();
    return 0;
}
