/* px_head.c — the statements of a PC-Axis file, KEYWORD[language]("variable")=values; and what they
 * make together. Unknown keywords are passed over: none of them changes a number. Lists live in
 * the cube's arena. */
#include "read_px.h"

#include "map.h"
#include "text.h"

#define ITEMS_MAX ((size_t)1 << 22)

struct statement {
    char key[64];
    bool chosen; /* it carries the language of the profile */
    bool other;  /* it carries another one */
    struct str sub;
    size_t line, col;
};

/* --- lists --------------------------------------------------------------------------------------
 */

static int add(struct px *r, struct px_list *l, struct str s, struct err *e)
{
    struct arena *a = &r->cube.arena;
    if (cube_room(&r->cube, e) < 0)
        return px_fault(&r->lex, e);
    if (l->n == ITEMS_MAX) {
        err_set(e, RC_DATA, "WIRE-040", "more than %zu values in one statement", ITEMS_MAX);
        return px_fault(&r->lex, e);
    }
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 8;
        struct str *more = arena_array(a, cap, sizeof *more);
        if (l->n)
            memcpy(more, l->v, l->n * sizeof *more);
        l->v = more;
        l->cap = cap;
    }
    l->v[l->n++] = arena_str(a, s);
    return 0;
}

static struct px_var *find_var(struct px_words *w, struct str name)
{
    for (size_t i = 0; i < w->nvars; i++)
        if (str_eq(w->vars[i].name, name))
            return &w->vars[i];
    return NULL;
}

static int var_of(struct px *r, struct px_words *w, struct str name, struct px_var **ret,
                  struct err *e)
{
    *ret = find_var(w, name);
    if (*ret)
        return 0;
    if (w->nvars == READ_DIMS_MAX - 1) {
        err_set(e, RC_DATA, "WIRE-041", "more than %d variables", READ_DIMS_MAX - 1);
        return px_fault(&r->lex, e);
    }
    *ret = &w->vars[w->nvars++];
    (*ret)->name = arena_str(&r->cube.arena, name);
    return 0;
}

/* --- statements ---------------------------------------------------------------------------------
 */

static int odd(struct px *r, const char *want, struct err *e)
{
    err_set(e, RC_DATA, "WIRE-042", "no %s where the statement needs one", want);
    err_hint(e, "A PC-Axis file is KEYWORD=value; KEYWORD(\"variable\")=\"value\",…; … DATA=…;");
    return px_fault(&r->lex, e);
}

static int want_sign(struct px *r, char sign, const char *what, struct err *e)
{
    enum px_token t;
    int rc = px_next(&r->lex, &t, e);
    return rc < 0 ? rc : t == PX_SIGN && r->lex.sign == sign ? 0 : odd(r, what, e);
}

static int read_language(struct px *r, struct statement *s, struct err *e)
{
    enum px_token t;
    int rc = px_next(&r->lex, &t, e);
    if (rc < 0)
        return rc;
    if (t != PX_WORD && t != PX_TEXT)
        return odd(r, "language", e);
    s->chosen = r->p->language && str_is(buf_view(&r->lex.text), r->p->language);
    s->other = !s->chosen;
    return want_sign(r, ']', "closing bracket", e);
}

static int read_subs(struct px *r, struct statement *s, struct err *e)
{
    enum px_token t;
    bool first = true;
    for (;;) {
        int rc = px_next(&r->lex, &t, e);
        if (rc < 0)
            return rc;
        if (t == PX_SIGN && r->lex.sign == ')')
            return 0;
        if (t == PX_END || (t == PX_SIGN && r->lex.sign != ','))
            return odd(r, "closing bracket", e);
        if (t != PX_SIGN && first) {
            s->sub = arena_str(&r->cube.arena, buf_view(&r->lex.text));
            first = false;
        }
    }
}

/* KEYWORD[language]("variable",…)= ; 0 at the end of the file. */
static int read_head(struct px *r, struct statement *s, struct err *e)
{
    enum px_token t;
    int rc = px_next(&r->lex, &t, e);
    *s = (struct statement){.line = r->lex.at_line, .col = r->lex.at_col};
    if (rc < 0 || t == PX_END)
        return rc;
    if (t != PX_WORD)
        return odd(r, "keyword", e);
    (void)snprintf(s->key, sizeof s->key, "%.*s", STR_ARG(buf_view(&r->lex.text)));
    rc = px_next(&r->lex, &t, e);
    if (rc >= 0 && t == PX_SIGN && r->lex.sign == '[') {
        rc = read_language(r, s, e);
        if (rc >= 0)
            rc = px_next(&r->lex, &t, e);
    }
    if (rc >= 0 && t == PX_SIGN && r->lex.sign == '(') {
        rc = read_subs(r, s, e);
        if (rc >= 0)
            rc = px_next(&r->lex, &t, e);
    }
    if (rc < 0)
        return rc;
    return t == PX_SIGN && r->lex.sign == '=' ? 1 : odd(r, "equals sign", e);
}

/* The values up to the semicolon: into the list, or nowhere. */
static int read_values(struct px *r, struct px_list *to, struct err *e)
{
    enum px_token t;
    for (;;) {
        int rc = px_next(&r->lex, &t, e);
        if (rc >= 0 && t == PX_END)
            return odd(r, "semicolon", e);
        if (rc < 0 || (t == PX_SIGN && r->lex.sign == ';'))
            return rc;
        if (t != PX_SIGN && to)
            rc = add(r, to, buf_view(&r->lex.text), e);
        if (rc < 0)
            return rc;
    }
}

static int read_one(struct px *r, struct str *to, struct err *e)
{
    struct px_list l = {0};
    int rc = read_values(r, &l, e);
    if (l.n)
        *to = l.v[0];
    return rc;
}

/* From the last period of the list on to another one, both as written. */
static int add_range(struct px *r, struct px_var *v, struct str to, struct err *e)
{
    char a[PERIOD_TEXT_MAX], b[PERIOD_TEXT_MAX];
    size_t na, nb;
    struct period p, last;
    struct str *from = v->times.n ? &v->times.v[v->times.n - 1] : &to;
    bool ok = cube_period(v->freq, *from, a, &na) && cube_period(v->freq, to, b, &nb) &&
              period_parse(&p, (struct str){a, na}, NULL) >= 0 &&
              period_parse(&last, (struct str){b, nb}, NULL) >= 0;
    int rc = 0;
    if (!ok || period_cmp(p, last) > 0 || !v->times.n) {
        err_set(e, RC_DATA, "WIRE-044", "the range of periods of %.*s is none", STR_ARG(v->name));
        return px_fault(&r->lex, e);
    }
    *from = arena_str(&r->cube.arena, (struct str){a, na});
    while (rc >= 0 && !period_eq(p, last)) {
        p = period_add(p, 1);
        rc = add(r, &v->times, (struct str){a, period_text(p, a)}, e);
    }
    return rc;
}

/* TLIST(A1),"2003","2004" or TLIST(A1,"1994"-"1996") */
static int read_times(struct px *r, struct px_var *v, struct err *e)
{
    struct px_list l = {0};
    int rc = read_values(r, &l, e);
    if (rc < 0)
        return rc;
    if (l.n < 2 || !str_is(l.v[0], "TLIST") || l.v[1].n < 1 || !strchr("AHQMW", l.v[1].p[0])) {
        err_set(e, RC_DATA, "WIRE-043", "TIMEVAL of %.*s is no TLIST of A1, H1, Q1, M1 or W1",
                STR_ARG(v->name));
        return px_fault(&r->lex, e);
    }
    v->freq = l.v[1].p[0] == 'H' ? 'S' : l.v[1].p[0];
    for (size_t i = 2; i < l.n && rc >= 0; i++) {
        bool range = str_is(l.v[i], "-") && i + 1 < l.n;
        rc = range ? add_range(r, v, l.v[++i], e) : add(r, &v->times, l.v[i], e);
    }
    return rc;
}

static int read_keys(struct px *r, struct px_var *v, struct err *e)
{
    struct str how = STR("");
    int rc = read_one(r, &how, e);
    if (rc < 0)
        return rc;
    v->keys = str_is(how, "CODES") ? 1 : str_is(how, "VALUES") ? 2 : 0;
    v->keys_number = r->nkeys++;
    if (v->keys)
        return 0;
    err_set(e, RC_DATA, "WIRE-045", "KEYS of %.*s is neither CODES nor VALUES", STR_ARG(v->name));
    return px_fault(&r->lex, e);
}

static bool is(const struct statement *s, const char *key) { return strcmp(s->key, key) == 0; }

/* A statement about one variable. */
static int read_of_var(struct px *r, const struct statement *s, struct px_words *w, struct err *e)
{
    struct px_var *v;
    int rc = var_of(r, w, s->sub, &v, e);
    if (rc < 0)
        return rc;
    struct px_list *l = is(s, "VALUES") ? &v->values : is(s, "CODES") ? &v->codes : NULL;
    if ((l && l->n) || (is(s, "KEYS") && v->keys) || (is(s, "TIMEVAL") && v->freq)) {
        err_set(e, RC_DATA, "WIRE-046", "%s of %.*s is there twice", s->key, STR_ARG(v->name));
        return px_fault(&r->lex, e);
    }
    if (l)
        return read_values(r, l, e);
    if (is(s, "TIMEVAL"))
        return read_times(r, v, e);
    return is(s, "KEYS") ? read_keys(r, v, e) : read_one(r, &v->code, e);
}

static bool one_of(const char *key, const char *const *words)
{
    while (*words && strcmp(key, *words) != 0)
        words++;
    return *words != NULL;
}

static bool of_var(const struct statement *s)
{
    static const char *const words[] = {"VALUES", "CODES", "TIMEVAL", "KEYS", "VARIABLECODE", NULL};
    return one_of(s->key, words);
}

static bool is_note(const struct statement *s)
{
    static const char *const words[] = {"CELLNOTE",   "CELLNOTEX",    "VALUENOTE",
                                        "VALUENOTEX", "DATANOTECELL", NULL};
    return one_of(s->key, words);
}

static int read_statement(struct px *r, const struct statement *s, struct err *e)
{
    struct px_words *w = &r->words[s->chosen];
    if (s->other)
        return read_values(r, NULL, e);
    r->notes += is_note(s);
    if (is(s, "STUB") || is(s, "HEADING")) {
        struct px_list *l = is(s, "STUB") ? &w->stub : &w->heading;
        l->n = 0;
        return read_values(r, l, e);
    }
    if (of_var(s))
        return read_of_var(r, s, w, e);
    if (is(s, "LANGUAGE"))
        return read_one(r, &r->language, e);
    if (is(s, "CODEPAGE"))
        return read_one(r, &r->codepage, e);
    return read_values(r, NULL, e);
}

/* A file that names another code page than the profile: files are often wrong about it, so the
 * profile holds, and somebody has to know. */
static void tell_codepage(struct px *r)
{
    char name[64];
    const char *known;
    if (!r->codepage.n)
        return;
    (void)snprintf(name, sizeof name, "%.*s", STR_ARG(r->codepage));
    known = text_encoding(name);
    if (known && strcmp(known, text_encoding(r->p->encoding)) == 0)
        return;
    stage_note(desk_stage(r->d), "%s: CODEPAGE says %s; read as %s, as the profile declares",
               desk_name(r->d), name, r->p->encoding);
}

int px_head(struct px *r, struct err *e)
{
    struct statement s;
    int rc;
    while ((rc = read_head(r, &s, e)) > 0 && !is(&s, "DATA"))
        if ((rc = read_statement(r, &s, e)) < 0)
            return rc;
    if (rc < 0)
        return rc;
    if (!is(&s, "DATA")) {
        err_set(e, RC_DATA, "WIRE-047", "the file ends before DATA");
        return px_fault(&r->lex, e);
    }
    tell_codepage(r);
    if (r->notes)
        stage_note(desk_stage(r->d), "%zu notes of cells and values are not taken over", r->notes);
    return px_assemble(r, e);
}

/* --- together -----------------------------------------------------------------------------------
 */

static int in_file(const struct px *r, struct err *e)
{
    return err_place(e, "%s", desk_name(r->d));
}

static int choose_language(struct px *r, struct err *e)
{
    const char *want = r->p->language;
    const struct px_words *w = &r->words[1];
    r->chosen = want && w->stub.n + w->heading.n > 0;
    if (!want || r->chosen || (r->language.n && str_is(r->language, want)))
        return 0;
    err_set(e, RC_DATA, "WIRE-048", "the file has no texts in language %s", want);
    err_hint(e, "Its own language is \"%.*s\"; others are named by LANGUAGES.",
             STR_ARG(r->language));
    return in_file(r, e);
}

/* The i-th variable of stub and heading, in the words of a language. */
static struct px_var *nth_var(struct px_words *w, size_t i)
{
    if (i >= w->stub.n + w->heading.n)
        return NULL;
    return find_var(w, i < w->stub.n ? w->stub.v[i] : w->heading.v[i - w->stub.n]);
}

/* What the file says in its own language holds for the others, too, where they are silent. */
static void complete(struct px_var *v, const struct px_var *own)
{
    if (!own || own == v)
        return;
    if (!v->codes.n)
        v->codes = own->codes;
    if (!v->freq) {
        v->freq = own->freq;
        v->times = own->times;
    }
    if (!v->keys) {
        v->keys = own->keys;
        v->keys_number = own->keys_number;
    }
    if (!v->code.n)
        v->code = own->code;
}

/* What stands for the categories: periods, codes, else their texts. */
static int add_codes(struct px *r, struct px_var *v, struct cube_dim *dim, struct err *e)
{
    const struct px_list *l = v->times.n ? &v->times : v->codes.n ? &v->codes : &v->values;
    bool bad = (v->codes.n && v->codes.n != v->values.n) || l->n != v->values.n;
    struct map *seen = map_new(0);
    int rc = 0;
    for (size_t i = 0; i < l->n && !bad && rc >= 0; i++) {
        bool fresh = true;
        (void)map_put(seen, l->v[i], 0, &fresh);
        rc = fresh ? cube_code(&r->cube, dim, l->v[i], e)
                   : err_set(e, RC_DATA, "WIRE-049", "%.*s has the value \"%.*s\" twice",
                             STR_ARG(v->name), STR_ARG(l->v[i]));
    }
    map_free(seen);
    if (bad)
        rc = err_set(e, RC_DATA, "WIRE-050", "%.*s has %zu values, but %zu codes or periods",
                     STR_ARG(v->name), v->values.n, l == &v->values ? v->codes.n : l->n);
    if (rc < 0)
        return in_file(r, e);
    dim->time = v->freq != 0;
    dim->freq = v->freq;
    return 0;
}

static int add_dim(struct px *r, struct px_words *w, size_t i, struct err *e)
{
    struct cube_dim *dim;
    struct px_var *v = nth_var(w, i);
    if (!v || !v->values.n) {
        struct str name = i < w->stub.n ? w->stub.v[i] : w->heading.v[i - w->stub.n];
        err_set(e, RC_DATA, "WIRE-051", "the variable \"%.*s\" has no VALUES", STR_ARG(name));
        return in_file(r, e);
    }
    complete(v, nth_var(&r->words[0], i));
    struct str name = v->name, trimmed = read_trim(name, NULL);
    char id[64];
    (void)snprintf(id, sizeof id, "%.*s", STR_ARG(name));
    if (v->code.n && !cube_column(&r->cube, name) && !profile_id_ok(id))
        name = v->code;
    else if (!cube_column(&r->cube, name))
        name = trimmed;
    int rc = cube_add(&r->cube, name, &dim, e);
    if (rc < 0)
        return in_file(r, e);
    r->own[r->norder] = nth_var(&r->words[0], i);
    r->order[r->norder++] = v;
    return add_codes(r, v, dim, e);
}

/* Either every variable of the stub has KEYS or none. */
static int check_keys(struct px *r, struct err *e)
{
    size_t with = 0;
    for (size_t i = 0; i < r->norder; i++) {
        bool keys = r->order[i]->keys != 0;
        with += keys;
        if (keys != (i < r->nstub) && (r->nkeys || keys)) {
            err_set(e, RC_DATA, "WIRE-052",
                    "KEYS must be said of all variables of STUB and no others");
            return in_file(r, e);
        }
    }
    r->nkeys = with;
    return 0;
}

int px_assemble(struct px *r, struct err *e)
{
    int rc = choose_language(r, e);
    struct px_words *w = &r->words[r->chosen];
    size_t n = w->stub.n + w->heading.n;
    if (rc < 0)
        return rc;
    if (!n || n >= READ_DIMS_MAX) {
        err_set(e, RC_DATA, "WIRE-053", "STUB and HEADING name %zu variables", n);
        return in_file(r, e);
    }
    r->nstub = w->stub.n;
    for (size_t i = 0; i < n && rc >= 0; i++)
        rc = add_dim(r, w, i, e);
    if (rc >= 0)
        rc = check_keys(r, e);
    return rc < 0 ? rc : cube_start(&r->cube, (uint64_t)1 << 40, e);
}
