/* opt_doc.c — what is told from an option table: --help, the man page, the completion and the JSON
 * for the front command. Owns nothing. */
#include "opt.h"

#include "json.h"
#include "opt_table.h"
#include "text.h"

#define COMMON(NAME, LETTER, KIND, FIELD, ARG, HELP)                           \
    {                                                                          \
        .name = NAME, .letter = LETTER, .kind = KIND,                          \
        .offset = offsetof(struct opt_common, FIELD), .arg = ARG, .help = HELP \
    }

const struct opt opt_common_table[] = {
    COMMON("config", 0, OPT_TEXT, config, "FOLDER",
           "configuration to use (default: RTA_CONFIG, "
           "else the one that came with the program)"),
    COMMON("events", 0, OPT_TEXT, events, "FILE",
           "append events as NDJSON to FILE or fd:N "
           "(default: RTA_EVENTS, else none)"),
    COMMON("quiet", 'q', OPT_FLAG, quiet, NULL, "say nothing but warnings and errors"),
    COMMON("no-color", 0, OPT_FLAG, no_color, NULL, "no colours, even on a terminal"),
    COMMON("help", 'h', OPT_FLAG, help, NULL, "show this help"),
    COMMON("version", 'V', OPT_FLAG, version, NULL, "show the version"),
    COMMON("man", 0, OPT_FLAG, man, NULL, "write the manual page (man -l - shows it)"),
    COMMON("completion", 0, OPT_FLAG, completion, NULL, "write the completion for bash"),
    COMMON("help-json", 0, OPT_FLAG, json_help, NULL, NULL),
};
const size_t opt_common_count = ARRAY_LEN(opt_common_table);

const char *opt_arg(const struct opt *o)
{
    if (o->kind == OPT_FLAG)
        return "";
    return o->arg ? o->arg : o->words ? o->words : "VALUE";
}

/* ---- help ---------------------------------------------------------------------------------- */

#define HELP_WIDTH 79
#define HELP_COLUMN 26 /* where the phrases of options begin */

/* Where the line stands while words are laid out. */
struct wrap {
    struct buf *b;
    size_t column, indent;
};

static void new_line(struct wrap *w)
{
    buf_fmt(w->b, "\n%*s", (int)w->indent, "");
    w->column = w->indent;
}

/* The words of one line, laid out from the current column. */
static void wrap_line(struct wrap *w, struct str line)
{
    for (bool first = w->column == w->indent; line.n; first = false) {
        const char *blank = memchr(line.p, ' ', line.n);
        struct str word = {line.p, blank ? (size_t)(blank - line.p) : line.n};
        size_t width = text_width(word);
        if (!first && w->column + 1 + width > HELP_WIDTH) {
            new_line(w);
        } else if (!first) {
            buf_char(w->b, ' ');
            w->column++;
        }
        buf_str(w->b, word);
        w->column += width;
        line = str_trim(str_cut(line, word.n));
    }
}

/* A text: its lines flow together; an empty line parts paragraphs, and a line that begins with a
 * blank stands for itself. */
static void wrap_text(struct wrap *w, const char *text)
{
    bool parted = true; /* the first line, too */
    for (struct str left = str_of(text); left.n;) {
        const char *end = memchr(left.p, '\n', left.n);
        struct str line = {left.p, end ? (size_t)(end - left.p) : left.n};
        left = str_cut(left, line.n + 1);
        if (!line.n) {
            buf_char(w->b, '\n');
            new_line(w);
            parted = true;
        } else if (line.p[0] == ' ') {
            if (!parted)
                new_line(w);
            buf_str(w->b, line);
            w->column = HELP_WIDTH; /* nothing follows on this line */
            parted = false;
        } else {
            wrap_line(w, line);
            parted = false;
        }
    }
}

/* "(a|b)"; a long list is parted where a line can be. */
static void words_of(struct buf *b, const char *words)
{
    const char *sep = strlen(words) > 40 ? ", " : "|";
    buf_text(b, " (");
    for (; *words; words++)
        if (*words == '|')
            buf_text(b, sep);
        else
            buf_char(b, *words);
    buf_char(b, ')');
}

static void phrase_of(struct buf *b, const struct opt *o)
{
    buf_text(b, o->help);
    if (o->kind == OPT_ENUM && o->arg)
        words_of(b, o->words);
    if (o->kind == OPT_LIST)
        buf_text(b, "; may be repeated");
    if (o->required)
        buf_text(b, "; required");
}

static void help_option(struct buf *b, const struct opt *o)
{
    if (!o->help)
        return;
    size_t start = b->n;
    buf_fmt(b, o->letter ? "  -%c, " : "      ", o->letter);
    buf_fmt(b, "--%s%s%s", o->name, o->kind == OPT_FLAG ? "" : "=", opt_arg(o));
    struct wrap w = {b, b->n - start, HELP_COLUMN};
    if (w.column + 2 > HELP_COLUMN)
        new_line(&w);
    buf_fmt(b, "%*s", (int)(HELP_COLUMN - w.column), "");
    w.column = HELP_COLUMN;
    struct buf phrase;
    buf_init(&phrase, 4096);
    phrase_of(&phrase, o);
    wrap_text(&w, buf_z(&phrase));
    buf_free(&phrase);
    buf_char(b, '\n');
}

static void help_options(struct buf *b, const char *title, const struct opt *opts, size_t n)
{
    if (!n)
        return;
    buf_fmt(b, "\n%s:\n", title);
    for (size_t i = 0; i < n; i++)
        help_option(b, &opts[i]);
}

/* Where to break a command of more than `room` bytes: before the last pipe that fits, else at the
 * last blank; its own length when there is none. */
static size_t break_at(struct str s, size_t room)
{
    size_t blank = 0;
    if (s.n <= room)
        return s.n;
    for (size_t i = room; i > room / 3; i--) {
        if (s.p[i] != ' ')
            continue;
        if (s.p[i + 1] == '|' || (s.p[i + 1] == '\'' && s.p[i + 2] == '|'))
            return i;
        blank = blank ? blank : i;
    }
    return blank ? blank : s.n;
}

/* A long command goes on after a backslash, as a shell takes it. */
static void help_command(struct buf *b, const char *command)
{
    struct str left = str_of(command);
    size_t indent = 2;
    for (size_t n; (n = break_at(left, HELP_WIDTH - 2 - indent)) < left.n; indent = 6) {
        buf_fmt(b, "%*s%.*s \\\n", (int)indent, "", (int)n, left.p);
        left = str_cut(left, n + 1);
    }
    buf_fmt(b, "%*s%.*s\n", (int)indent, "", (int)left.n, left.p);
}

static void help_example(struct buf *b, const struct opt_example *x)
{
    help_command(b, x->command);
    struct wrap w = {b, 10, 10};
    buf_text(b, "          ");
    wrap_text(&w, x->what);
    buf_char(b, '\n');
}

void opt_help(struct buf *b, const struct opt_program *p)
{
    size_t start = b->n;
    buf_fmt(b, "usage: " OPT_COMMAND " [OPTION...]", OPT_COMMAND_ARG(p));
    struct wrap w = {b, b->n - start, 7};
    wrap_text(&w, p->arguments);
    buf_text(b, "\n\n");
    w = (struct wrap){b, 0, 0};
    wrap_text(&w, p->summary);
    buf_char(b, '\n');
    if (p->description) {
        buf_char(b, '\n');
        w.column = 0;
        wrap_text(&w, p->description);
        buf_char(b, '\n');
    }
    help_options(b, "options", p->opts, p->nopts);
    help_options(b, "options of every program", opt_common_table, opt_common_count);
    if (p->nexamples)
        buf_text(b, "\nexamples:\n");
    for (size_t i = 0; i < p->nexamples; i++)
        help_example(b, &p->examples[i]);
}

/* ---- man(7) -------------------------------------------------------------------------------- */

static void man_text(struct buf *b, const char *text)
{
    bool start = true;
    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\''))
            buf_text(b, "\\&");
        start = *text == '\n';
        if (start && (text[1] == '\n' || text[1] == ' ')) {
            buf_text(b, text[1] == ' ' ? "\n.br\n" : "\n.PP");
            continue;
        }
        if (*text == '\\')
            buf_text(b, "\\e");
        else if (*text == '-')
            buf_text(b, "\\-");
        else
            buf_char(b, *text);
    }
}

static void man_option(struct buf *b, const struct opt *o)
{
    if (!o->help)
        return;
    buf_text(b, ".TP\n");
    if (o->letter)
        buf_fmt(b, "\\fB\\-%c\\fR, ", o->letter);
    buf_text(b, "\\fB\\-\\-");
    man_text(b, o->name);
    buf_text(b, "\\fR");
    if (o->kind != OPT_FLAG) {
        buf_text(b, "=\\fI");
        man_text(b, opt_arg(o));
        buf_text(b, "\\fR");
    }
    buf_char(b, '\n');
    struct buf phrase;
    buf_init(&phrase, 4096);
    phrase_of(&phrase, o);
    man_text(b, buf_z(&phrase));
    buf_free(&phrase);
    buf_char(b, '\n');
}

static const char man_tail[] =
    ".SH EXIT STATUS\n"
    "0 all went well; 1 finished, but rows were refused or warnings await an answer; 64 wrong\n"
    "command line; 65 the input is at fault; 69 the database or the network is not there; 70 a\n"
    "fault of the program; 71 memory or the operating system; 73 an output cannot be made; 74\n"
    "reading or writing failed; 75 try again later; 77 not permitted; 78 the configuration is at\n"
    "fault.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n\\fBRTA_CONFIG\\fR\nthe folder of the configuration\n"
    ".TP\n\\fBRTA_HOME\\fR\nthe folder of the private database, inbox and editions\n"
    ".TP\n\\fBRTA_DSN\\fR\nthe database, as libpq names it; else the PG variables, else the "
    "private "
    "one\n"
    ".TP\n\\fBRTA_EVENTS\\fR\nwhere events go\n"
    ".TP\n\\fBNO_COLOR\\fR\nwhen set: no colours\n";

static void man_head(struct buf *b, const struct opt_program *p)
{
    const char *dash = p->verb[0] ? "-" : "";
    buf_fmt(b, ".TH \"RTA%s", dash);
    for (const char *c = p->verb; *c; c++)
        buf_char(b, *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c);
    buf_fmt(b, "\" 1 \"\" \"rta\" \"rta manual\"\n.SH NAME\nrta%s%s \\- ", p->verb[0] ? "\\-" : "",
            p->verb);
    man_text(b, p->summary);
    buf_fmt(b, "\n.SH SYNOPSIS\n\\fB" OPT_COMMAND "\\fR [\\fIOPTION\\fR...]", OPT_COMMAND_ARG(p));
    if (p->arguments[0]) {
        buf_text(b, " \\fI");
        man_text(b, p->arguments);
        buf_text(b, "\\fR");
    }
    buf_char(b, '\n');
}

void opt_man(struct buf *b, const struct opt_program *p)
{
    man_head(b, p);
    if (p->description) {
        buf_text(b, ".SH DESCRIPTION\n");
        man_text(b, p->description);
        buf_char(b, '\n');
    }
    if (p->nopts)
        buf_text(b, ".SH OPTIONS\n");
    for (size_t i = 0; i < p->nopts; i++)
        man_option(b, &p->opts[i]);
    buf_text(b, ".SH OPTIONS OF EVERY PROGRAM\n");
    for (size_t i = 0; i < opt_common_count; i++)
        man_option(b, &opt_common_table[i]);
    if (p->nexamples)
        buf_text(b, ".SH EXAMPLES\n");
    for (size_t i = 0; i < p->nexamples; i++) {
        buf_text(b, ".TP\n\\fB");
        man_text(b, p->examples[i].command);
        buf_text(b, "\\fR\n");
        man_text(b, p->examples[i].what);
        buf_char(b, '\n');
    }
    buf_text(b, man_tail);
    buf_text(b, p->verb[0] ? ".SH SEE ALSO\n\\fBrta\\fR(1)\n" : "");
}

/* ---- completion and JSON --------------------------------------------------------------------- */

static void completion_words(struct buf *b, const struct opt *o)
{
    buf_fmt(b, "    --%s) COMPREPLY=($(compgen -W \"", o->name);
    for (const char *c = o->words; *c; c++)
        buf_char(b, *c == '|' ? ' ' : *c);
    buf_text(b, "\" -- \"$cur\")); return ;;\n");
}

void opt_completion(struct buf *b, const struct opt_program *p)
{
    const char *verb = p->verb[0] ? p->verb : "front";
    buf_fmt(b, "_rta_%s() {\n", verb);
    buf_text(b, "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                "  [ \"$cur\" = \"=\" ] && cur=\n"
                "  [ \"$prev\" = \"=\" ] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
                "  case $prev in\n");
    for (size_t i = 0; i < p->nopts; i++)
        if (p->opts[i].words)
            completion_words(b, &p->opts[i]);
    buf_text(b, "  esac\n  case $cur in\n    -*) COMPREPLY=($(compgen -W \"");
    for (size_t i = 0; i < p->nopts; i++)
        buf_fmt(b, "--%s ", p->opts[i].name);
    for (size_t i = 0; i < opt_common_count; i++)
        if (opt_common_table[i].help)
            buf_fmt(b, "--%s ", opt_common_table[i].name);
    buf_text(b,
             "\" -- \"$cur\")) ;;\n    *) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n  esac\n}\n");
    if (p->verb[0])
        buf_fmt(b, "complete -o filenames -F _rta_%s rta-%s\n", verb, verb);
}

void opt_describe_json(struct buf *b, const struct opt_program *p)
{
    struct json *o = js_object();
    js_set(o, "verb", js_text(p->verb));
    js_set(o, "group", js_text(p->group));
    js_set(o, "summary", js_text(p->summary));
    js_set(o, "arguments", js_text(p->arguments));
    struct json *opts = js_array();
    for (size_t i = 0; i < p->nopts; i++) {
        struct json *one = js_object();
        js_set(one, "name", js_text(p->opts[i].name));
        js_set(one, "arg", js_text(opt_arg(&p->opts[i])));
        js_set(one, "help", js_text(p->opts[i].help));
        js_push(opts, one);
    }
    js_set(o, "options", opts);
    js_write(b, o, false);
    js_free(o);
}
