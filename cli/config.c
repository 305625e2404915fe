/* config.c — rta config: where the configuration is, what it holds, and whether all of it can be
 * loaded. Every fault is told, not only the first. */
#include "config_check.h"
#include "stage.h"

static const struct opt_example examples[] = {
    {"rta config check", "load everything and follow every reference"},
    {"rta config list indicators", "the names of one kind"},
    {"rta config path", "the folder that is used"},
};

static const struct opt_program program = {
    .verb = "config",
    .group = "cli",
    .summary = "verify, list or locate the configuration",
    .arguments = "check | list [KIND] | path",
    .min_args = 1,
    .max_args = 2,
    .description =
        "check loads every code list, structure, map, profile, rule, indicator, report and source "
        "and follows their references to each other; each fault is told with its file, line and "
        "column, and the exit code is 78 when there was one. list names the files of a kind. path "
        "writes the folder in use: --config, else RTA_CONFIG, else the one that came with the "
        "program.",
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

static void put_line(struct stage *st, const char *text)
{
    out_str(&st->out, str_of(text));
    out_str(&st->out, STR("\n"));
}

static int list_kind(struct stage *st, struct conf *c, const char *kind, const char *ext,
                     struct err *e)
{
    const char *const *names;
    size_t n;
    int rc = conf_list(c, kind, ext, &names, &n, e);
    for (size_t i = 0; rc == 0 && i < n; i++)
        put_line(st, names[i]);
    return rc;
}

static int list(struct stage *st, struct conf *c, const char *kind, struct err *e)
{
    for (size_t i = 0; i < config_kinds_count; i++) {
        if (!kind)
            put_line(st, config_kinds[i].kind);
        else if (strcmp(kind, config_kinds[i].kind) == 0)
            return list_kind(st, c, kind, config_kinds[i].ext, e);
    }
    if (!kind)
        return 0;
    err_set(e, RC_USAGE, "CONFIG-001", "there is no kind '%s'", kind);
    return err_hint(e, "rta config list names the kinds");
}

static int run(struct stage *st, struct err *e)
{
    struct conf *c;
    int rc = stage_conf(st, &c, e);
    const char *what = st->args[0];
    if (rc < 0)
        return rc;
    if (strcmp(what, "path") == 0)
        put_line(st, c->dir);
    else if (strcmp(what, "list") == 0)
        return list(st, c, st->nargs > 1 ? st->args[1] : NULL, e);
    else if (strcmp(what, "check") == 0)
        return config_check(st, c, e);
    else {
        err_set(e, RC_USAGE, "CONFIG-002", "rta config does not know '%s'", what);
        return err_hint(e, "check, list or path");
    }
    return 0;
}

int main(int argc, char **argv) { return stage_main(&program, NULL, run, argc, argv); }
