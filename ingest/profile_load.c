/* profile_load.c — see profile.h. The tables below are the schema; what they cannot say is checked
 * after the binding. */
#include "profile.h"

#include "date.h"
#include "pattern.h"
#include "text.h"

#include <stddef.h>

#define F(type, word, k, member, ...)                                                \
    {                                                                                \
        .key = word, .kind = k, .offset = offsetof(struct type, member), __VA_ARGS__ \
    }
#define TYPE(name, item)                                                             \
    static const struct yaml_type name##_type = {sizeof(struct item), name##_fields, \
                                                 ARRAY_LEN(name##_fields)}

static const char *const blank_words[] = {"refuse", "as-above", NULL};
static const char *const miss_words[] = {"not-given",  "not-available", "zero", "not-applicable",
                                         "suppressed", "unknown",       NULL};
static const char *const part_words[] = {"all", "first", "rest", NULL};
static const char *const format_words[] = {"delimited", "eurostat-tsv", "sdmx-csv", "json-stat",
                                           "sdmx-json", "sdmx-ml",      "px",       "xlsx",
                                           "ods",       "xls",          NULL};
static const char *const period_words[] = {"as-written", "A", "S", "T", "Q", "M", "W", NULL};
static const char *const hidden_words[] = {"refuse", "include", "skip", NULL};
static const char *const shown_words[] = {"default", "stored", "shown", NULL};
static const char *const mult_words[] = {"default", "apply", "keep", NULL};
static const char *const merged_words[] = {"first", "fill", NULL};
static const char *const blank_row_words[] = {"default", "ends", "pass", NULL};
static const char *const as_words[] = {"default", "year", "half", "quarter", "month", "day", NULL};
static const char *const layout_words[] = {"long", "wide", NULL};
static const char *const line_words[] = {"lf", "cr", NULL};
static const char *const others_words[] = {"refuse", "ignore", NULL};
static const char *const flags_words[] = {"default", "none", "apart", "glued", NULL};

static const struct yaml_field column_fields[] = {
    F(profile_column, "heading", YAML_TEXT, heading),
    F(profile_column, "number", YAML_INT, number),
    F(profile_column, "row", YAML_INT, row),
    F(profile_column, "dimension", YAML_TEXT, dimension),
    F(profile_column, "attribute", YAML_TEXT, attribute),
    F(profile_column, "value", YAML_BOOL, value),
    F(profile_column, "ignore", YAML_BOOL, ignore),
    F(profile_column, "footnotes", YAML_BOOL, footnotes),
    F(profile_column, "optional", YAML_BOOL, optional),
    F(profile_column, "blank", YAML_ENUM, blank, .words = blank_words),
    F(profile_column, "period", YAML_ENUM, period, .words = period_words),
    F(profile_column, "as", YAML_ENUM, as, .words = as_words),
    F(profile_column, "sets", YAML_MAP, sets, .type = &yaml_pair_type),
    F(profile_column, "codes", YAML_MAP, codes, .type = &yaml_pair_type),
    F(profile_column, "trim", YAML_TEXT, trim),
    F(profile_column, "pattern", YAML_TEXT, pattern),
    F(profile_column, "date", YAML_TEXT, date),
    F(profile_column, NULL, YAML_MARK, at),
};
TYPE(column, profile_column);

static const struct yaml_field level_fields[] = {
    F(profile_level, "dimension", YAML_TEXT, dimension, .required = true),
    F(profile_level, "from", YAML_INT, from, .required = true),
    F(profile_level, "to", YAML_INT, to),
    F(profile_level, "row", YAML_INT, row),
    F(profile_level, "part", YAML_ENUM, part, .words = part_words),
    F(profile_level, "fill", YAML_BOOL, fill),
    F(profile_level, "footnotes", YAML_BOOL, footnotes),
    F(profile_level, "trim", YAML_TEXT, trim),
    F(profile_level, "pattern", YAML_TEXT, pattern),
    F(profile_level, "codes", YAML_MAP, codes, .type = &yaml_pair_type),
    F(profile_level, NULL, YAML_MARK, at),
};
TYPE(level, profile_level);

static const struct yaml_field miss_fields[] = {
    F(profile_miss, NULL, YAML_ENUM, meaning, .words = miss_words)};
TYPE(miss, profile_miss);

static const struct yaml_field total_fields[] = {
    F(profile_total, "dimension", YAML_TEXT, dimension, .required = true),
    F(profile_total, "codes", YAML_LIST, codes, .required = true, .type = &yaml_text_type),
    F(profile_total, "sum", YAML_BOOL, sum, .fallback = "true"),
    F(profile_total, NULL, YAML_MARK, at),
};
TYPE(total, profile_total);

static const struct yaml_field place_fields[] = {
    F(profile_place, "name", YAML_TEXT, name),
    F(profile_place, "number", YAML_INT, number),
    F(profile_place, "pattern", YAML_TEXT, pattern),
    F(profile_place, "sets", YAML_MAP, sets, .type = &yaml_pair_type),
    F(profile_place, "codes", YAML_MAP, codes, .type = &yaml_pair_type),
    F(profile_place, NULL, YAML_MARK, at),
};
TYPE(place, profile_place);

static const struct yaml_field file_fields[] = {
    F(profile_place, "pattern", YAML_TEXT, pattern, .required = true),
    F(profile_place, "sets", YAML_MAP, sets, .type = &yaml_pair_type),
    F(profile_place, "codes", YAML_MAP, codes, .type = &yaml_pair_type),
    F(profile_place, NULL, YAML_MARK, at),
};
TYPE(file, profile_place);

static const struct yaml_field table_fields[] = {
    F(profile_table, "after", YAML_TEXT, after),
    F(profile_table, "first", YAML_TEXT, first),
    F(profile_table, "until", YAML_TEXT, until),
    F(profile_table, "blank_row", YAML_ENUM, blank_row, .words = blank_row_words),
    F(profile_table, "optional", YAML_BOOL, optional),
    F(profile_table, "sets", YAML_MAP, sets, .type = &yaml_pair_type),
    F(profile_table, "codes", YAML_MAP, codes, .type = &yaml_pair_type),
    F(profile_table, NULL, YAML_MARK, at),
};
TYPE(table, profile_table);

static const struct yaml_field formats_fields[] = {
    F(profile_formats, "percent", YAML_ENUM, percent, .words = shown_words),
    F(profile_formats, "thousands", YAML_ENUM, thousands, .words = shown_words),
    F(profile_formats, "zeros", YAML_ENUM, zeros, .words = shown_words),
};
TYPE(formats, profile_formats);

static const struct yaml_field profile_fields[] = {
    F(profile, "profile", YAML_TEXT, name, .required = true),
    F(profile, "sender", YAML_TEXT, sender),
    F(profile, "structure", YAML_TEXT, structure),
    F(profile, "format", YAML_ENUM, format, .required = true, .words = format_words),
    F(profile, "encoding", YAML_TEXT, encoding),
    F(profile, "dataset", YAML_TEXT, dataset),
    F(profile, "language", YAML_TEXT, language),
    F(profile, "delimiter", YAML_CHAR, delimiter),
    F(profile, "key_delimiter", YAML_CHAR, key_delimiter, .fallback = ","),
    F(profile, "quote", YAML_CHAR, quote, .fallback = "\""),
    F(profile, "decimal", YAML_CHAR, decimal),
    F(profile, "thousands", YAML_TEXT, thousands, .fallback = ""),
    F(profile, "exponent", YAML_BOOL, exponent),
    F(profile, "lazy_quotes", YAML_BOOL, lazy_quotes),
    F(profile, "ragged", YAML_BOOL, ragged),
    F(profile, "line_end", YAML_ENUM, line_end, .words = line_words),
    F(profile, "layout", YAML_ENUM, layout, .words = layout_words),
    F(profile, "others", YAML_ENUM, others, .words = others_words),
    F(profile, "value_flags", YAML_ENUM, value_flags, .words = flags_words),
    F(profile, "skip_rows", YAML_INT, skip_rows),
    F(profile, "header_rows", YAML_INT, header_rows, .fallback = "1"),
    F(profile, "draft", YAML_BOOL, draft),
    F(profile, "digits", YAML_INT, digits),
    F(profile, "hidden", YAML_ENUM, hidden, .words = hidden_words),
    F(profile, "merged", YAML_ENUM, merged, .words = merged_words),
    F(profile, "unit_mult", YAML_ENUM, unit_mult, .words = mult_words),
    F(profile, "formats", YAML_OBJECT, formats, .type = &formats_type),
    F(profile, "sheets", YAML_LIST, sheets, .type = &place_type),
    F(profile, "file", YAML_OBJECT, file, .type = &file_type),
    F(profile, "tables", YAML_LIST, tables, .type = &table_type),
    F(profile, "currency", YAML_LIST, currency, .type = &yaml_text_type),
    F(profile, "columns", YAML_LIST, columns, .type = &column_type),
    F(profile, "across", YAML_LIST, across, .type = &level_type),
    F(profile, "missing", YAML_MAP, missing, .type = &miss_type),
    F(profile, "flags", YAML_MAP, flags, .type = &yaml_pair_type),
    F(profile, "confidentiality", YAML_MAP, confidentiality, .type = &yaml_pair_type),
    F(profile, "footnotes", YAML_MAP, footnotes, .type = &yaml_pair_type),
    F(profile, "constants", YAML_MAP, constants, .type = &yaml_pair_type),
    F(profile, "totals", YAML_LIST, totals, .type = &total_type),
    F(profile, "dimensions", YAML_LIST, dimensions, .type = &yaml_text_type),
    F(profile, "personal", YAML_LIST, personal, .type = &personal_exempt_type),
    F(profile, "notes", YAML_LIST, notes, .type = &yaml_text_type),
    F(profile, NULL, YAML_MARK, at),
};
TYPE(profile, profile);

const char *pair_find(const struct yaml_list *pairs, struct str key)
{
    const struct yaml_pair *p = pairs->items;
    for (size_t i = 0; i < pairs->n; i++)
        if (str_is(key, p[i].key))
            return p[i].value;
    return NULL;
}

int profile_attribute(const char *name)
{
    static const char *const words[] = {"OBS_STATUS", "CONF_STATUS", "COMMENT", "NATURE",
                                        "UNIT_MULT"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(name, words[i]) == 0)
            return (int)i;
    return -1;
}

struct num_style profile_style(const struct profile *p)
{
    char decimal = p->decimal || profile_tabular(p) ? p->decimal : '.';
    return (struct num_style){decimal, p->thousands, p->exponent};
}

static bool ascii_only(const char *z)
{
    for (; z && *z; z++)
        if ((unsigned char)*z >= 0x80)
            return false;
    return true;
}

bool profile_id_ok(const char *id)
{
    static const char *const taken[] = {"STRUCTURE", "STRUCTURE_ID", "ACTION",  "OBS_VALUE",
                                        "SENDER",    "SRC",          "SRC_KEY", "SRC_VALUE",
                                        "GRADE",     "REVIEWED"};
    size_t n = strcspn(id, " ,;:\"[]#\t\r\n");
    bool bad = n == 0 || id[n] != '\0' || profile_attribute(id) >= 0;
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        bad = bad || strcmp(id, taken[i]) == 0;
    return !bad;
}

/* A column is exactly one thing; a dimension id must not be a column of the stream. */
static int check_id(const char *id, struct yaml_mark at, struct err *e)
{
    return !profile_id_ok(id)
               ? yaml_fault(e, at, "PROFILE-001", "\"%s\" cannot be the id of a dimension", id)
               : 0;
}

static int check_sets(const struct yaml_list *sets, struct yaml_mark at, struct err *e)
{
    const struct yaml_pair *pair = sets->items;
    int rc = 0;
    for (size_t i = 0; i < sets->n && rc >= 0; i++)
        rc = check_id(pair[i].key, at, e);
    return rc;
}

static int check_pattern(const char *pattern, struct yaml_mark at, struct err *e)
{
    const char *fault = pattern ? pattern_fault(pattern) : NULL;
    return fault ? yaml_fault(e, at, "PROFILE-020", "the pattern \"%s\" cannot be used: %s",
                              pattern, fault)
                 : 0;
}

/* A cell's pattern takes one part of it: {}. */
static int check_one_capture(const char *pattern, struct yaml_mark at, struct err *e)
{
    const char *open = strchr(pattern, '{');
    int rc = check_pattern(pattern, at, e);
    if (rc >= 0 && (!open || open[1] != '}' || strchr(open + 1, '{')))
        rc = yaml_fault(e, at, "PROFILE-021",
                        "the pattern \"%s\" needs {} once, for the part to take", pattern);
    return rc;
}

static int check_date(const struct profile_column *c, struct err *e)
{
    char finest[2];
    if (!c->date && !c->as)
        return 0;
    if (!c->dimension)
        return yaml_fault(e, c->at, "PROFILE-022", "date and as are for dimensions");
    if (c->date && !date_format_ok(c->date, finest))
        return yaml_fault(e, c->at, "PROFILE-023",
                          "\"%s\" is no date format; letters are YYYY MM DD hh mm ss", c->date);
    if (c->date && !c->as)
        return yaml_fault(e, c->at, "PROFILE-024",
                          "a date is read as its year, half, quarter, month or day: say which");
    return 0;
}

static int check_column(const struct profile *p, const struct profile_column *c, struct err *e)
{
    int kinds = (c->dimension != NULL) + (c->attribute != NULL) + c->value + c->ignore;
    if (kinds != 1)
        return yaml_fault(
            e, c->at, "PROFILE-002",
            "a column is one of dimension, value, attribute and ignore, not %d of them", kinds);
    if (!c->heading && !c->number)
        return yaml_fault(e, c->at, "PROFILE-003", "a column needs its heading or its number");
    if (c->number < 0 || c->row < 0 || c->row > p->header_rows)
        return yaml_fault(e, c->at, "PROFILE-004", "there is no such column or header row");
    if (c->attribute && profile_attribute(c->attribute) < 0)
        return yaml_fault(e, c->at, "PROFILE-005",
                          "\"%s\" is none of the attributes OBS_STATUS, "
                          "CONF_STATUS, COMMENT, NATURE and UNIT_MULT",
                          c->attribute);
    if (!ascii_only(c->trim))
        return yaml_fault(e, c->at, "PROFILE-006", "trim takes ASCII characters only");
    int rc = check_sets(&c->sets, c->at, e);
    if (rc >= 0)
        rc = check_date(c, e);
    if (rc >= 0 && c->pattern)
        rc = check_one_capture(c->pattern, c->at, e);
    return rc >= 0 && c->dimension ? check_id(c->dimension, c->at, e) : rc;
}

static int check_level(const struct profile *p, const struct profile_level *l, struct err *e)
{
    const struct profile_level *first = p->across.items;
    if (l->from < 1 || l->from != first->from || l->to != first->to || (l->to && l->to < l->from))
        return yaml_fault(e, l->at, "PROFILE-007",
                          "from and to are columns, and the same in all levels");
    if (l->row < 0 || l->row > p->header_rows)
        return yaml_fault(e, l->at, "PROFILE-008", "there are %lld header rows",
                          (long long)p->header_rows);
    if (!ascii_only(l->trim))
        return yaml_fault(e, l->at, "PROFILE-009", "trim takes ASCII characters only");
    if (l->pattern && check_one_capture(l->pattern, l->at, e) < 0)
        return -RC_CONFIG;
    return check_id(l->dimension, l->at, e);
}

static int check_place(const struct profile_place *w, struct err *e)
{
    if ((w->name != NULL) + (w->number != 0) + (w->pattern != NULL) != 1 || w->number < 0)
        return yaml_fault(e, w->at, "PROFILE-025",
                          "a sheet is declared by its name, its number, or a pattern");
    int rc = check_pattern(w->pattern, w->at, e);
    return rc < 0 ? rc : check_sets(&w->sets, w->at, e);
}

static int check_table(const struct profile_table *t, struct err *e)
{
    if (!t->after == !t->first)
        return yaml_fault(e, t->at, "PROFILE-026",
                          "a table begins after a row, or with one (first): say one of them");
    int rc = check_pattern(t->after ? t->after : t->first, t->at, e);
    if (rc >= 0)
        rc = check_pattern(t->until, t->at, e);
    return rc < 0 ? rc : check_sets(&t->sets, t->at, e);
}

static int check_places(const struct profile *p, struct err *e)
{
    const struct profile_place *sheets = p->sheets.items;
    const struct profile_table *tables = p->tables.items;
    int rc = p->file.pattern ? check_place(&p->file, e) : 0;
    for (size_t i = 0; i < p->sheets.n && rc >= 0; i++)
        rc = check_place(&sheets[i], e);
    for (size_t i = 0; i < p->tables.n && rc >= 0; i++)
        rc = check_table(&tables[i], e);
    if (rc >= 0 && p->sheets.n && !profile_book(p))
        rc = yaml_fault(e, p->at, "PROFILE-027", "only a workbook has sheets");
    if (rc >= 0 && (p->digits < 0 || p->digits > 17))
        rc = yaml_fault(e, p->at, "PROFILE-028", "digits is 1 to 17");
    return rc;
}

/* In JSON, XML and PC-Axis a number is what the format says; another sign would change it. */
static int check_plain_numbers(const struct profile *p, struct err *e)
{
    bool own = p->format == FORMAT_JSONSTAT || p->format == FORMAT_SDMXJSON ||
               p->format == FORMAT_SDMXML || p->format == FORMAT_PX;
    if (own && ((p->decimal && p->decimal != '.') || p->thousands[0]))
        return yaml_fault(e, p->at, "PROFILE-030",
                          "numbers of this format have a point and no thousands sign");
    return 0;
}

static int check_lists(const struct profile *p, struct err *e)
{
    const struct profile_column *c = p->columns.items;
    const struct profile_level *l = p->across.items;
    const struct yaml_pair *flags = p->flags.items, *constants = p->constants.items;
    int rc = check_plain_numbers(p, e);
    if (rc >= 0)
        rc = personal_exempt_check(&p->personal, e);
    for (size_t i = 0; i < p->columns.n && rc >= 0; i++)
        rc = check_column(p, &c[i], e);
    for (size_t i = 0; i < p->across.n && rc >= 0; i++)
        rc = check_level(p, &l[i], e);
    for (size_t i = 0; i < p->flags.n && rc >= 0; i++)
        if (flags[i].value[strspn(flags[i].value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
            rc = yaml_fault(e, p->at, "PROFILE-010",
                            "flag %s: \"%s\" are no letters of CL_OBS_STATUS", flags[i].key,
                            flags[i].value);
    for (size_t i = 0; i < p->constants.n && rc >= 0; i++)
        if (profile_attribute(constants[i].key) < 0)
            rc = check_id(constants[i].key, p->at, e);
    return rc;
}

static bool is_time(const char *id) { return id && strcmp(id, "TIME_PERIOD") == 0; }

static bool place_time(const struct profile *p)
{
    const struct str time = STR("TIME_PERIOD");
    const struct profile_place *w = p->sheets.items;
    const struct profile_table *t = p->tables.items;
    bool found = pattern_names(p->file.pattern, time.p) || pair_find(&p->file.sets, time);
    for (size_t i = 0; i < p->sheets.n; i++)
        found = found || pattern_names(w[i].pattern, time.p) || pair_find(&w[i].sets, time);
    for (size_t i = 0; i < p->tables.n; i++)
        found = found || pattern_names(t[i].after, time.p) || pattern_names(t[i].first, time.p) ||
                pair_find(&t[i].sets, time);
    return found;
}

static bool has_time(const struct profile *p)
{
    const struct profile_column *c = p->columns.items;
    const struct profile_level *l = p->across.items;
    bool found = pair_find(&p->constants, STR("TIME_PERIOD")) != NULL;
    for (size_t i = 0; i < p->columns.n; i++)
        found = found || is_time(c[i].dimension) || pair_find(&c[i].sets, STR("TIME_PERIOD"));
    for (size_t i = 0; i < p->across.n; i++)
        found = found || is_time(l[i].dimension);
    return found || place_time(p);
}

static int check_tabular(const struct profile *p, struct err *e)
{
    const struct profile_column *c = p->columns.items;
    size_t values = 0;
    for (size_t i = 0; i < p->columns.n; i++)
        values += c[i].value;
    if (!p->delimiter && !profile_book(p))
        return yaml_fault(e, p->at, "PROFILE-011", "a delimited file needs its delimiter");
    if (p->header_rows < 1 || p->header_rows > 100 || p->skip_rows < 0)
        return yaml_fault(e, p->at, "PROFILE-012", "header_rows is 1 to 100, skip_rows 0 or more");
    if (p->layout == LAYOUT_WIDE ? p->across.n == 0 || values : p->across.n || !values)
        return yaml_fault(e, p->at, "PROFILE-013",
                          p->layout == LAYOUT_WIDE
                              ? "layout wide takes its values from across, not from value columns"
                              : "layout long takes its values from value columns, not from across");
    if (!has_time(p))
        return yaml_fault(e, p->at, "PROFILE-014", "nothing is TIME_PERIOD");
    return 0;
}

/* Only SDMX says in the file what its structure is; a CSV of it, who the sender is, too. */
static bool names_itself(const struct profile *p)
{
    bool own_id =
        p->format == FORMAT_SDMX || p->format == FORMAT_SDMXJSON || p->format == FORMAT_SDMXML;
    return (p->sender || p->format == FORMAT_SDMX) && (p->structure || own_id);
}

static int check_numbers(const struct profile *p, struct err *e)
{
    if (strlen(p->thousands) > 1 || (p->thousands[0] && !strchr(".,' ", p->thousands[0])))
        return yaml_fault(e, p->at, "PROFILE-016",
                          "thousands is one of \".\", \",\", \"'\" and \" \"");
    char decimal = profile_style(p).decimal;
    if ((decimal && decimal != '.' && decimal != ',') || (decimal && p->thousands[0] == decimal))
        return yaml_fault(e, p->at, "PROFILE-017",
                          "decimal is \".\" or \",\" and differs from thousands");
    return 0;
}

static int check(const struct profile *p, struct err *e)
{
    if (!p->encoding && !profile_book(p) && p->format != FORMAT_SDMXML)
        return yaml_fault(e, p->at, "PROFILE-029", "the encoding of the file is missing");
    if (p->encoding && !text_encoding(p->encoding))
        return yaml_fault(e, p->at, "PROFILE-015", "\"%s\" is no encoding that we read",
                          p->encoding);
    int rc = check_numbers(p, e);
    if (rc < 0)
        return rc;
    if (!names_itself(p))
        return yaml_fault(e, p->at, "PROFILE-018", "sender and structure are needed");
    rc = check_lists(p, e);
    if (rc >= 0)
        rc = check_places(p, e);
    return rc >= 0 && profile_tabular(p) ? check_tabular(p, e) : rc;
}

int profile_load(struct conf *c, const char *name, int format, const struct profile **ret,
                 struct err *e)
{
    struct profile *p = arena_new(&c->arena, sizeof *p);
    int rc = conf_yaml(c, "profiles", name, &profile_type, p, e);
    if (rc < 0)
        return rc;
    if (rc == 0 && strcmp(p->name, name) != 0)
        return yaml_fault(e, p->at, "PROFILE-019",
                          "the profile calls itself \"%s\" in a file named %s.yaml", p->name, name);
    if (format >= 0)
        p->format = format;
    rc = check(p, e);
    if (rc >= 0)
        *ret = p;
    return rc;
}
