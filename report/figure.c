/* figure.c — classifies one observation (a number, or which kind of gap) and writes it in the
 * manner of a language. A suppressed value is never shown, whatever the row holds. */
#include "figure.h"

#include "buf.h"

#define FIGURE_NOTES 8

const char *figure_number(struct conf *c, const struct number_style *s, struct num v)
{
    char plain[NUM_TEXT_MAX];
    size_t n = num_text(v, plain);
    struct str t = {plain, n};
    struct buf b;
    buf_init(&b, 1024);
    if (t.n && t.p[0] == '-') {
        buf_text(&b, s->minus ? s->minus : "-");
        t = str_cut(t, 1);
    }
    const char *dot = memchr(t.p, '.', t.n);
    size_t whole = dot ? (size_t)(dot - t.p) : t.n;
    for (size_t i = 0; i < whole; i++) {
        if (i && (whole - i) % 3 == 0 && s->thousands)
            buf_text(&b, s->thousands);
        buf_char(&b, t.p[i]);
    }
    if (dot) {
        buf_text(&b, s->decimal);
        buf_str(&b, str_cut(t, whole + 1));
    }
    const char *text = arena_text(&c->arena, buf_view(&b));
    buf_free(&b);
    return text;
}

static bool has_letter(struct str set, char letter)
{
    return set.n && memchr(set.p, letter, set.n);
}

static bool is_suppressed(const struct cube *c, const struct cube_row *row)
{
    struct str conf = cube_cell(c, row, "CONF_STATUS");
    return (conf.n && !str_is(conf, "F")) || has_letter(cube_cell(c, row, "OBS_STATUS"), 'Q');
}

/* Why there is no number: a key of words.marks. */
static const char *gap_of(const struct view *v, const struct cube *c, const struct cube_row *row,
                          const struct word **ret_reason)
{
    *ret_reason = NULL;
    if (!row)
        return "not-available";
    if (is_suppressed(c, row))
        return "suppressed";
    *ret_reason = word_find(&v->words->reasons, cube_cell(c, row, "REASON"));
    if (*ret_reason && (*ret_reason)->mark)
        return (*ret_reason)->mark;
    return has_letter(cube_cell(c, row, "OBS_STATUS"), 'M') ? "not-applicable" : "not-available";
}

static const char *remapped(const struct view *v, const struct group *g, const char *gap)
{
    const struct yaml_pair *p = v->layout->marks.items;
    if (g->or_show && strcmp(gap, "not-available") == 0)
        return g->or_show;
    for (size_t i = 0; i < v->layout->marks.n; i++) {
        if (strcmp(p[i].key, gap) == 0)
            return p[i].value;
    }
    return gap;
}

/* Is the figure nearer to zero than the limit? */
static bool is_little(struct num v, const char *limit)
{
    struct num most;
    struct err ignored = {0};
    if (!limit || num_parse(&most, str_of(limit), &num_plain, &ignored) < 0)
        return false;
    v.m = v.m < 0 ? -v.m : v.m;
    return num_cmp(v, most) < 0;
}

static const char *sign_word(const struct view *v, const struct cube *c, const struct group *g,
                             const struct figure *f)
{
    if (has_letter(cube_cell(c, f->row, "OBS_STATUS"), 'N'))
        return view_word(v, "direction-unclear");
    if (num_is_zero(f->num))
        return view_word(v, "direction-same");
    if (is_little(f->num, g->steady))
        return view_word(v, "direction-little");
    return view_word(v, f->num.m < 0 ? "direction-down" : "direction-up");
}

static int make_number(const struct view *v, const struct cube *c, const struct group *g,
                       struct str value, struct figure *f, struct err *e)
{
    char plain[NUM_TEXT_MAX];
    if (num_parse(&f->num, value, &num_plain, e) < 0)
        return err_place(e, "%s:%zu", c->name, f->row->line);
    struct num shown = g->decimals >= 0 ? num_round(f->num, (int)g->decimals) : f->num;
    if (num_cmp(shown, f->num) != 0) {
        yaml_fault(e, g->at, "FIGURE-002", "%lld decimals would round %.*s a second time",
                   (long long)g->decimals, STR_ARG(value));
        return err_hint(e, "round once: give the indicator these decimals");
    }
    f->num = shown;
    size_t n = num_text(f->num, plain);
    f->is_number = true;
    f->raw = arena_text(&v->conf->arena, (struct str){plain, n});
    f->text = figure_number(v->conf, words_numbers(v->words, v->lang), f->num);
    if (g->as && strcmp(g->as, "direction") == 0)
        f->text = sign_word(v, c, g, f);
    if (g->as && strcmp(g->as, "signed") == 0 && f->num.m > 0)
        f->text = arena_fmt(&v->conf->arena, "+%s", f->text);
    return 0;
}

static void make_gap(const struct view *v, const struct cube *c, const struct group *g,
                     struct notes *n, struct figure *f, unsigned *numbers)
{
    const struct word *reason = NULL;
    f->gap = remapped(v, g, gap_of(v, c, f->row, &reason));
    f->raw = "";
    if (g->as && strcmp(g->as, "direction") == 0 && f->row) {
        f->text = view_word(v, "direction-unknown");
        return;
    }
    f->text = notes_gap(n, f->gap);
    if (n->brief) {
        n->gaps = true;
        return;
    }
    const char *text = reason ? text_in(&reason->text, v->lang) : "";
    if (*text)
        numbers[f->nnotes++] = notes_number(n, text);
}

static void sort_numbers(unsigned *p, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        for (size_t k = i; k && p[k] < p[k - 1]; k--) {
            unsigned swap = p[k];
            p[k] = p[k - 1];
            p[k - 1] = swap;
        }
    }
}

static void add_notes(const struct cube *c, struct notes *n, struct figure *f, unsigned *numbers)
{
    struct str status = cube_cell(c, f->row, "OBS_STATUS");
    struct str comment = str_trim(cube_cell(c, f->row, "COMMENT"));
    f->status = f->is_number ? notes_status(n, status) : "";
    f->provisional = has_letter(status, 'P') || has_letter(status, 'E') || has_letter(status, 'F');
    f->broken = has_letter(status, 'B');
    const char *coverage = notes_coverage(n, c, f->row);
    if (coverage && f->is_number)
        numbers[f->nnotes++] = notes_number(n, coverage);
    if (comment.n && !is_suppressed(c, f->row))
        numbers[f->nnotes++] = notes_remark(n, comment);
}

int figure_make(const struct view *v, const struct cube *c, const struct cube_row *row,
                const struct item *column, struct notes *n, struct figure *ret, struct err *e)
{
    const struct group *g = column->group;
    unsigned *numbers = arena_array(&v->conf->arena, FIGURE_NOTES, sizeof *numbers);
    *ret = (struct figure){.row = row, .notes = numbers, .status = "", .text = "", .raw = ""};
    if (g->show && row && cube_column(c, g->show) < 0)
        return yaml_fault(e, g->at, "FIGURE-001", "the stream has no column %s to show", g->show);
    struct str value = cube_cell(c, row, g->show ? g->show : "OBS_VALUE");
    bool none = value.n == 0 || str_is(value, "NaN") || is_suppressed(c, row);
    int rc = 0;
    if (g->as && strcmp(g->as, "text") == 0 && !none) {
        ret->text = ret->raw = arena_text(&v->conf->arena, value);
        return 0;
    }
    if (none)
        make_gap(v, c, g, n, ret, numbers);
    else
        rc = make_number(v, c, g, value, ret, e);
    if (rc < 0)
        return rc;
    notes_row(n, c, row);
    if (row && !g->show)
        add_notes(c, n, ret, numbers);
    sort_numbers(numbers, ret->nnotes);
    return 0;
}
