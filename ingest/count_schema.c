/* count_schema.c — a register's declaration: config/counts/NAME.yaml, bound and checked
 * (docs/contracts/counts.md). Everything lives in the arena of the conf. */
#include "count.h"

#include "profile.h"
#include "text.h"

#include <stddef.h>

#define F(type, word, k, member, ...)                                                \
    {                                                                                \
        .key = word, .kind = k, .offset = offsetof(struct type, member), __VA_ARGS__ \
    }
#define TYPE(name, item)                                                             \
    static const struct yaml_type name##_type = {sizeof(struct item), name##_fields, \
                                                 ARRAY_LEN(name##_fields)}

static const char *const period_words[] = {"year", "half", "quarter", "month", "day", NULL};
static const char *const what_words[] = {"records", "persons", NULL};
static const char *const blank_words[] = {"each", "leave", "refuse", NULL};
static const char *const repeated_words[] = {"count-all", "first", "refuse", NULL};
static const char *const format_words[] = {"delimited", "xlsx", "ods", "xls", NULL};
static const enum read_format formats[] = {FORMAT_DELIMITED, FORMAT_XLSX, FORMAT_ODS, FORMAT_XLS};
static const char *const hidden_words[] = {"refuse", "include", "skip", NULL};
static const char *const zeros_words[] = {"none", "declared", NULL};
static const char *const line_words[] = {"lf", "cr", NULL};

static const struct yaml_field band_fields[] = {
    F(count_band, "code", YAML_TEXT, code, .required = true),
    F(count_band, "from", YAML_TEXT, from),
    F(count_band, "to", YAML_TEXT, to),
    F(count_band, NULL, YAML_MARK, at),
};
TYPE(band, count_band);

static const struct yaml_field dim_fields[] = {
    F(count_dim, "value", YAML_TEXT, value),
    F(count_dim, "heading", YAML_TEXT, column.heading),
    F(count_dim, "number", YAML_INT, column.number),
    F(count_dim, "codes", YAML_MAP, codes, .type = &yaml_pair_type),
    F(count_dim, "bands", YAML_LIST, bands, .type = &band_type),
    F(count_dim, "others", YAML_TEXT, others),
    F(count_dim, "blank", YAML_TEXT, blank),
    F(count_dim, "outside", YAML_TEXT, outside),
    F(count_dim, "trim", YAML_TEXT, trim),
    F(count_dim, "date", YAML_TEXT, date),
    F(count_dim, "period", YAML_ENUM, period, .words = period_words, .fallback = "year"),
    F(count_dim, "max_codes", YAML_INT, max_codes, .fallback = "2000"),
    F(count_dim, NULL, YAML_MARK, at),
};
TYPE(dim, count_dim);

static const struct yaml_field measure_fields[] = {
    F(count_measure, "code", YAML_TEXT, code),
    F(count_measure, "what", YAML_ENUM, what, .words = what_words, .fallback = "records"),
    F(count_measure, "heading", YAML_TEXT, column.heading),
    F(count_measure, "number", YAML_INT, column.number),
    F(count_measure, "blank", YAML_ENUM, blank, .words = blank_words, .fallback = "refuse"),
    F(count_measure, NULL, YAML_MARK, at),
};
TYPE(measure, count_measure);

static const struct yaml_field identifier_fields[] = {
    F(count_identifier, "heading", YAML_TEXT, column.heading),
    F(count_identifier, "number", YAML_INT, column.number),
    F(count_identifier, "repeated", YAML_ENUM, repeated, .words = repeated_words, .required = true),
    F(count_identifier, "blank", YAML_ENUM, blank, .words = blank_words, .required = true),
    F(count_identifier, NULL, YAML_MARK, column.at),
};
TYPE(identifier, count_identifier);

static const struct yaml_field filter_fields[] = {
    F(count_filter, "heading", YAML_TEXT, column.heading),
    F(count_filter, "number", YAML_INT, column.number),
    F(count_filter, "in", YAML_LIST, in, .type = &yaml_text_type),
    F(count_filter, "not_in", YAML_LIST, not_in, .type = &yaml_text_type),
    F(count_filter, NULL, YAML_MARK, column.at),
};
TYPE(filter, count_filter);

static const struct yaml_field register_fields[] = {
    F(count_register, "count", YAML_TEXT, name, .required = true),
    F(count_register, "sender", YAML_TEXT, sender, .required = true),
    F(count_register, "structure", YAML_TEXT, structure, .required = true),
    F(count_register, "nature", YAML_TEXT, nature),
    F(count_register, "format", YAML_ENUM, format, .words = format_words),
    F(count_register, "sheet", YAML_TEXT, sheet),
    F(count_register, "hidden", YAML_ENUM, hidden, .words = hidden_words),
    F(count_register, "zeros", YAML_ENUM, zeros, .words = zeros_words),
    F(count_register, "periods", YAML_LIST, periods, .type = &yaml_text_type),
    F(count_register, "encoding", YAML_TEXT, encoding),
    F(count_register, "delimiter", YAML_CHAR, delimiter),
    F(count_register, "quote", YAML_CHAR, quote, .fallback = "\""),
    F(count_register, "lazy_quotes", YAML_BOOL, lazy_quotes),
    F(count_register, "line_end", YAML_ENUM, line_end, .words = line_words),
    F(count_register, "skip_rows", YAML_INT, skip_rows),
    F(count_register, "header_rows", YAML_INT, header_rows, .fallback = "1"),
    F(count_register, "decimal", YAML_CHAR, decimal),
    F(count_register, "thousands", YAML_TEXT, thousands, .fallback = ""),
    F(count_register, "dimensions", YAML_MAP, dims, .type = &dim_type, .required = true),
    F(count_register, "counted", YAML_TEXT, counted),
    F(count_register, "counts", YAML_LIST, measures, .type = &measure_type),
    F(count_register, "identifier", YAML_OBJECT, identifier, .type = &identifier_type),
    F(count_register, "filters", YAML_LIST, filters, .type = &filter_type),
    F(count_register, "personal", YAML_LIST, personal, .type = &personal_exempt_type),
    F(count_register, NULL, YAML_MARK, at),
};
TYPE(register, count_register);

static bool named(const struct count_column *c) { return c->heading || c->number; }

static int check_kind(struct count_dim *d, struct err *e)
{
    int kinds = (d->value != NULL) + (d->bands.n > 0) + (d->date != NULL);
    if (kinds > 1 || (d->value != NULL) == named(&d->column))
        return yaml_fault(e, d->at, "COUNT-001",
                          "%s has a value, or a column (heading or number) with codes, bands or a "
                          "date",
                          d->id);
    d->kind = d->value     ? COUNT_CONSTANT
              : d->bands.n ? COUNT_BANDS
              : d->date    ? COUNT_DATE
                           : COUNT_CODES;
    if (!d->others)
        d->others = d->codes.n ? "refuse" : "keep";
    if (d->max_codes < 1 || d->max_codes > 1000000)
        return yaml_fault(e, d->at, "COUNT-002", "max_codes is 1 to 1000000");
    if (d->blank && d->kind == COUNT_DATE)
        return yaml_fault(e, d->at, "COUNT-003", "a record without a date belongs to no period");
    return 0;
}

static int check_date(const struct count_dim *d, struct err *e)
{
    static const char finest[] = {'Y', 'M', 'M', 'M', 'D'};
    char has[2] = "Y";
    if (!date_format_ok(d->date, has)) {
        yaml_fault(e, d->at, "COUNT-004", "'%s' is no date format", d->date);
        return err_hint(e, "YYYY, MM or M, DD or D, hh, mm, ss, each once, and what stands between "
                           "them: DD.MM.YYYY; '*' at the end takes whatever follows");
    }
    if (strchr("YMD", has[0]) < strchr("YMD", finest[d->period]))
        return yaml_fault(e, d->at, "COUNT-005", "dates as %s do not tell the %s", d->date,
                          period_words[d->period]);
    return 0;
}

static bool overlap(const struct count_band *a, const struct count_band *b)
{
    bool a_first = a->to && b->from && num_cmp(a->high, b->low) <= 0;
    bool b_first = b->to && a->from && num_cmp(b->high, a->low) <= 0;
    return !a_first && !b_first;
}

static int check_bands(struct count_dim *d, struct err *e)
{
    struct count_band *b = d->bands.items;
    for (size_t i = 0; i < d->bands.n; i++) {
        struct err why = {.rc = RC_OK};
        if ((b[i].from && num_parse(&b[i].low, str_of(b[i].from), &num_plain, &why) < 0) ||
            (b[i].to && num_parse(&b[i].high, str_of(b[i].to), &num_plain, &why) < 0))
            return yaml_fault(e, b[i].at, "COUNT-006", "an end of a band: %s", why.text);
        if (b[i].from && b[i].to && num_cmp(b[i].low, b[i].high) >= 0)
            return yaml_fault(e, b[i].at, "COUNT-007", "band %s ends before it begins", b[i].code);
        for (size_t k = 0; k < i; k++)
            if (overlap(&b[k], &b[i]))
                return yaml_fault(e, b[i].at, "COUNT-008", "bands %s and %s overlap", b[k].code,
                                  b[i].code);
    }
    return 0;
}

static int check_dim(struct count_dim *d, struct err *e)
{
    static const char *const taken[] = {
        "STRUCTURE", "STRUCTURE_ID", "ACTION",   "OBS_VALUE",   "SENDER",     "SRC",     "SRC_KEY",
        "SRC_VALUE", "GRADE",        "REVIEWED", "CONF_STATUS", "OBS_STATUS", "COMMENT", "NATURE"};
    size_t n = strcspn(d->id, " ,;:\"[]#\t\r\n");
    bool bad = n == 0 || d->id[n] != '\0';
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        bad = bad || strcmp(d->id, taken[i]) == 0;
    if (bad)
        return yaml_fault(e, d->at, "COUNT-009", "\"%s\" cannot be the id of a dimension", d->id);
    int rc = check_kind(d, e);
    if (rc == 0 && d->kind == COUNT_DATE)
        rc = check_date(d, e);
    if (rc == 0 && d->kind == COUNT_BANDS)
        rc = check_bands(d, e);
    return rc;
}

static int check_dims(struct count_register *r, struct err *e)
{
    struct count_dim *d = r->dims.items;
    bool time = false;
    if (r->dims.n > COUNT_DIMS_MAX - 1)
        return yaml_fault(e, r->at, "COUNT-010", "more than %d dimensions", COUNT_DIMS_MAX - 1);
    for (size_t i = 0; i < r->dims.n; i++) {
        int rc = check_dim(&d[i], e);
        if (rc < 0)
            return rc;
        time |= strcmp(d[i].id, "TIME_PERIOD") == 0;
    }
    if (!time || strcmp(d[r->dims.n - 1].id, "TIME_PERIOD") != 0)
        return yaml_fault(e, r->at, "COUNT-011", "the last dimension is TIME_PERIOD");
    return 0;
}

static int check_measures(struct count_register *r, struct arena *a, struct err *e)
{
    if (r->measures.n == 0)
        r->measures = (struct yaml_list){arena_new(a, sizeof(struct count_measure)), 1};
    const struct count_measure *m = r->measures.items;
    if (!r->counted && r->measures.n > 1)
        return yaml_fault(e, r->at, "COUNT-012",
                          "several counts need the dimension that tells them apart: counted");
    if (r->measures.n > 64)
        return yaml_fault(e, r->at, "COUNT-013", "more than 64 counts");
    for (size_t i = 0; i < r->measures.n; i++) {
        if (!r->counted != !m[i].code)
            return yaml_fault(e, r->at, "COUNT-014",
                              "counted and the code of each count go together");
        if ((m[i].what == WHAT_PERSONS) != named(&m[i].column))
            return yaml_fault(e, m[i].at, "COUNT-015",
                              "persons are counted by a column, records without one");
    }
    return 0;
}

static int check_rest(struct count_register *r, struct err *e)
{
    const struct count_filter *f = r->filters.items;
    for (size_t i = 0; i < r->filters.n; i++)
        if (!named(&f[i].column) || !f[i].in.n == !f[i].not_in.n)
            return yaml_fault(e, f[i].column.at, "COUNT-016",
                              "a filter has a column, and in or not_in");
    r->identified = r->identifier.column.at.file != NULL;
    if (r->identified && (!named(&r->identifier.column) || r->identifier.blank == BLANK_LEAVE))
        return yaml_fault(e, r->identifier.column.at, "COUNT-017",
                          "an identifier has a column, and blank ones are 'each' or 'refuse'");
    return personal_exempt_check(&r->personal, e);
}

static int check_file(const struct count_register *r, struct err *e)
{
    bool text = r->format == FORMAT_DELIMITED;
    if (text ? !r->encoding || !r->delimiter || r->sheet : r->encoding || r->delimiter)
        return yaml_fault(e, r->at, "COUNT-074",
                          text ? "a delimited file has an encoding and a delimiter, and no sheet"
                               : "a workbook has no encoding and no delimiter");
    if (text && !text_encoding(r->encoding))
        return yaml_fault(e, r->at, "COUNT-018", "\"%s\" is no encoding that we read", r->encoding);
    return 0;
}

static int check_form(struct count_register *r, struct err *e)
{
    int rc = check_file(r, e);
    if (rc < 0)
        return rc;
    if (r->header_rows < 1 || r->header_rows > 100 || r->skip_rows < 0)
        return yaml_fault(e, r->at, "COUNT-019", "header_rows is 1 to 100, skip_rows 0 or more");
    bool thousands =
        strlen(r->thousands) == 0 || (strlen(r->thousands) == 1 && strchr(".,' ", r->thousands[0]));
    bool decimal = !r->decimal || r->decimal == '.' || r->decimal == ',';
    if (!thousands || !decimal || (r->decimal && r->decimal == r->thousands[0]))
        return yaml_fault(e, r->at, "COUNT-020",
                          "decimal is \".\" or \",\", thousands \".\", \",\", \"'\" or \" \", and "
                          "they differ");
    if (r->format != FORMAT_DELIMITED && !r->decimal)
        r->decimal = '.'; /* as numbers of sheets have it */
    r->style = (struct num_style){r->decimal, r->thousands, false};
    return 0;
}

/* Zeros need to know all codes and all periods. */
static int check_zeros(struct count_register *r, struct err *e)
{
    const struct count_dim *d = r->dims.items, *time = &d[r->dims.n - 1];
    const char *const *ends = r->periods.items;
    for (size_t i = 0; i + 1 < r->dims.n; i++) {
        bool open = d[i].kind == COUNT_CODES && strcmp(d[i].others, "keep") == 0;
        if (open || d[i].kind == COUNT_DATE)
            return yaml_fault(e, d[i].at, "COUNT-071",
                              "zeros: declared needs all codes of %s: declare them", d[i].id);
    }
    if (!r->zeros || (time->kind == COUNT_DATE) != (r->periods.n == 2))
        return yaml_fault(e, r->at, "COUNT-072",
                          "zeros: declared needs the first and last of the periods that the "
                          "register holds: periods: [2024-01, 2024-12]");
    if (time->kind != COUNT_DATE)
        return 0;
    enum freq freq = count_freq(time->period);
    if (period_parse(&r->from, str_of(ends[0]), NULL) < 0 ||
        period_parse(&r->to, str_of(ends[1]), NULL) < 0 || r->from.freq != freq ||
        r->to.freq != freq || period_cmp(r->from, r->to) > 0)
        return yaml_fault(e, r->at, "COUNT-073",
                          "periods are two, of the kind that is counted by (%s)",
                          period_words[time->period]);
    return 0;
}

int count_load(struct conf *c, const char *name, const struct count_register **ret, struct err *e)
{
    struct count_register *r = arena_new(&c->arena, sizeof *r);
    int rc = conf_yaml(c, "counts", name, &register_type, r, e);
    if (rc < 0)
        return rc;
    r->format = (int)formats[r->format];
    if (rc == 0 && strcmp(r->name, name) != 0)
        return yaml_fault(e, r->at, "COUNT-021", "it calls itself \"%s\" in a file named %s.yaml",
                          r->name, name);
    rc = check_form(r, e);
    if (rc == 0)
        rc = check_dims(r, e);
    if (rc == 0)
        rc = check_measures(r, &c->arena, e);
    if (rc == 0)
        rc = check_rest(r, e);
    if (rc == 0 && (r->zeros || r->periods.n))
        rc = check_zeros(r, e);
    *ret = r;
    return rc;
}
