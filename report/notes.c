/* notes.c — collects notes while the figures of a table or chart are made. All texts are the arena
 * of the configuration; lists are too (they grow by copying, and are short). */
#include "notes.h"

#include "buf.h"

static const char *unmarked = "";

void notes_init(struct notes *n, const struct view *v) { *n = (struct notes){.v = v}; }

size_t notes_add(struct notes *n, struct note_list *l, const char *mark, const char *text)
{
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(l->items[i].text, text) == 0 && strcmp(l->items[i].mark, mark) == 0)
            return i;
    }
    if (l->n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 8;
        struct note *grown = arena_array(&n->v->conf->arena, l->cap, sizeof *grown);
        if (l->n)
            memcpy(grown, l->items, l->n * sizeof *grown);
        l->items = grown;
    }
    l->items[l->n] = (struct note){mark, text};
    return l->n++;
}

/* A text of words.yaml with {name} filled from pairs. */
static const char *fill(const struct notes *n, const char *key, const struct view_var *vars,
                        size_t nvars)
{
    struct view v = *n->v;
    v.vars = vars;
    v.nvars = nvars;
    const char *text = view_word(n->v, key), *filled = NULL;
    struct err ignored = {0};
    return view_fill(&v, text, &filled, &ignored) < 0 ? text : filled;
}

void notes_mention(struct notes *n, struct str code)
{
    const struct partner *p = region_partner(n->v->region, code);
    if (!p || !p->mark || !p->footnote)
        return;
    const char *text = region_footnote(n->v->region, p->footnote, n->v->lang);
    if (text)
        notes_add(n, &n->marks, p->mark, text);
}

void notes_mention_text(struct notes *n, const char *text)
{
    const struct view *v = n->v;
    for (size_t i = 0; i < v->region->npartners; i++) {
        const struct partner *p = &v->region->partners[i];
        if (p->mark && (strstr(text, region_name(v->conf, v->region, p->code, v->lang, v->date)) ||
                        strstr(text, region_name(v->conf, v->region, p->code, "en", v->date))))
            notes_mention(n, str_of(p->code));
    }
}

const char *notes_gap(struct notes *n, const char *key)
{
    const struct word *w = word_find(&n->v->words->marks, str_of(key));
    if (!w || !w->mark)
        return key;
    notes_add(n, &n->legend, w->mark, text_in(&w->text, n->v->lang));
    return w->mark;
}

const char *notes_status(struct notes *n, struct str statuses)
{
    struct buf b;
    buf_init(&b, 256);
    for (size_t i = 0; i < statuses.n; i++) {
        struct str letter = {statuses.p + i, 1};
        const struct word *w = word_find(&n->v->words->statuses, letter);
        if (letter.p[0] == ';' || !w || !w->mark)
            continue;
        if (b.n)
            buf_char(&b, ',');
        buf_text(&b, w->mark);
        notes_add(n, &n->statuses, w->mark, text_in(&w->text, n->v->lang));
    }
    const char *text = b.n ? arena_text(&n->v->conf->arena, buf_view(&b)) : unmarked;
    buf_free(&b);
    return text;
}

unsigned notes_number(struct notes *n, const char *text)
{
    for (size_t i = 0; i < n->numbered.n; i++) {
        if (strcmp(n->numbered.items[i].text, text) == 0)
            return (unsigned)i + 1;
    }
    const char *mark = arena_fmt(&n->v->conf->arena, "%zu", n->numbered.n + 1);
    return (unsigned)notes_add(n, &n->numbered, mark, text) + 1;
}

unsigned notes_remark(struct notes *n, struct str remark)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    bool small = remark.n && remark.p[0] >= 'a' && remark.p[0] <= 'z';
    if (small)
        buf_char(&b, (char)(remark.p[0] - 'a' + 'A'));
    buf_str(&b, str_cut(remark, small ? 1 : 0));
    if (remark.n && !memchr(".!?", remark.p[remark.n - 1], 3))
        buf_char(&b, '.');
    const char *text = arena_text(&n->v->conf->arena, buf_view(&b));
    buf_free(&b);
    return notes_number(n, text);
}

/* Add every part of a cell split at sep. */
static void add_parts(struct notes *n, struct note_list *l, struct str cell, char sep)
{
    while (cell.n) {
        const char *cut = memchr(cell.p, sep, cell.n);
        struct str part = {cell.p, cut ? (size_t)(cut - cell.p) : cell.n};
        cell = str_cut(cell, part.n + (cut != NULL));
        if (part.n)
            notes_add(n, l, "", arena_text(&n->v->conf->arena, part));
    }
}

static void add_population(struct notes *n, const struct cube *c, const struct cube_row *row)
{
    struct str source = cube_cell(c, row, "POP_SOURCE"), when = cube_cell(c, row, "POP_VINTAGE");
    if (source.n == 0)
        return;
    const struct codelist *l = NULL;
    struct err ignored = {0};
    struct buf b;
    buf_init(&b, 4096);
    for (struct str rest = source; rest.n;) {
        size_t k = 0;
        while (k < rest.n && rest.p[k] != '+' && rest.p[k] != ';')
            k++;
        struct str code = {rest.p, k};
        rest = str_cut(rest, k + 1);
        bool known = codelist_load(n->v->conf, "POP_SOURCE", &l, &ignored) >= 0;
        const struct code *found = known ? codelist_find(l, code) : NULL;
        if (b.n)
            buf_text(&b, "; ");
        if (found)
            buf_text(&b, code_label(l, found, n->v->lang));
        else
            buf_str(&b, code);
    }
    if (when.n) {
        struct view_var vars[] = {{"vintage", arena_text(&n->v->conf->arena, when)}};
        buf_fmt(&b, " (%s)", fill(n, "vintage", vars, 1));
    }
    notes_add(n, &n->populations, "", arena_text(&n->v->conf->arena, buf_view(&b)));
    buf_free(&b);
}

void notes_row(struct notes *n, const struct cube *c, const struct cube_row *row)
{
    if (!row)
        return;
    struct str grade = cube_cell(c, row, "GRADE"), reviewed = cube_cell(c, row, "REVIEWED");
    struct str nature = cube_cell(c, row, "NATURE");
    if (nature.n || cube_cell(c, row, "OBS_VALUE").n) {
        n->shown++;
        n->made_up += str_is(nature, "ILLUSTRATIVE");
    }
    add_parts(n, &n->senders, cube_cell(c, row, "SENDER"), '+');
    add_parts(n, &n->natures, nature, ';');
    add_population(n, c, row);
    if (reviewed.n)
        n->rows++;
    n->unreviewed += str_is(reviewed, "N");
    if (grade.n == 1 && grade.p[0] >= 'A' && grade.p[0] <= 'E')
        n->grades[grade.p[0] - 'A']++;
}

static const char *names_of(struct notes *n, struct str codes)
{
    struct buf b;
    buf_init(&b, 4096);
    while (codes.n) {
        size_t k = 0;
        while (k < codes.n && codes.p[k] != ';' && codes.p[k] != '+')
            k++;
        struct str code = {codes.p, k};
        codes = str_cut(codes, k + 1);
        if (code.n == 0)
            continue;
        notes_mention(n, code);
        if (b.n)
            buf_text(&b, ", ");
        buf_text(&b, view_label(n->v, "REF_AREA", code));
    }
    const char *text = arena_text(&n->v->conf->arena, buf_view(&b));
    buf_free(&b);
    return text;
}

const char *notes_coverage(struct notes *n, const struct cube *c, const struct cube_row *row)
{
    struct arena *a = &n->v->conf->arena;
    struct str area = cube_cell(c, row, "REF_AREA"), have = cube_cell(c, row, "N_AREAS");
    struct str of = cube_cell(c, row, "OF_AREAS"), share = cube_cell(c, row, "POP_COVERED");
    struct str missing = cube_cell(c, row, "MISSING");
    if (have.n == 0 || of.n == 0 || !str_is(area, n->v->region->id))
        return NULL;
    struct view_var vars[] = {{"n", arena_text(a, have)},
                              {"of", arena_text(a, of)},
                              {"share", arena_text(a, share)},
                              {"missing", names_of(n, missing)},
                              {"region", view_label(n->v, "REF_AREA", area)}};
    if (str_eq(have, of)) {
        if (n->brief)
            return NULL;
        notes_add(n, &n->coverage, "", fill(n, "coverage-all", vars, ARRAY_LEN(vars)));
        return NULL;
    }
    if (n->brief) {
        n->partial = true;
        return NULL;
    }
    const char *key = share.n ? "coverage-share" : "coverage";
    return fill(n, key, vars, ARRAY_LEN(vars));
}

const char *notes_illustrative(const struct notes *n)
{
    for (size_t i = 0; i < n->natures.n; i++) {
        if (strcmp(n->natures.items[i].text, "ILLUSTRATIVE") == 0)
            return view_word(n->v, n->made_up == n->shown ? "illustrative-all" : "illustrative");
    }
    return NULL;
}

static void add_populations(struct notes *n)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < n->populations.n; i++)
        buf_fmt(&b, "%s%s", i ? "; " : "", n->populations.items[i].text);
    if (b.n) {
        struct view_var var = {"list", arena_text(&n->v->conf->arena, buf_view(&b))};
        notes_add(n, &n->lines, "population", fill(n, "population", &var, 1));
    }
    buf_free(&b);
}

static const struct sender *sender_at(const struct notes *n, size_t i)
{
    return region_sender(n->v->region, str_of(n->senders.items[i].text));
}

static bool same_group(const struct sender *a, const struct sender *b)
{
    return a && b && a->group && b->group && a->partner && b->partner &&
           strcmp(a->group, b->group) == 0;
}

/* The sender at i with all later ones of its group; nothing when an earlier one named it. */
static void put_sender(const struct notes *n, struct buf *b, size_t i)
{
    const struct view *v = n->v;
    const struct sender *s = sender_at(n, i);
    for (size_t k = 0; k < i; k++) {
        if (same_group(s, sender_at(n, k)))
            return;
    }
    if (b->n)
        buf_text(b, "; ");
    if (!s || !s->group || !s->partner) {
        buf_text(b, s ? s->name : n->senders.items[i].text);
        return;
    }
    buf_text(b, s->group);
    for (size_t k = i; k < n->senders.n; k++) {
        const struct sender *other = sender_at(n, k);
        if (same_group(s, other))
            buf_fmt(b, "%s %s", k == i ? "" : ",",
                    region_name(v->conf, v->region, other->partner, v->lang, v->date));
    }
}

/* "Source: Eurostat; Albanian State Police." from keys of senders. */
static void add_sources(struct notes *n)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < n->senders.n; i++)
        put_sender(n, &b, i);
    if (b.n == 0)
        return;
    const char *list = arena_text(&n->v->conf->arena, buf_view(&b));
    buf_free(&b);
    notes_mention_text(n, list);
    notes_add(n, &n->lines, "source", fill(n, "sources", &(struct view_var){"list", list}, 1));
}

static void add_review(struct notes *n)
{
    struct arena *a = &n->v->conf->arena;
    if (n->unreviewed == 0)
        return;
    struct buf b;
    buf_init(&b, 256);
    for (size_t i = 0; i < ARRAY_LEN(n->grades); i++) {
        if (n->grades[i])
            buf_fmt(&b, "%s%c %zu", b.n ? ", " : "", (int)('A' + (int)i), n->grades[i]);
    }
    struct view_var vars[] = {{"n", arena_fmt(a, "%zu", n->unreviewed)},
                              {"of", arena_fmt(a, "%zu", n->rows)},
                              {"grades", arena_text(a, buf_view(&b))}};
    buf_free(&b);
    const char *key = vars[2].value[0] ? "review-grades" : "review";
    notes_add(n, &n->lines, "review", fill(n, key, vars, ARRAY_LEN(vars)));
}

void notes_complete(struct notes *n, size_t have, size_t of)
{
    struct arena *a = &n->v->conf->arena;
    struct view_var vars[] = {{"n", arena_fmt(a, "%zu", have)}, {"of", arena_fmt(a, "%zu", of)}};
    notes_add(n, &n->lines, "complete", fill(n, "completeness", vars, ARRAY_LEN(vars)));
}

void notes_finish(struct notes *n)
{
    for (size_t i = 0; i < n->coverage.n; i++)
        notes_add(n, &n->lines, "coverage", n->coverage.items[i].text);
    if (n->partial)
        notes_add(n, &n->lines, "coverage", view_word(n->v, "chart-coverage"));
    if (n->gaps)
        notes_add(n, &n->lines, "gaps", view_word(n->v, "chart-gaps"));
    add_populations(n);
    add_sources(n);
    add_review(n);
}
