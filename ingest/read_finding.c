/* read_finding.c — what was refused, with its place, reason and remedy: to the terminal (so many of
 * each rule), and every record into the quarantine file. Owns the counts and the quarantine. */
#include "read_desk.h"

#include "bounds.h"
#include "mem.h"

#define RULES_MAX 64
#define VALUE_SHOWN 60

struct rule {
    char id[12];
    uint64_t n;
};

struct read_findings {
    struct stage *st;
    const char *name;
    size_t shown;
    struct rule rules[RULES_MAX];
    size_t nrules;
    struct newfile file;
    bool keep;
    struct buf line;
};

int read_findings_open(struct read_findings **ret, struct stage *st, const struct desk_options *o,
                       struct err *e)
{
    struct read_findings *f = mem_new(sizeof *f);
    f->st = st;
    f->name = o->name;
    f->shown = o->shown;
    buf_init(&f->line, 4 * LIMIT_ROW_BYTES);
    if (o->quarantine) {
        int rc = file_create(&f->file, o->quarantine, e);
        if (rc < 0) {
            read_findings_close(f);
            return rc;
        }
        f->keep = true;
        out_str(&f->file.out, STR("place,rule,value,reason,fix,record\n"));
    }
    *ret = f;
    return 0;
}

void read_findings_close(struct read_findings *f)
{
    if (!f)
        return;
    if (f->keep)
        file_abandon(&f->file);
    buf_free(&f->line);
    mem_free(f);
}

/* Past RULES_MAX rules all share the last count. */
static uint64_t count_rule(struct read_findings *f, const char *id)
{
    size_t i = 0;
    while (i < f->nrules && strcmp(f->rules[i].id, id) != 0)
        i++;
    if (i == RULES_MAX)
        i--;
    if (i == f->nrules) {
        (void)snprintf(f->rules[i].id, sizeof f->rules[i].id, "%s", id);
        f->nrules++;
    }
    return ++f->rules[i].n;
}

static void quarantine(struct read_findings *f, const struct read_row *row, struct str value,
                       const struct err *why)
{
    struct str raw = row->raw;
    while (raw.n && (raw.p[raw.n - 1] == '\n' || raw.p[raw.n - 1] == '\r'))
        raw.n--;
    const struct str cells[] = {str_of(why->place), str_of(why->id),   value,
                                str_of(why->text),  str_of(why->hint), raw};
    buf_reset(&f->line);
    for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
        csv_put(&f->line, cells[i], ',');
        buf_char(&f->line, i + 1 < ARRAY_LEN(cells) ? ',' : '\n');
    }
    out_str(&f->file.out, buf_view(&f->line));
}

void read_findings_add(struct read_findings *f, const struct read_row *row, size_t field,
                       struct str value, struct err *why, bool refused)
{
    why->place[0] = '\0'; /* a number or a period does not know where it stood */
    char ref[CELL_REF_MAX];
    if (row->sheet && cell_ref(ref, row->line, field))
        err_place(why, "%s#%s!%s", f->name, row->sheet, ref);
    else if (field)
        err_place(why, "%s:%zu:%zu", f->name, row->line, field);
    else
        err_place(why, "%s:%zu", f->name, row->line);
    uint64_t n = count_rule(f, why->id);
    if (f->keep && refused)
        quarantine(f, row, value, why);
    if (f->shown && n > f->shown)
        return;
    if (refused)
        stage_error(f->st, why);
    else
        stage_warn(f->st, why);
}

int findings_finish(struct read_findings *f, struct err *e)
{
    for (size_t i = 0; i < f->nrules; i++)
        if (f->shown && f->rules[i].n > f->shown)
            stage_note(f->st, "%llu more of %s are not shown; --limit 0 shows all",
                       (unsigned long long)(f->rules[i].n - f->shown), f->rules[i].id);
    if (!f->keep)
        return 0;
    f->keep = false;
    return file_publish(&f->file, e);
}
