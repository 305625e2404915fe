/* draft_write.c — a draft as YAML with its evidence. What the file shows beyond doubt is written;
 * what a person has to know is a line that begins with "# ?". */
#include "profile_draft.h"

#include "bounds.h"
#include "text.h"

static const char *const form_like[FORM_N] = {"whole",
                                              "like 12.5",
                                              "like 12,5",
                                              "like 1.234",
                                              "like 1,234",
                                              "like 1.234,5 or 1.234.567",
                                              "like 1,234.5 or 1,234,567",
                                              "like 1 234",
                                              "number cells"};

static void quoted(struct buf *b, struct str s)
{
    buf_char(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            buf_char(b, '\\');
        if (s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == '\t')
            buf_char(b, ' ');
        else
            buf_char(b, s.p[i]);
    }
    buf_char(b, '"');
}

/* "Iso3_code" → ISO3_CODE; what has no Latin letters: DIM3. */
static void dimension_id(struct buf *b, struct str head, size_t number)
{
    struct buf folded;
    size_t letters = 0;
    buf_init(&folded, 4096);
    text_fold(&folded, head.n > 60 ? (struct str){head.p, 60} : head);
    for (size_t i = 0; i < folded.n && i < 30; i++) {
        char c = folded.p[i];
        bool letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
        letters += letter;
        folded.p[i] = (char)(letter ? c - 32 : digit ? c : '_');
    }
    struct str id = {folded.p, folded.n < 30 ? folded.n : 30};
    char name[40];
    (void)snprintf(name, sizeof name, "%.*s", STR_ARG(id));
    if (letters < 2 || !profile_id_ok(name) || (name[0] >= '0' && name[0] <= '9'))
        buf_fmt(b, "DIM%zu", number);
    else
        buf_text(b, name);
    buf_free(&folded);
}

static void write_head(const struct draft *d, struct buf *b)
{
    static const char *const formats[] = {[FORMAT_DELIMITED] = "delimited",
                                          [FORMAT_XLSX] = "xlsx",
                                          [FORMAT_ODS] = "ods",
                                          [FORMAT_XLS] = "xls"};
    struct buf id;
    buf_init(&id, 4096);
    text_fold(&id, str_of(d->name));
    for (size_t i = 0; i < id.n; i++)
        if (!((id.p[i] >= 'a' && id.p[i] <= 'z') || (id.p[i] >= '0' && id.p[i] <= '9')))
            id.p[i] = '-';
    buf_fmt(b,
            "# A draft by rta profile draft for %s. It decides nothing: answer\n"
            "# every line that begins with \"# ?\", correct what is wrong, see with\n"
            "#   rta profile test THIS.yaml FILE\n"
            "# what comes of it, and then remove the line \"draft: true\".\n"
            "draft: true\n"
            "profile: %s\n"
            "# ? Who sends it: a key of senders in config/region.yaml? What shall its\n"
            "# ? structure be called?\n"
            "sender: \"?\"\n"
            "structure: \"?:?(1.0)\"\n"
            "format: %s\n",
            d->name, buf_z(&id), formats[d->format]);
    buf_free(&id);
}

/* A word with doubtful bytes, as both encodings read it. */
static void write_reading(const struct draft *d, struct buf *b, const char *name)
{
    struct source *s = NULL;
    struct err ignored = {.rc = RC_OK};
    char text[400];
    if (source_text(&s, source_memory(d->sample, "sample"), name, &ignored) < 0)
        return;
    ssize_t n = s->read(s, text, sizeof text, &ignored);
    if (n > 0)
        buf_fmt(b, " In %s it reads \"%.*s\".", name, (int)n, text);
    source_close(s);
}

static void write_text(const struct draft *d, struct buf *b)
{
    const char *word = d->delimiter == ','    ? "comma"
                       : d->delimiter == ';'  ? "semicolon"
                       : d->delimiter == '\t' ? "tab"
                                              : "pipe";
    buf_fmt(b, "encoding: %s   # %s\n", d->encoding, d->why);
    if (!d->sure && d->sample.n) {
        buf_text(b, "# ? Is that the right encoding? A word of the file tells:\n# ?");
        write_reading(d, b, d->encoding);
        write_reading(d, b, d->other);
        buf_char(b, '\n');
    } else if (!d->sure) {
        buf_text(b, "# ? Is that the right encoding?\n");
    }
    buf_fmt(b, "delimiter: %s   # most of the first lines have as many fields with it\n", word);
}

static void write_sheets(const struct draft *d, struct buf *b)
{
    for (size_t i = 0; i < d->nsheets; i++)
        buf_fmt(b, "#   sheet %zu, \"%s\": %llu filled rows%s%s\n", i + 1, d->sheets[i].name,
                (unsigned long long)d->sheets[i].rows, d->sheets[i].hidden ? ", hidden" : "",
                i == d->sheet ? "; this draft is of it" : "");
    if (d->nsheets > 1)
        buf_text(b, "# ? Which sheets are meant?\n");
    buf_text(b, "sheets: [{name: ");
    quoted(b, str_of(d->sheets[d->sheet].name));
    buf_text(b, "}]\n");
    if (d->hidden_cells)
        buf_fmt(b,
                "# ? %llu rows and columns are hidden, but filled. Are they meant? hidden:\n"
                "# ? include, or skip\n",
                (unsigned long long)d->hidden_cells);
}

/* --- numbers ------------------------------------------------------------------------------------
 */

static void sum_forms(const struct draft *d, uint64_t forms[FORM_N], struct str *ret_sign,
                      uint64_t *ret_signs)
{
    for (size_t i = 0; i < d->width; i++) {
        const struct draft_column *c = &d->columns[i];
        if (!draft_is_value(c))
            continue;
        for (size_t k = 0; k < FORM_N; k++)
            forms[k] += c->forms[k];
        *ret_signs += c->signs;
        if (c->sign.n)
            *ret_sign = c->sign;
    }
}

/* "1.234" or "1,234", and nothing that tells which it is. */
static void ask_three(struct buf *b, uint64_t n, char sep)
{
    if (n)
        buf_fmt(
            b,
            "# ? %llu cells are like 1%c234. Is that a thousand (thousands: \"%c\") or one and\n"
            "# ? a quarter (decimal: \"%c\")? Nothing is read until it is said.\n",
            (unsigned long long)n, sep, sep, sep);
}

/* What the plain cases prove, and a question where nothing does. dec, parts: is the sign seen as a
 * decimal sign, as one that parts thousands? Point first, then comma. */
static void write_decimal(struct buf *b, const uint64_t *f)
{
    const bool dec[2] = {f[FORM_POINT] > 0, f[FORM_COMMA] > 0};
    const bool parts[2] = {f[FORM_POINT_BOTH] > 0, f[FORM_COMMA_BOTH] > 0};
    static const char signs[] = ".,";
    for (int i = 0; i < 2; i++)
        if (dec[i] && (dec[!i] || parts[i])) {
            buf_text(b, "# ? Point and comma are used in more than one way. Which is the decimal\n"
                        "# ? sign, and which parts thousands?\n");
            return;
        }
    for (int i = 0; i < 2; i++) {
        if ((dec[i] || parts[!i]) && !parts[i])
            buf_fmt(b, "decimal: \"%c\"\n", signs[i]);
        if (parts[i] && !parts[!i])
            buf_fmt(b, "thousands: \"%c\"\n", signs[i]);
    }
    if (f[FORM_BLANK])
        buf_text(b, "thousands: \" \"\n");
    ask_three(b, parts[0] ? 0 : f[FORM_POINT_THREE], '.');
    ask_three(b, parts[1] ? 0 : f[FORM_COMMA_THREE], ',');
}

static void write_numbers(const struct draft *d, struct buf *b)
{
    uint64_t forms[FORM_N] = {0}, signs = 0;
    struct str sign = STR("");
    sum_forms(d, forms, &sign, &signs);
    buf_text(b, "# Numbers in the columns of values:");
    const char *sep = " ";
    for (size_t k = 0; k < FORM_N; k++) {
        if (!forms[k])
            continue;
        buf_fmt(b, "%s%llu %s", sep, (unsigned long long)forms[k], form_like[k]);
        sep = ", ";
    }
    buf_text(b, *sep == ' ' ? " none\n" : "\n");
    write_decimal(b, forms);
    if (!signs)
        return;
    buf_fmt(
        b,
        "# ? \"%.*s\" stands beside %llu numbers. A currency (currency: [\"%.*s\"]), a footnote\n"
        "# ? (footnotes: {\"%.*s\": …}), or a flag (value_flags: glued)?\n",
        STR_ARG(sign), (unsigned long long)signs, STR_ARG(sign), STR_ARG(sign));
}

/* How often a mark stands in columns of values from the i-th on, and in how many of them; 0 when an
 * earlier one holds it, too, and has said so. */
static uint64_t count_mark(const struct draft *d, size_t i, struct str mark, size_t *ret_columns)
{
    uint64_t n = 0;
    *ret_columns = 0;
    for (size_t k = 0; k < d->width; k++) {
        const struct draft_column *c = &d->columns[k];
        uint64_t *at = c->texts && draft_is_value(c) ? map_find(c->texts, mark) : NULL;
        if (at && k < i)
            return 0;
        n += at ? c->list[*at].n : 0;
        *ret_columns += at != NULL;
    }
    return n;
}

static void write_mark(struct buf *b, struct str mark, uint64_t n, size_t columns)
{
    buf_text(b, "#   ");
    quoted(b, mark);
    buf_fmt(b, ": …   # %llu cells", (unsigned long long)n);
    if (columns > 1)
        buf_fmt(b, " in %zu columns", columns);
    buf_char(b, '\n');
}

static void write_marks(const struct draft *d, struct buf *b)
{
    bool any = false;
    uint64_t more = 0;
    for (size_t i = 0; i < d->width; i++) {
        const struct draft_column *c = &d->columns[i];
        if (!draft_is_value(c))
            continue;
        more += c->more;
        for (size_t k = 0; k < c->nlist; k++) {
            size_t columns;
            uint64_t n = count_mark(d, i, c->list[k].text, &columns);
            if (!any)
                buf_text(b,
                         "# ? What does each of these mean? One of not-given, not-available,\n"
                         "# ? zero, not-applicable, suppressed, unknown. A cell that holds it is\n"
                         "# ? refused until then.\n# missing:\n");
            any = true;
            if (n)
                write_mark(b, c->list[k].text, n, columns);
        }
    }
    if (more)
        buf_fmt(b, "#   and %llu cells with other texts\n", (unsigned long long)more);
}

/* --- columns ------------------------------------------------------------------------------------
 */

static bool twice(const struct draft *d, size_t i)
{
    size_t n = 0;
    for (size_t k = 0; k < d->width; k++)
        n += str_eq(d->columns[k].head, d->columns[i].head);
    return n > 1 || !d->columns[i].head.n;
}

static void write_evidence(const struct draft *d, struct buf *b, const struct draft_column *c)
{
    size_t n = c->distinct ? map_count(c->distinct) : 0;
    buf_fmt(b, "   # %llu filled", (unsigned long long)c->filled);
    if (c->blank)
        buf_fmt(b, ", %llu blank", (unsigned long long)c->blank);
    buf_fmt(b, ", %zu%s different", n, n >= 1000 ? " or more" : "");
    struct str first = n ? map_key(c->distinct, 0) : STR("");
    if (first.n && first.n <= 40) {
        buf_text(b, ", first ");
        quoted(b, first);
    }
    buf_char(b, '\n');
    if (n == 1 && d->data_rows > 2)
        buf_text(b, "  # ? The same on every row: is it needed, or ignore: true?\n");
    if (c->blank && c->filled && !draft_is_value(c))
        buf_text(b, "  # ? Does a blank repeat the cell above (blank: as-above)?\n");
}

static void write_column(const struct draft *d, struct buf *b, size_t i, bool period)
{
    const struct draft_column *c = &d->columns[i];
    if (!c->filled && !c->head.n)
        return;
    buf_text(b, "  - {");
    if (c->head.n) {
        buf_text(b, "heading: ");
        quoted(b, c->head);
    }
    if (twice(d, i))
        buf_fmt(b, "%snumber: %zu", c->head.n ? ", " : "", i + 1);
    if (!c->filled)
        buf_text(b, ", ignore: true}");
    else if (period)
        buf_text(b, c->dates ? ", dimension: TIME_PERIOD, as: day}" : ", dimension: TIME_PERIOD}");
    else if (draft_is_value(c) && !d->wide)
        buf_text(b, ", value: true}");
    else {
        buf_text(b, ", dimension: ");
        dimension_id(b, c->head, i + 1);
        buf_char(b, '}');
    }
    write_evidence(d, b, c);
}

static void write_columns(const struct draft *d, struct buf *b)
{
    size_t to = d->wide ? d->from : d->width, periods = 0, values = 0;
    buf_text(b, "columns:\n");
    for (size_t i = 0; i < to; i++) {
        bool period = draft_is_period(&d->columns[i]) && !d->wide;
        if (period && periods++)
            buf_text(
                b, "  # ? This looks like a period, too: parts of TIME_PERIOD are joined by -.\n");
        values += draft_is_value(&d->columns[i]);
        write_column(d, b, i, period);
    }
    if (d->wide) {
        buf_fmt(b, "across: {dimension: TIME_PERIOD, from: %zu}   # the headings are periods\n",
                d->from + 1);
        return;
    }
    if (!periods)
        buf_text(
            b, "# ? No column holds periods. Which period is it: constants: {TIME_PERIOD: …}, in\n"
               "# ? the name of the sheet or file, or a column whose dates need date: and as:?\n");
    if (values > 1)
        buf_text(b, "# ? Several columns hold numbers: which are values (each with sets: {…} that\n"
                    "# ? says what it counts), which are codes, which are not needed?\n");
    if (!values)
        buf_text(b, "# ? No column looks like values: which one is it (value: true)?\n");
}

static void write_titles(const struct draft *d, struct buf *b)
{
    for (size_t i = 0; i < d->skip && i < 8; i++) {
        struct str s = STR("");
        for (size_t k = 0; k < d->rows[i].n && !s.n; k++)
            s = read_trim(d->rows[i].cell[k], NULL);
        if (s.n) {
            buf_fmt(b, "#   row %zu: ", d->rows[i].line);
            quoted(b, s.n > 100 ? (struct str){s.p, 0} : s);
            buf_char(b, '\n');
        }
    }
    if (d->skip)
        buf_fmt(b, "skip_rows: %zu   # titles\n", d->skip);
    buf_fmt(b, "header_rows: %zu", d->heads);
    if (d->heads > 1)
        buf_text(b, "   # headings above headings: see across, and merged: fill for workbooks");
    buf_fmt(b, "\nlayout: %s\n", d->wide ? "wide" : "long");
}

void draft_write(const struct draft *d, struct out *out)
{
    struct buf b;
    buf_init(&b, LIMIT_CONFIG_BYTES);
    write_head(d, &b);
    if (d->format == FORMAT_DELIMITED)
        write_text(d, &b);
    else
        write_sheets(d, &b);
    write_titles(d, &b);
    write_numbers(d, &b);
    write_marks(d, &b);
    write_columns(d, &b);
    buf_fmt(&b,
            "# %llu rows below the header.\n"
            "# ? Are some of them sums of others (totals:), or remarks (notes:)?\n",
            (unsigned long long)d->data_rows);
    out_str(out, buf_view(&b));
    buf_free(&b);
}
