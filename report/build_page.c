/* build_page.c — gathers the page's data and has the template filled. */
#include "build_plan.h"

#include "notes.h"
#include "period.h"

int build_texts(struct build *b, struct json *ret, struct err *e)
{
    const struct word *w = b->plan->texts.items;
    for (size_t i = 0; i < b->plan->texts.n; i++) {
        const char *text = NULL;
        int rc = view_text(&b->view, &w[i].text, &text, e);
        if (rc < 0)
            return rc;
        js_set(ret, w[i].key, js_text(text));
    }
    return 0;
}

/* The partners in their order with their marks, and the footnotes of the marks. */
static int partners_json(struct build *b, struct json *page, struct err *e)
{
    const char *const *codes = NULL;
    size_t n = 0;
    int rc = region_order(b->conf, b->view.region, b->plan->partners, b->view.date, &codes, &n, e);
    if (rc < 0)
        return rc;
    struct json *list = js_array(), *marks = js_array();
    struct notes notes;
    notes_init(&notes, &b->view);
    for (size_t i = 0; i < n; i++) {
        struct json *p = js_object();
        js_set(p, "code", js_text(codes[i]));
        js_set(p, "name",
               js_text(region_name(b->conf, b->view.region, codes[i], b->lang, b->view.date)));
        js_set(p, "last", js_bool(i + 1 == n));
        js_push(list, p);
        notes_mention(&notes, str_of(codes[i]));
    }
    for (size_t i = 0; i < notes.marks.n; i++) {
        struct json *m = js_object();
        js_set(m, "mark", js_text(notes.marks.items[i].mark));
        js_set(m, "text", js_text(notes.marks.items[i].text));
        js_push(marks, m);
    }
    js_set(page, "partners", list);
    js_set(page, "marks", marks);
    return 0;
}

/* All marks and letters with their meaning, for the page of notes. */
static void words_json(struct build *b, struct json *page)
{
    const struct yaml_list *lists[] = {&b->view.words->marks, &b->view.words->statuses};
    const char *names[] = {"gap_marks", "status_letters"};
    for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
        struct json *list = js_array();
        const struct word *w = lists[k]->items;
        for (size_t i = 0; i < lists[k]->n; i++) {
            struct json *j = js_object();
            js_set(j, "mark", js_text(w[i].mark));
            js_set(j, "text", js_text(text_in(&w[i].text, b->lang)));
            js_push(list, j);
        }
        js_set(page, names[k], list);
    }
}

static void data_json(struct build *b, struct json *page)
{
    struct json *list = js_array();
    const struct plan_data *d = b->plan->datasets.items;
    for (size_t i = 0; i < b->plan->datasets.n; i++) {
        struct json *j = js_object(), *in = js_at(b->inputs, i);
        js_set(j, "name", js_text(d[i].name));
        js_set(j, "records", js_share(js_get(in, "records")));
        js_set(j, "seal", js_share(js_get(in, "seal")));
        js_set(j, "href",
               d[i].hidden ? js_null()
                           : js_text(arena_fmt(&b->conf->arena, "data/%s.csv", d[i].name)));
        js_push(list, j);
    }
    js_set(page, "datasets", list);
}

static int sections_json(struct build *b, struct json *page, struct err *e)
{
    const struct plan_section *s = b->plan->sections.items;
    struct json *list = js_array(), *by = js_object();
    js_set(page, "sections", list);
    js_set(page, "section", by);
    for (size_t i = 0; i < b->plan->sections.n; i++) {
        struct json *section = NULL;
        int rc = build_section(b, &s[i], &section, e);
        if (rc < 0)
            return rc;
        js_set(by, s[i].id, js_share(section));
        js_push(list, section);
    }
    return 0;
}

/* "2026-04-01T09:30:00Z" as "1 April 2026, 09:30 UTC" by the words of the language; midnight is the
 * day alone, and what is no such time stays as it is. */
static const char *day_words(struct build *b, const char *when)
{
    struct arena *a = &b->conf->arena;
    struct str s = str_of(when);
    struct period day;
    struct err ignored = {0};
    bool timed = s.n == 20 && s.p[10] == 'T' && s.p[19] == 'Z';
    if ((s.n != 10 && !timed) || period_parse(&day, (struct str){s.p, 10}, &ignored) < 0 ||
        day.freq != FREQ_DAY)
        return when;
    bool seconds = timed && strncmp(s.p + 17, "00", 2) != 0;
    int number = (s.p[8] - '0') * 10 + s.p[9] - '0', month = (s.p[5] - '0') * 10 + s.p[6] - '0';
    struct view_var vars[] = {
        {"day", arena_fmt(a, "%d", number)},
        {"month", view_word(&b->view, arena_fmt(a, "month-%d", month))},
        {"year", arena_text(a, (struct str){s.p, 4})},
        {"time", timed ? arena_text(a, (struct str){s.p + 11, seconds ? 8 : 5}) : ""}};
    bool midnight = !timed || strncmp(s.p + 11, "00:00:00", 8) == 0;
    struct view v = b->view;
    const char *text = NULL;
    v.vars = vars;
    v.nvars = ARRAY_LEN(vars);
    if (view_fill(&v, view_word(&v, midnight ? "day" : "day-time"), &text, &ignored) < 0)
        return when;
    return text;
}

static int fill_page(struct build *b, struct json *page, struct err *e)
{
    const char *title = NULL, *subtitle = NULL;
    struct json *texts = js_object();
    js_set(page, "texts", texts);
    int rc = build_texts(b, texts, e);
    if (rc >= 0)
        rc = view_text(&b->view, &b->plan->title, &title, e);
    if (rc >= 0)
        rc = view_text(&b->view, &b->plan->subtitle, &subtitle, e);
    if (rc < 0)
        return rc;
    js_set(page, "report", js_text(b->plan->report));
    js_set(page, "lang", js_text(b->lang));
    js_set(page, "title", js_text(title));
    js_set(page, "subtitle", js_text(subtitle));
    js_set(page, "period", js_text(b->o->period));
    js_set(page, "as_of", js_text(b->o->as_of ? b->o->as_of : ""));
    js_set(page, "as_of_words", js_text(day_words(b, b->o->as_of ? b->o->as_of : "")));
    js_set(page, "published", js_text(b->published));
    js_set(page, "published_words", js_text(day_words(b, b->published ? b->published : "")));
    js_set(page, "store", js_text(b->store));
    js_set(page, "edition", js_text(b->o->edition ? b->o->edition : "1"));
    js_set(page, "illustrative", js_bool(b->illustrative));
    js_set(page, "illustrative_text", js_text(view_word(&b->view, "illustrative")));
    js_set(page, "version", js_text(RTA_VERSION));
    if ((rc = partners_json(b, page, e)) < 0)
        return rc;
    words_json(b, page);
    data_json(b, page);
    return sections_json(b, page, e);
}

int build_page(struct build *b, struct err *e)
{
    struct arena *a = &b->conf->arena;
    CLEANUP(js_freep) struct json *page = js_object();
    int rc = fill_page(b, page, e);
    if (rc < 0)
        return rc;
    struct buf text;
    buf_init(&text, (size_t)256 << 20);
    js_write(&text, page, true);
    const char *file = arena_fmt(a, "%s/page.json", b->work);
    rc = buf_ok(&text, "the page's data", e);
    if (rc >= 0)
        rc = file_write(file, buf_view(&text), e);
    buf_free(&text);
    if (rc < 0)
        return rc;
    const char *argv[] = {stage_program(b->st, "render"),
                          b->plan->template,
                          "--data",
                          arena_fmt(a, ".=%s", file),
                          "--out",
                          arena_fmt(a, "%s/index.html", b->fresh),
                          NULL};
    return build_program(b, argv, NULL, NULL, e);
}
