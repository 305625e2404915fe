/* words.c — loads config/reports/common/words.yaml. All memory is the arena of the configuration.
 */
#include "words.h"

#include <stddef.h>

static const struct yaml_field word_fields[] = {
    {.key = "mark", .kind = YAML_TEXT, .offset = offsetof(struct word, mark)},
    {.key = "text",
     .kind = YAML_MAP,
     .offset = offsetof(struct word, text),
     .required = true,
     .type = &yaml_pair_type},
};
static const struct yaml_type word_type = {sizeof(struct word), word_fields,
                                           ARRAY_LEN(word_fields)};

static const struct yaml_field number_fields[] = {
    {.key = "decimal",
     .kind = YAML_TEXT,
     .offset = offsetof(struct number_style, decimal),
     .required = true},
    {.key = "thousands", .kind = YAML_TEXT, .offset = offsetof(struct number_style, thousands)},
    {.key = "minus", .kind = YAML_TEXT, .offset = offsetof(struct number_style, minus)},
};
static const struct yaml_type number_type = {sizeof(struct number_style), number_fields,
                                             ARRAY_LEN(number_fields)};

#define WORDS(name)                                                                               \
    {                                                                                             \
        .key = #name, .kind = YAML_MAP, .offset = offsetof(struct words, name), .required = true, \
        .type = &word_type                                                                        \
    }

static const struct yaml_field words_fields[] = {
    WORDS(marks),
    WORDS(statuses),
    WORDS(reasons),
    WORDS(units),
    WORDS(texts),
    {.key = "numbers",
     .kind = YAML_MAP,
     .offset = offsetof(struct words, numbers),
     .required = true,
     .type = &number_type},
};
static const struct yaml_type words_type = {sizeof(struct words), words_fields,
                                            ARRAY_LEN(words_fields)};

int words_load(struct conf *c, const struct words **ret, struct err *e)
{
    const char *path = NULL;
    int rc = conf_path(c, "reports", "common/words", "yaml", &path, e);
    if (rc < 0)
        return rc;
    struct words *w = arena_new(&c->arena, sizeof *w);
    if ((rc = yaml_bind_file(path, &words_type, w, &c->arena, e)) < 0)
        return rc;
    *ret = w;
    return 0;
}

const struct word *word_find(const struct yaml_list *list, struct str key)
{
    const struct word *w = list->items;
    for (size_t i = 0; i < list->n; i++) {
        if (str_is(key, w[i].key))
            return &w[i];
    }
    return NULL;
}

const char *text_in(const struct yaml_list *pairs, const char *lang)
{
    const struct yaml_pair *p = pairs->items;
    const char *english = "";
    for (size_t i = 0; i < pairs->n; i++) {
        if (lang && strcmp(p[i].key, lang) == 0)
            return p[i].value;
        if (strcmp(p[i].key, "en") == 0)
            english = p[i].value;
    }
    return english;
}

const char *words_text(const struct words *w, const char *key, const char *lang)
{
    const struct word *found = word_find(&w->texts, str_of(key));
    return found ? text_in(&found->text, lang) : key;
}

const struct number_style *words_numbers(const struct words *w, const char *lang)
{
    static const struct number_style plain = {"", ".", "", "-"};
    const struct number_style *s = w->numbers.items, *english = &plain;
    for (size_t i = 0; i < w->numbers.n; i++) {
        if (lang && strcmp(s[i].key, lang) == 0)
            return &s[i];
        if (strcmp(s[i].key, "en") == 0)
            english = &s[i];
    }
    return english;
}
