/* build_explain.c — asks rta explain for what every printed figure stands on: one run for the whole
 * edition, after its tables are there. What was made of given streams has no explanations. */
#include "build_plan.h"

#include "bounds.h"

static int plan_json(struct build *b, struct json *plan, struct err *e)
{
    const struct plan_data *d = b->plan->datasets.items;
    struct json *data = js_array(), *texts = js_object();
    const char *title = NULL;
    int rc = view_text(&b->view, &b->plan->title, &title, e);
    js_set(plan, "texts", texts);
    js_set(plan, "data", data);
    if (rc >= 0)
        rc = build_texts(b, texts, e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < b->plan->datasets.n; i++) {
        struct json *j = js_object();
        js_set(j, "name", js_text(d[i].name));
        js_set(j, "stream", js_text(build_stream(b, d[i].name)));
        js_set(j, "trace", js_text(build_trace(b, &d[i])));
        js_push(data, j);
    }
    js_set(plan, "out", js_text(b->fresh));
    js_set(plan, "report", js_text(b->plan->report));
    js_set(plan, "report_title", js_text(title));
    js_set(plan, "period", js_text(b->o->period));
    js_set(plan, "edition", js_text(b->o->edition ? b->o->edition : "1"));
    js_set(plan, "lang", js_text(b->lang));
    js_set(plan, "version", js_text(RTA_VERSION));
    js_set(plan, "published", js_text(b->published));
    js_set(plan, "illustrative_text", js_text(view_word(&b->view, "illustrative")));
    js_set(plan, "heading", js_text(view_word(&b->view, "explained")));
    js_set(plan, "tables", js_share(b->explained));
    return 0;
}

int build_explain(struct build *b, struct err *e)
{
    struct arena *a = &b->conf->arena;
    CLEANUP(js_freep) struct json *plan = js_object();
    struct buf text CLEANUP(buf_free) = {.max = LIMIT_JSON_BYTES};
    const char *file = arena_fmt(a, "%s/explain.json", b->work);
    if (js_count(b->explained) == 0)
        return 0;
    int rc = plan_json(b, plan, e);
    js_write(&text, plan, true);
    if (rc >= 0)
        rc = buf_ok(&text, "the plan of the explanations", e);
    if (rc >= 0)
        rc = file_write(file, buf_view(&text), e);
    if (rc < 0)
        return rc;
    const char *argv[] = {stage_program(b->st, "explain"),
                          "--quiet",
                          "--write",
                          file,
                          "--lang",
                          b->lang,
                          "--as-of",
                          arena_fmt(a, "version:%s", b->store),
                          NULL};
    return build_program(b, argv, NULL, NULL, e);
}
