/* fuzz_table.c — any bytes as delimited text, under one of four layouts (the first byte says
 * which): an answer with an id, accounts that close, and bounded memory. Built with
 * -fsanitize=fuzzer. Covers: ingest/read_record.c ingest/read_table.c ingest/read_plan.c
 * ingest/read_value.c Covers: ingest/read_desk.c ingest/read_total.c ingest/read_finding.c
 * lib/csv.c lib/num.c */
#include "tests/unit/readers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct profile base(void)
{
    return (struct profile){.name = "test",
                            .sender = "S",
                            .structure = "A:B(1.0)",
                            .format = FORMAT_DELIMITED,
                            .encoding = "UTF-8",
                            .delimiter = ';',
                            .quote = '"',
                            .decimal = ',',
                            .thousands = ".",
                            .header_rows = 1,
                            .at = {"test.yaml", 1, 1}};
}

static int read_long(struct str bytes, struct err *e)
{
    struct profile p = base();
    struct profile_miss missing[] = {{"-", MISS_ZERO}, {"x", MISS_SUPPRESSED}};
    struct yaml_pair notes[] = {{"1)", "a note"}};
    struct yaml_pair flags[] = {{"p", "P"}};
    struct profile_column columns[] = {
        {.heading = "Area", .dimension = "AREA", .blank = 1, .footnotes = true},
        {.heading = "Period", .dimension = "TIME_PERIOD", .trim = "."},
        {.heading = "Count", .value = true},
    };
    const char *total[] = {"Total"};
    struct profile_total totals[] = {{.dimension = "AREA", .codes = {total, 1}, .sum = true}};
    p.columns = (struct yaml_list){columns, ARRAY_LEN(columns)};
    p.missing = (struct yaml_list){missing, ARRAY_LEN(missing)};
    p.footnotes = (struct yaml_list){notes, 1};
    p.flags = (struct yaml_list){flags, 1};
    p.totals = (struct yaml_list){totals, 1};
    p.value_flags = FLAGS_GLUED;
    p.others = 1;
    return readers_read(&reader_delimited, &p, bytes, e);
}

static int read_wide(struct str bytes, bool bands, struct err *e)
{
    struct profile p = base();
    struct profile_column columns[] = {{.heading = "Area", .dimension = "AREA"}};
    struct profile_level across[] = {
        {.dimension = "TIME_PERIOD", .from = 2, .row = bands, .fill = bands},
        {.dimension = "SEX", .from = 2, .row = bands ? 2 : 0},
    };
    p.layout = LAYOUT_WIDE;
    p.header_rows = bands ? 2 : 1;
    p.ragged = !bands;
    p.columns = (struct yaml_list){columns, 1};
    p.across = (struct yaml_list){across, bands ? 2 : 1};
    return readers_read(&reader_delimited, &p, bytes, e);
}

static int read_tables(struct str bytes, struct err *e)
{
    struct profile p = base();
    struct profile_column columns[] = {
        {.heading = "Date", .dimension = "TIME_PERIOD", .date = "D.M.YYYY", .as = 3},
        {.heading = "Count", .value = true},
    };
    struct profile_table tables[] = {{.after = "Table *: {AREA}", .until = "Source*"}};
    const char *notes[] = {"Remark"}, *currency[] = {"€"};
    p.columns = (struct yaml_list){columns, 2};
    p.tables = (struct yaml_list){tables, 1};
    p.notes = (struct yaml_list){notes, 1};
    p.currency = (struct yaml_list){currency, 1};
    p.ragged = p.lazy_quotes = true;
    return readers_read(&reader_delimited, &p, bytes, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {.rc = RC_OK};
    if (!size)
        return 0;
    struct str bytes = {(const char *)data + 1, size - 1};
    unsigned which = data[0] % 4;
    int rc = which == 0   ? read_long(bytes, &e)
             : which == 3 ? read_tables(bytes, &e)
                          : read_wide(bytes, which == 2, &e);
    if (rc < 0 && (!e.id[0] || e.rc == RC_BUG))
        abort();
    return 0;
}
