/* opt.c — the parser of opt.h. Values are views into argv; lists and the positional arguments live
 * in the result's arena. */
#include "opt.h"

#include "arena.h"
#include "mem.h"
#include "opt_table.h"
#include "yml.h"

#include <errno.h>

/* One parse: the program, where values go, and the place in argv. */
struct parse {
    const struct opt_program *program;
    char *options;
    struct opt_result *ret;
    char **argv;
    int argc, next;
    struct err *e;
};

/* An option that was found, and the structure its offset counts from. */
struct found {
    const struct opt *opt;
    char *base;
};

static const struct opt *search(const struct opt *opts, size_t n, struct str name, char letter)
{
    for (size_t i = 0; i < n; i++)
        if (letter ? opts[i].letter == letter : str_is(name, opts[i].name))
            return &opts[i];
    return NULL;
}

/* The program's own options go before those that all share. */
static struct found find(const struct parse *p, struct str name, char letter)
{
    const struct opt *o = search(p->program->opts, p->program->nopts, name, letter);
    if (o)
        return (struct found){o, p->options};
    o = search(opt_common_table, opt_common_count, name, letter);
    return (struct found){o, o ? (char *)&p->ret->common : NULL};
}

static int unknown(const struct parse *p, struct str name)
{
    const char *words[OPT_NAMES_MAX];
    size_t n = 0;
    for (size_t i = 0; i < p->program->nopts && n < OPT_NAMES_MAX; i++)
        words[n++] = p->program->opts[i].name;
    for (size_t i = 0; i < opt_common_count && n < OPT_NAMES_MAX; i++)
        if (opt_common_table[i].help)
            words[n++] = opt_common_table[i].name;
    err_set(p->e, RC_USAGE, "OPT-001", "there is no option --%.*s", STR_ARG(name));
    const char *near = word_nearest(name, words, n);
    if (near)
        return err_hint(p->e, "did you mean --%s?", near);
    return err_hint(p->e, "all options: " OPT_COMMAND " --help", OPT_COMMAND_ARG(p->program));
}

static int take_int(const struct parse *p, const struct opt *o, const char *value, int64_t *ret)
{
    char *end = NULL;
    errno = 0;
    long long v = strtoll(value, &end, 10);
    bool digits =
        value[0] == '-' ? value[1] >= '0' && value[1] <= '9' : value[0] >= '0' && value[0] <= '9';
    if (!digits || errno || *end || v < o->min || (o->max > o->min && v > o->max)) {
        err_set(p->e, RC_USAGE, "OPT-002", "--%s needs a whole number, not '%s'", o->name, value);
        if (o->max > o->min)
            return err_hint(p->e, "from %lld to %lld", (long long)o->min, (long long)o->max);
        return err_hint(p->e, "%lld or more", (long long)o->min);
    }
    *ret = v;
    return 0;
}

static int take_enum(const struct parse *p, const struct opt *o, const char *value, int *ret)
{
    struct str left = str_of(o->words);
    for (int i = 0; left.p; i++) {
        const char *bar = memchr(left.p, '|', left.n);
        struct str word = {left.p, bar ? (size_t)(bar - left.p) : left.n};
        if (str_is(word, value)) {
            *ret = i;
            return 0;
        }
        left = bar ? str_cut(left, word.n + 1) : (struct str){NULL, 0};
    }
    err_set(p->e, RC_USAGE, "OPT-003", "--%s does not know '%s'", o->name, value);
    return err_hint(p->e, "one of %s", o->words);
}

static void list_add(struct arena *a, struct opt_list *list, const char *value)
{
    if ((list->n & (list->n - 1)) == 0) { /* room is always a power of two */
        const char **more = arena_array(a, list->n ? list->n * 2 : 1, sizeof *more);
        if (list->n)
            memcpy(more, list->items, list->n * sizeof *more);
        list->items = more;
    }
    list->items[list->n++] = value;
}

static int store(const struct parse *p, struct found f, const char *value)
{
    char *at = f.base + f.opt->offset;
    switch (f.opt->kind) {
    case OPT_FLAG:
        *(bool *)(void *)at = true;
        return 0;
    case OPT_TEXT:
        *(const char **)(void *)at = value;
        return 0;
    case OPT_INT:
        return take_int(p, f.opt, value, (int64_t *)(void *)at);
    case OPT_ENUM:
        return take_enum(p, f.opt, value, (int *)(void *)at);
    case OPT_LIST:
        list_add(p->ret->arena, (struct opt_list *)(void *)at, value);
        return 0;
    }
    return err_set(p->e, RC_BUG, "OPT-004", "option --%s has no kind", f.opt->name);
}

/* The value of an option that needs one: what follows '=' or the letter, else the next word. */
static int value_of(struct parse *p, const struct opt *o, const char *attached, const char **ret)
{
    if (!attached && p->next < p->argc)
        attached = p->argv[p->next++];
    if (!attached) {
        err_set(p->e, RC_USAGE, "OPT-005", "--%s needs a value", o->name);
        return err_hint(p->e, "--%s=%s", o->name, opt_arg(o));
    }
    *ret = attached;
    return 0;
}

static int parse_long(struct parse *p, const char *word)
{
    const char *equal = strchr(word, '=');
    struct str name = {word, equal ? (size_t)(equal - word) : strlen(word)};
    struct found f = find(p, name, '\0');
    const char *value = equal ? equal + 1 : NULL;
    if (!f.opt)
        return unknown(p, name);
    if (f.opt->kind == OPT_FLAG && value)
        return err_set(p->e, RC_USAGE, "OPT-006", "--%s takes no value", f.opt->name);
    int rc = f.opt->kind == OPT_FLAG ? 0 : value_of(p, f.opt, value, &value);
    return rc < 0 ? rc : store(p, f, value);
}

/* "-abc": flags a and b and c; "-n5" and "-n 5": a value. */
static int parse_letters(struct parse *p, const char *word)
{
    for (; *word; word++) {
        struct found f = find(p, STR(""), *word);
        if (!f.opt) {
            err_set(p->e, RC_USAGE, "OPT-007", "there is no option -%c", *word);
            return err_hint(p->e, "all options: " OPT_COMMAND " --help",
                            OPT_COMMAND_ARG(p->program));
        }
        const char *value = NULL;
        if (f.opt->kind == OPT_FLAG) {
            int rc = store(p, f, NULL);
            if (rc < 0)
                return rc;
            continue;
        }
        int rc = value_of(p, f.opt, word[1] ? word + 1 : NULL, &value);
        return rc < 0 ? rc : store(p, f, value);
    }
    return 0;
}

static int parse_words(struct parse *p)
{
    bool ended = false;
    while (p->next < p->argc) {
        const char *word = p->argv[p->next++];
        int rc = 0;
        if (ended || word[0] != '-' || word[1] == '\0')
            p->ret->args[p->ret->nargs++] = word;
        else if (strcmp(word, "--") == 0)
            ended = true;
        else
            rc = word[1] == '-' ? parse_long(p, word + 2) : parse_letters(p, word + 1);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static bool given(const struct parse *p, const struct opt *o)
{
    const char *at = p->options + o->offset;
    switch (o->kind) {
    case OPT_TEXT:
        return *(const char *const *)(const void *)at != NULL;
    case OPT_LIST:
        return ((const struct opt_list *)(const void *)at)->n > 0;
    case OPT_FLAG:
    case OPT_INT:
    case OPT_ENUM:
        return true; /* these have defaults */
    }
    return true;
}

static int complete(const struct parse *p)
{
    const struct opt_program *g = p->program;
    for (size_t i = 0; i < g->nopts; i++)
        if (g->opts[i].required && !given(p, &g->opts[i])) {
            err_set(p->e, RC_USAGE, "OPT-008", "--%s is missing", g->opts[i].name);
            return err_hint(p->e, "--%s=%s: %s", g->opts[i].name, opt_arg(&g->opts[i]),
                            g->opts[i].help);
        }
    if (p->ret->nargs >= g->min_args && (g->max_args < 0 || p->ret->nargs <= g->max_args))
        return 0;
    bool few = p->ret->nargs < g->min_args;
    err_set(p->e, RC_USAGE, "OPT-009", few ? "an argument is missing" : "'%s' is one too many",
            few ? "" : p->ret->args[g->max_args]);
    return err_hint(p->e, "usage: " OPT_COMMAND " [OPTION...] %s", OPT_COMMAND_ARG(g),
                    g->arguments);
}

int opt_parse(const struct opt_program *p, int argc, char **argv, void *options,
              struct opt_result *ret, struct err *e)
{
    *ret = (struct opt_result){.arena = mem_new(sizeof *ret->arena)};
    ret->args = arena_array(ret->arena, (size_t)argc + 1, sizeof *ret->args);
    struct parse parse = {p, options, ret, argv, argc, 1, e};
    int rc = parse_words(&parse);
    const struct opt_common *c = &ret->common;
    bool asks = c->help || c->version || c->man || c->completion || c->json_help;
    if (rc < 0 || asks)
        return rc;
    return complete(&parse);
}

void opt_release(struct opt_result *r)
{
    arena_free(r->arena);
    mem_free(r->arena);
    *r = (struct opt_result){.arena = NULL};
}
