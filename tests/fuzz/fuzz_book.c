/* fuzz_book.c — any bytes as a workbook end in rows or in a message with a place. The first byte
 * says as what: a whole file of each format, or the XML of one part in a sound archive around it
 * (whose checksums a fuzzer would not guess). Built with -fsanitize=fuzzer (clang).
 * Covers: ingest/grid.c ingest/read_xlsx.c ingest/xlsx_parts.c ingest/xlsx_sheet.c
 * Covers: ingest/xlsx_strings.c ingest/read_ods.c ingest/read_xls.c ingest/xls_sheet.c
 * Covers: ingest/xls_text.c ingest/cfb.c ingest/serial.c lib/zip.c lib/xml.c */
#include "ingest/grid.h"

#include <minizip/zip.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define NS "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/relationships"

static const char *const parts[][2] = {
    {"xl/workbook.xml",
     "<workbook xmlns='" NS "' xmlns:r='" REL "'><sheets><sheet name='S' r:id='a'/></sheets>"
     "</workbook>"},
    {"xl/_rels/workbook.xml.rels",
     "<Relationships xmlns='" PACKAGE "'><Relationship Id='a' Type='" REL
     "/worksheet' Target='s.xml'/>"
     "<Relationship Id='b' Type='" REL "/sharedStrings' Target='t.xml'/>"
     "<Relationship Id='c' Type='" REL "/styles' Target='y.xml'/></Relationships>"},
    {"xl/s.xml", "<worksheet xmlns='" NS
                 "'><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c></row></sheetData>"
                 "</worksheet>"},
    {"xl/t.xml", "<sst xmlns='" NS "'><si><t>x</t></si></sst>"},
    {"xl/y.xml", "<styleSheet xmlns='" NS "'><cellXfs><xf numFmtId='14'/></cellXfs></styleSheet>"},
};

static int on_sheet(void *to, const struct grid_sheet *sheet, struct err *e)
{
    (void)to, (void)sheet, (void)e;
    return 1;
}

static int on_row(void *to, const struct table_row *row, struct err *e)
{
    size_t *sum = to;
    (void)e;
    for (size_t i = 0; i < row->n; i++)
        for (size_t k = 0; k < row->cell[i].n; k++)
            *sum += (unsigned char)row->cell[i].p[k];
    return 0;
}

static int on_end(void *to, struct err *e)
{
    (void)to, (void)e;
    return 0;
}

static void add(zipFile z, const char *name, const void *p, size_t n)
{
    if (zipOpenNewFileInZip(z, name, NULL, NULL, 0, NULL, 0, NULL, Z_DEFLATED, 0) != ZIP_OK ||
        zipWriteInFileInZip(z, p, (unsigned)n) != ZIP_OK || zipCloseFileInZip(z) != ZIP_OK)
        abort();
}

/* The bytes as one part of an archive; which: 3 a sheet, 4 shared texts, 5 styles, 6 content.xml.
 */
static void wrap(const char *path, unsigned which, const uint8_t *p, size_t n)
{
    static const char *const names[] = {"xl/s.xml", "xl/t.xml", "xl/y.xml"};
    zipFile z = zipOpen(path, APPEND_STATUS_CREATE);
    if (!z)
        abort();
    if (which == 6)
        add(z, "content.xml", p, n);
    for (size_t i = 0; which < 6 && i < ARRAY_LEN(parts); i++) {
        bool ours = strcmp(parts[i][0], names[which - 3]) == 0;
        add(z, parts[i][0], ours ? (const void *)p : parts[i][1], ours ? n : strlen(parts[i][1]));
    }
    zipClose(z, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const struct book *books[] = {&book_xlsx, &book_ods,  &book_xls, &book_xlsx,
                                  &book_xlsx, &book_xlsx, &book_ods};
    if (!n)
        return 0;
    unsigned which = data[0] % 7;
    char path[64];
    size_t sum = 0;
    struct err e = {.rc = RC_OK};
    const struct grid_sink sink = {&sum, on_sheet, on_row, on_end};
    const struct grid_options o = {"fuzz", HIDDEN_INCLUDE, (data[0] & 8) != 0, (data[0] & 8) != 0};
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (which < 3 && write(fd, data + 1, n - 1) != (ssize_t)(n - 1))
        abort();
    if (which >= 3)
        wrap(path, which, data + 1, n - 1);
    struct grid *g = grid_new(&o, &sink);
    if (books[which]->read(path, g, &e) < 0 && (!e.id[0] || !e.place[0]))
        abort();
    grid_closep(&g);
    close(fd);
    return 0;
}
