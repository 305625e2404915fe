/* build_page.c — gathers the page's data and has the template filled. */
#include "build_plan.h"

#include "notes.h"
#include "period.h"

static int texts_json(struct build *b, struct json *ret, struct err *e)
{
    const struct word *w = b->plan->texts.items;
    for (size_t i = 0; i < b->plan->texts.n; i++) {
        const char *text = NULL;
        int rc = view_text(&b->view, &w[i].text, &text, e);
        if (rc < 0)
            return rc;
        json_set(ret, w[i].key, json_text(text));
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
    struct json *list = json_array(), *marks = json_array();
    struct notes notes;
    notes_init(&notes, &b->view);
    for (size_t i = 0; i < n; i++) {
        struct json *p = json_object();
        json_set(p, "code", json_text(codes[i]));
        json_set(p, "name",
                 json_text(region_name(b->conf, b->view.region, codes[i], b->lang, b->view.date)));
        json_set(p, "last", json_bool(i + 1 == n));
        json_push(list, p);
        notes_mention(&notes, str_of(codes[i]));
    }
    for (size_t i = 0; i < notes.marks.n; i++) {
        struct json *m = json_object();
        json_set(m, "mark", json_text(notes.marks.items[i].mark));
        json_set(m, "text", json_text(notes.marks.items[i].text));
        json_push(marks, m);
    }
    json_set(page, "partners", list);
    json_set(page, "marks", marks);
    return 0;
}

/* All marks and letters with their meaning, for the page of notes. */
static void words_json(struct build *b, struct json *page)
{
    const struct yaml_list *lists[] = {&b->view.words->marks, &b->view.words->statuses};
    const char *names[] = {"gap_marks", "status_letters"};
    for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
        struct json *list = json_array();
        const struct word *w = lists[k]->items;
        for (size_t i = 0; i < lists[k]->n; i++) {
            struct json *j = json_object();
            json_set(j, "mark", json_text(w[i].mark));
            json_set(j, "text", json_text(text_in(&w[i].text, b->lang)));
            json_push(list, j);
        }
        json_set(page, names[k], list);
    }
}

static void data_json(struct build *b, struct json *page)
{
    struct json *list = json_array();
    const struct plan_data *d = b->plan->datasets.items;
    for (size_t i = 0; i < b->plan->datasets.n; i++) {
        struct json *j = json_object(), *in = json_at(b->inputs, i);
        json_set(j, "name", json_text(d[i].name));
        json_set(j, "records", json_share(json_get(in, "records")));
        json_set(j, "seal", json_share(json_get(in, "seal")));
        json_set(j, "href",
                 d[i].hidden ? json_null()
                             : json_text(arena_fmt(&b->conf->arena, "data/%s.csv", d[i].name)));
        json_push(list, j);
    }
    json_set(page, "datasets", list);
}

static int sections_json(struct build *b, struct json *page, struct err *e)
{
    const struct plan_section *s = b->plan->sections.items;
    struct json *list = json_array(), *by = json_object();
    json_set(page, "sections", list);
    json_set(page, "section", by);
    for (size_t i = 0; i < b->plan->sections.n; i++) {
        struct json *section = NULL;
        int rc = build_section(b, &s[i], &section, e);
        if (rc < 0)
            return rc;
        json_set(by, s[i].id, json_share(section));
        json_push(list, section);
    }
    return 0;
}

static int fill_page(struct build *b, struct json *page, struct err *e)
{
    const char *title = NULL, *subtitle = NULL;
    struct json *texts = json_object();
    json_set(page, "texts", texts);
    int rc = texts_json(b, texts, e);
    if (rc >= 0)
        rc = view_text(&b->view, &b->plan->title, &title, e);
    if (rc >= 0)
        rc = view_text(&b->view, &b->plan->subtitle, &subtitle, e);
    if (rc < 0)
        return rc;
    json_set(page, "report", json_text(b->plan->report));
    json_set(page, "lang", json_text(b->lang));
    json_set(page, "title", json_text(title));
    json_set(page, "subtitle", json_text(subtitle));
    json_set(page, "period", json_text(b->o->period));
    json_set(page, "as_of", json_text(b->o->as_of ? b->o->as_of : ""));
    json_set(page, "published", json_text(b->published));
    json_set(page, "store", json_text(b->store));
    json_set(page, "edition", json_text(b->o->edition ? b->o->edition : "1"));
    json_set(page, "illustrative", json_bool(b->illustrative));
    json_set(page, "illustrative_text", json_text(view_word(&b->view, "illustrative")));
    json_set(page, "version", json_text(RTA_VERSION));
    if ((rc = partners_json(b, page, e)) < 0)
        return rc;
    words_json(b, page);
    data_json(b, page);
    return sections_json(b, page, e);
}

int build_page(struct build *b, struct err *e)
{
    struct arena *a = &b->conf->arena;
    CLEANUP(json_freep) struct json *page = json_object();
    int rc = fill_page(b, page, e);
    if (rc < 0)
        return rc;
    struct buf text;
    buf_init(&text, (size_t)256 << 20);
    json_write(&text, page, true);
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
