/* rta.c — the front command: `rta VERB …` becomes the program rta-VERB beside it. The family is
 * whatever stands there, and each member describes itself, so nothing is listed twice. */
#include "family.h"
#include "mem.h"
#include "proc.h"
#include "stage.h"
#include "yml.h"

#include <unistd.h>

#define OUTPUT_BYTES ((size_t)1 << 20)

static const struct opt_program program = {
    .verb = "",
    .group = "cli",
    .summary = "regional threat assessment: from the partners' files to the report",
    .arguments = "VERB [ARGUMENT...]",
    .min_args = 0,
    .max_args = -1,
    .description =
        "rta VERB runs the program rta-VERB. The verbs of `ingest` bring data in, those of "
        "`aggregate` compute, those of `report` make pages; each reads and writes SDMX-CSV, so "
        "that they can be joined by pipes.\n\nrta help lists the verbs, rta help VERB explains "
        "one, rta VERB --man writes its manual page.",
};

static void list_family(struct stage *st, const struct family *f)
{
    static const char *const groups[][2] = {{"ingest", "bring data in"},
                                            {"aggregate", "compute"},
                                            {"report", "make pages"},
                                            {"cli", "the house"}};
    struct buf b;
    buf_init(&b, OUTPUT_BYTES);
    buf_fmt(&b, "usage: rta VERB [OPTION...] [ARGUMENT...]\n\n%s\n", program.summary);
    for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
        bool titled = false;
        for (size_t i = 0; i < f->n; i++) {
            if (strcmp(f->members[i].group, groups[g][0]) != 0)
                continue;
            if (!titled)
                buf_fmt(&b, "\n%s: %s\n", groups[g][0], groups[g][1]);
            titled = true;
            buf_fmt(&b, "  %-11s %.66s\n", f->members[i].verb, f->members[i].summary);
        }
    }
    buf_text(&b, "\nrta help VERB explains a verb; rta --version; rta --completion (for bash).\n");
    out_str(&st->out, buf_view(&b));
    buf_free(&b);
}

static int no_verb(struct stage *st, const struct family *f, const char *verb, struct err *e)
{
    const char **words = arena_array(&st->conf.arena, f->n + 1, sizeof *words);
    for (size_t i = 0; i < f->n; i++)
        words[i] = f->members[i].verb;
    err_set(e, RC_USAGE, "RTA-001", "there is no verb '%s'", verb);
    const char *near = word_nearest(str_of(verb), words, f->n);
    arena_free(&st->conf.arena);
    if (near)
        return err_hint(e, "did you mean rta %s?", near);
    return err_hint(e, "rta help lists the verbs");
}

/* Run a member of the family with one option and pass on what it writes. */
static int ask(struct stage *st, const char *verb, const char *option, struct err *e)
{
    struct buf b;
    buf_init(&b, OUTPUT_BYTES);
    const struct proc_io io = {.out = &b};
    int rc = proc_run((const char *const[]){stage_program(st, verb), option, NULL}, &io, e);
    if (rc >= 0)
        out_str(&st->out, buf_view(&b));
    buf_free(&b);
    return rc;
}

static const char completion_front[] =
    "_rta() {\n"
    "  local cur=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]}\n"
    "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
    "    COMPREPLY=($(compgen -W \"help%s\" -- \"$cur\"))\n"
    "  elif declare -F \"_rta_$verb\" >/dev/null; then \"_rta_$verb\"\n"
    "  elif [ \"$verb\" = help ]; then COMPREPLY=($(compgen -W \"%s\" -- \"$cur\"))\n"
    "  fi\n"
    "}\n"
    "complete -o filenames -F _rta rta\n";

static int completion(struct stage *st, const struct family *f, struct err *e)
{
    struct buf verbs, b;
    buf_init(&verbs, OUTPUT_BYTES);
    buf_init(&b, OUTPUT_BYTES);
    int rc = 0;
    for (size_t i = 0; rc >= 0 && i < f->n; i++) {
        buf_fmt(&verbs, " %s", f->members[i].verb);
        rc = ask(st, f->members[i].verb, "--completion", e);
    }
    buf_fmt(&b, completion_front, buf_z(&verbs), buf_z(&verbs));
    if (rc >= 0)
        out_str(&st->out, buf_view(&b));
    buf_free(&verbs);
    buf_free(&b);
    return rc;
}

static int run(struct stage *st, struct err *e)
{
    struct family f;
    int rc = family_find(&f, stage_bin_dir(st), e);
    const char *verb = st->nargs ? st->args[0] : "help";
    const char *subject = st->nargs > 1 ? st->args[1] : NULL;
    if (rc < 0)
        return rc;
    if (strcmp(verb, "help") == 0 && subject)
        rc = family_has(&f, subject) ? ask(st, subject, "--help", e) : no_verb(st, &f, subject, e);
    else if (strcmp(verb, "help") == 0)
        list_family(st, &f);
    else if (strcmp(verb, "completion") == 0)
        rc = completion(st, &f, e);
    else
        rc = no_verb(st, &f, verb, e);
    family_free(&f);
    return rc < 0 ? rc : 0;
}

/* Become rta-VERB; comes back when there is none. */
static void become(const char *verb, char **argv)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 256);
    while (n > 0 && path[n - 1] != '/')
        n--;
    if (n <= 0 || strlen(verb) > 64 || strchr(verb, '/'))
        return;
    (void)snprintf(path + n, sizeof path - (size_t)n, "rta-%s", verb);
    (void)execv(path, argv);
}

int main(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : "--help";
    static char help[] = "help", completion_word[] = "completion";
    char *words[] = {argv[0], help, NULL, NULL};
    if (first[0] != '-') {
        become(first, argv + 1);
        words[1] = argv[1];
        words[2] = argc > 2 && strcmp(first, "help") == 0 ? argv[2] : NULL;
    } else if (strcmp(first, "--completion") == 0) {
        words[1] = completion_word;
    } else if (strcmp(first, "--help") != 0 && strcmp(first, "-h") != 0) {
        return stage_main(&program, NULL, run, argc, argv);
    }
    return stage_main(&program, NULL, run, words[2] ? 3 : 2, words);
}
