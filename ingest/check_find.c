/* check_find.c — findings: all of them to a file, the first of every rule to people. Owns the file
 * until it is published, and the texts that will be told. */
#include "arena.h"
#include "buf.h"
#include "checking.h"
#include "csv.h"
#include "json.h"

const char *const level_words[LEVELS + 1] = {"error", "warning", "information", NULL};

struct told { /* one line for people */
    struct err text;
    uint64_t n;
    struct told *next;
};

struct rule_told { /* one rule at one level */
    const char *rule;
    enum level level;
    uint64_t n, silent;
    size_t lines;
    struct told *first, *last;
    struct map *groups; /* group → struct told * */
};

struct findings {
    struct arena arena;
    struct rule_told rules[3 * 64];
    size_t n;
    uint64_t counts[LEVELS];
    struct newfile file;
    bool open, csv;
    struct buf line;
};

int findings_open(struct findings **ret, const char *file, struct err *e)
{
    struct findings *f = *ret = mem_new(sizeof *f);
    buf_init(&f->line, LIMIT_ROW_BYTES);
    size_t n = file ? strlen(file) : 0;
    if (!file)
        return 0;
    f->csv = n > 4 && strcmp(file + n - 4, ".csv") == 0;
    if (!f->csv && (n <= 7 || strcmp(file + n - 7, ".ndjson") != 0)) {
        err_set(e, RC_USAGE, "CHECK-001", "--findings=%s is neither FILE.csv nor FILE.ndjson",
                file);
        return err_hint(e, "the ending says which of the two to write");
    }
    int rc = file_create(&f->file, file, e);
    if (rc < 0)
        return rc;
    f->open = true;
    if (f->csv)
        out_str(&f->file.out, STR("level,rule,place,other,key,value,reason,fix\n"));
    return 0;
}

/* The columns of both formats, in order. */
static const char *const columns[] = {"level", "rule",  "place",  "other",
                                      "key",   "value", "reason", "fix"};
#define FINDING_CELLS ARRAY_LEN(columns)

static void cells_of(const struct finding *x, struct str ret[FINDING_CELLS])
{
    const struct str cells[FINDING_CELLS] = {str_of(level_words[x->level]),
                                             str_of(x->rule),
                                             x->place,
                                             x->other,
                                             x->key,
                                             x->value,
                                             str_of(x->reason),
                                             str_of(x->fix)};
    memcpy(ret, cells, sizeof cells);
}

static void put_csv(struct findings *f, const struct finding *x)
{
    struct str cells[FINDING_CELLS];
    cells_of(x, cells);
    for (size_t i = 0; i < FINDING_CELLS; i++) {
        if (i)
            buf_char(&f->line, ',');
        csv_put(&f->line, cells[i], ',');
    }
}

static void put_json(struct findings *f, const struct finding *x)
{
    struct str cells[FINDING_CELLS];
    cells_of(x, cells);
    for (size_t i = 0; i < FINDING_CELLS; i++) {
        buf_fmt(&f->line, "%s\"%s\":", i ? "," : "{", columns[i]);
        js_quote(&f->line, cells[i]);
    }
    buf_char(&f->line, '}');
}

static struct rule_told *rule_of(struct findings *f, const struct finding *x)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->rules[i].level == x->level && strcmp(f->rules[i].rule, x->rule) == 0)
            return &f->rules[i];
    if (f->n == ARRAY_LEN(f->rules))
        return &f->rules[f->n - 1];
    f->rules[f->n] = (struct rule_told){.rule = x->rule, .level = x->level};
    return &f->rules[f->n++];
}

/* What a person reads: place: reason; the other place; what to do. */
static struct told *line_for(struct findings *f, const struct finding *x)
{
    struct told *t = arena_new(&f->arena, sizeof *t);
    err_set(&t->text, RC_DATA, x->rule, "%s%s%.*s", x->reason, x->brief.n ? "; " : "",
            STR_ARG(x->brief));
    err_place(&t->text, "%.*s", STR_ARG(x->place));
    if (x->other.n)
        err_hint(&t->text, "%s%sthe other one: %.*s", x->fix, x->fix[0] ? "; " : "",
                 STR_ARG(x->other));
    else
        err_hint(&t->text, "%s", x->fix);
    t->n = 1;
    return t;
}

static void keep_line(struct findings *f, const struct finding *x)
{
    struct rule_told *r = rule_of(f, x);
    uint64_t *slot = NULL;
    bool fresh = true;
    r->n++;
    if (x->group.n) {
        if (!r->groups)
            r->groups = map_new(WORDS_MAX);
        slot = map_put(r->groups, x->group, 0, &fresh);
    }
    if (!fresh && slot && *slot) {
        ((struct told *)(uintptr_t)*slot)->n++;
        return;
    }
    if (r->lines == LIMIT_FINDINGS_SHOWN) {
        r->silent++;
        return;
    }
    struct told *t = line_for(f, x);
    if (slot)
        *slot = (uint64_t)(uintptr_t)t;
    if (r->last)
        r->last->next = t;
    else
        r->first = t;
    r->last = t;
    r->lines++;
}

bool findings_silent(struct findings *f, const char *rule, enum level level)
{
    const struct finding x = {.rule = rule, .level = level};
    if (f->open)
        return false;
    struct rule_told *r = rule_of(f, &x);
    if (r->lines < LIMIT_FINDINGS_SHOWN)
        return false;
    f->counts[level]++;
    r->n++;
    r->silent++;
    return true;
}

void findings_add(struct findings *f, const struct finding *x)
{
    f->counts[x->level]++;
    keep_line(f, x);
    if (!f->open)
        return;
    buf_reset(&f->line);
    if (f->csv)
        put_csv(f, x);
    else
        put_json(f, x);
    buf_char(&f->line, '\n');
    out_str(&f->file.out, buf_view(&f->line));
}

uint64_t findings_count(const struct findings *f, enum level level) { return f->counts[level]; }

static void tell_rule(const struct rule_told *r, struct stage *st)
{
    for (struct told *t = r->first; t; t = t->next) {
        struct err line = t->text;
        size_t n = strlen(line.text);
        if (t->n > 1 && n < sizeof line.text)
            (void)snprintf(line.text + n, sizeof line.text - n, " (%llu times)",
                           (unsigned long long)t->n);
        if (r->level == LEVEL_ERROR)
            stage_error(st, &line);
        else if (r->level == LEVEL_WARNING)
            stage_warn(st, &line);
        else
            stage_note(st, "information: %s%s%s [%s]", line.place, line.place[0] ? ": " : "",
                       line.text, line.id);
    }
    if (r->silent)
        stage_note(st, "%llu more of %s are not shown; --findings FILE.csv has all of them",
                   (unsigned long long)r->silent, r->rule);
}

void findings_tell(const struct findings *f, struct stage *st)
{
    for (int level = 0; level < LEVELS; level++)
        for (size_t i = 0; i < f->n; i++)
            if ((int)f->rules[i].level == level)
                tell_rule(&f->rules[i], st);
    stage_note(st, "findings: %llu errors, %llu warnings, %llu information",
               (unsigned long long)f->counts[LEVEL_ERROR],
               (unsigned long long)f->counts[LEVEL_WARNING],
               (unsigned long long)f->counts[LEVEL_INFORMATION]);
}

int findings_close(struct findings *f, struct err *e)
{
    if (!f->open)
        return 0;
    f->open = false;
    return file_publish(&f->file, e);
}

void findings_free(struct findings *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->n; i++)
        map_free(f->rules[i].groups);
    if (f->open)
        file_abandon(&f->file);
    arena_free(&f->arena);
    buf_free(&f->line);
    mem_free(f);
}
