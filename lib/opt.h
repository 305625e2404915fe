/* opt.h — each option said once: from one const table come the parser, --help, the man page and
 * the shell completion. Tier 2. */
#ifndef RTA_OPT_H
#define RTA_OPT_H

#include "buf.h"

enum opt_kind {
    OPT_FLAG, /* bool */
    OPT_TEXT, /* const char * */
    OPT_INT,  /* int64_t within min … max */
    OPT_ENUM, /* int: index of the word in `words` ("text|csv|html") */
    OPT_LIST  /* struct opt_list: may be given several times */
};

struct opt_list {
    const char **items;
    size_t n;
};

struct opt {
    const char *name; /* long, without dashes */
    char letter;      /* 0: none */
    enum opt_kind kind;
    size_t offset;    /* into the options structure */
    const char *arg;  /* name of the value in help: "FILE" */
    const char *help; /* a phrase, lower case, no full stop; says the default */
    const char *words;
    int64_t min, max;
    bool required;
};

struct opt_example {
    const char *command, *what;
};

/* One program. Texts are plain; paragraphs are parted by an empty line, a line that begins with a
 * blank stands for itself. */
struct opt_program {
    const char *verb;       /* "check": the program is rta-check, run as `rta check` */
    const char *group;      /* "ingest", "aggregate", "report", "cli" */
    const char *summary;    /* one line */
    const char *arguments;  /* "FILE...", "" for none */
    int min_args, max_args; /* positional; max -1: any number */
    const char *description;
    const struct opt *opts;
    size_t nopts;
    const struct opt_example *examples;
    size_t nexamples;
};

/* Options that all programs share (help, version, man, completion, config, events, quiet, no-color)
 * are added by the kit. */
struct opt_common {
    bool help, version, man, completion, quiet, no_color, json_help;
    const char *config, *events;
};

struct opt_result {
    struct opt_common common;
    const char **args; /* positional; owned by the caller's argv */
    int nargs;
    struct arena *arena; /* private */
};

/* Parse into options (zeroed or holding defaults). GNU style: --name=value, --name value, -nvalue,
 * clusters of flags, "--" ends. Unknown: RC_USAGE [OPT-001] with the nearest name as hint. */
MUST_CHECK int opt_parse(const struct opt_program *p, int argc, char **argv, void *options,
                         struct opt_result *ret, struct err *e);
void opt_release(struct opt_result *r);

/* Fits 80 columns. */
void opt_help(struct buf *b, const struct opt_program *p);
void opt_man(struct buf *b, const struct opt_program *p);           /* man(7) */
void opt_completion(struct buf *b, const struct opt_program *p);    /* bash */
void opt_describe_json(struct buf *b, const struct opt_program *p); /* for the front command */

#endif
