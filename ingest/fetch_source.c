/* fetch_source.c — what config/sources/NAME.yaml says, checked, with the address worked out. All
 * memory is the configuration's arena. */
#include "fetch.h"

#include "mem.h"

#include <sys/stat.h>

#define FIELD(member) offsetof(struct fetch_source, member)
#define BUILD(member) offsetof(struct fetch_builder, member)

static const char *const kinds[] = {"eurostat-2.1", "eurostat-3.0", "sdmx-1.5",
                                    "sdmx-2",       "pxweb",        NULL};
static const char *const formats[] = {"csv", "tsv", "json", "xml", "px", NULL};
static const char *const expected[] = {"csv", "tsv", "json", "xml", "px", "xlsx", "any", NULL};

static const struct yaml_field builder_fields[] = {
    {.key = NULL, .kind = YAML_MARK, .offset = BUILD(at)},
    {.key = "kind", .kind = YAML_ENUM, .offset = BUILD(kind), .required = true, .words = kinds},
    {.key = "flow", .kind = YAML_TEXT, .offset = BUILD(flow), .required = true},
    {.key = "format",
     .kind = YAML_ENUM,
     .offset = BUILD(format),
     .words = formats,
     .fallback = "csv"},
    {.key = "base", .kind = YAML_TEXT, .offset = BUILD(base)},
    {.key = "agency", .kind = YAML_TEXT, .offset = BUILD(agency)},
    {.key = "version", .kind = YAML_TEXT, .offset = BUILD(version)},
    {.key = "provider", .kind = YAML_TEXT, .offset = BUILD(provider)},
    {.key = "structure", .kind = YAML_BOOL, .offset = BUILD(structure)},
    {.key = "delta", .kind = YAML_BOOL, .offset = BUILD(delta)},
    {.key = "start", .kind = YAML_TEXT, .offset = BUILD(start)},
    {.key = "end", .kind = YAML_TEXT, .offset = BUILD(end)},
    {.key = "language", .kind = YAML_TEXT, .offset = BUILD(language), .fallback = "en"},
    {.key = "dimensions", .kind = YAML_MAP, .offset = BUILD(dimensions), .type = &yaml_group_type},
};
static const struct yaml_type builder_type = {sizeof(struct fetch_builder), builder_fields,
                                              ARRAY_LEN(builder_fields)};

static const struct yaml_field source_fields[] = {
    {.key = NULL, .kind = YAML_MARK, .offset = FIELD(at)},
    {.key = "source", .kind = YAML_TEXT, .offset = FIELD(source), .required = true},
    {.key = "title", .kind = YAML_TEXT, .offset = FIELD(title), .required = true},
    {.key = "publisher", .kind = YAML_TEXT, .offset = FIELD(publisher), .required = true},
    {.key = "licence", .kind = YAML_TEXT, .offset = FIELD(licence)},
    {.key = "note", .kind = YAML_TEXT, .offset = FIELD(note)},
    {.key = "url", .kind = YAML_TEXT, .offset = FIELD(url)},
    {.key = "builder", .kind = YAML_OBJECT, .offset = FIELD(builder), .type = &builder_type},
    {.key = "file", .kind = YAML_TEXT, .offset = FIELD(file)},
    {.key = "expect",
     .kind = YAML_ENUM,
     .offset = FIELD(expect),
     .words = expected,
     .fallback = "any"},
    {.key = "schemes", .kind = YAML_LIST, .offset = FIELD(schemes), .type = &yaml_text_type},
    {.key = "headers", .kind = YAML_MAP, .offset = FIELD(headers), .type = &yaml_pair_type},
    {.key = "max_bytes", .kind = YAML_INT, .offset = FIELD(max_bytes), .fallback = "536870912"},
    {.key = "time_limit", .kind = YAML_INT, .offset = FIELD(time_limit), .fallback = "600"},
    {.key = "redirects", .kind = YAML_INT, .offset = FIELD(redirects), .fallback = "5"},
    {.key = "ssh_key", .kind = YAML_TEXT, .offset = FIELD(ssh_key)},
    {.key = "known_hosts", .kind = YAML_TEXT, .offset = FIELD(known_hosts)},
    {.key = "netrc", .kind = YAML_TEXT, .offset = FIELD(netrc)},
    {.key = "ca", .kind = YAML_TEXT, .offset = FIELD(ca)},
    {.key = "token_file", .kind = YAML_TEXT, .offset = FIELD(token_file)},
    {.key = "token_header",
     .kind = YAML_TEXT,
     .offset = FIELD(token_header),
     .fallback = "Authorization: Bearer"},
};
static const struct yaml_type source_type = {sizeof(struct fetch_source), source_fields,
                                             ARRAY_LEN(source_fields)};

static bool one_line(const char *z)
{
    for (; *z; z++)
        if ((unsigned char)*z < 0x20 || *z == 0x7f)
            return false;
    return true;
}

/* https and, when the source lists them, http and those of files. */
static int read_schemes(struct fetch_source *s, struct err *e)
{
    const char *const *words = s->schemes.items;
    for (size_t i = 0; i < s->schemes.n; i++) {
        if (strcmp(words[i], "http") == 0)
            s->plain_http = true;
        else if (strcmp(words[i], "sftp") == 0 || strcmp(words[i], "ftps") == 0)
            s->files = true;
        else if (strcmp(words[i], "https") != 0)
            return yaml_fault(e, s->at, "FETCH-022", "'%s' is not a scheme that can be fetched",
                              words[i]);
    }
    return 0;
}

/* sftp://user@host/ tells a name, which is no secret; a password is one everywhere. */
static bool has_password(const char *url)
{
    const char *at = strstr(url, "://");
    size_t n = at ? strcspn(at + 3, "/?#") : 0;
    const char *end = at ? memchr(at + 3, '@', n) : NULL;
    return end && memchr(at + 3, ':', (size_t)(end - at - 3));
}

static bool is_file(const struct fetch_source *s, const char *scheme)
{
    return s->files && (strcmp(scheme, "sftp") == 0 || strcmp(scheme, "ftps") == 0 ||
                        strcmp(scheme, "ftp") == 0);
}

static int check_address(const struct fetch_source *s, struct err *e)
{
    char scheme[16];
    http_url_scheme(s->address, scheme);
    bool file = is_file(s, scheme);
    if (file ? has_password(s->address) : http_url_secret(s->address)) {
        yaml_fault(e, s->at, "FETCH-003", "a name or password in the URL");
        return err_hint(e, "put it into a file that only you can read, and name it as token_file "
                           "or netrc");
    }
    if (file || strcmp(scheme, "https") == 0 || (s->plain_http && strcmp(scheme, "http") == 0))
        return 0;
    yaml_fault(e, s->at, "FETCH-002", "an address of scheme '%s' is not allowed", scheme);
    return err_hint(e, strcmp(scheme, "http") == 0
                           ? "use https, or write 'schemes: [http]' if the publisher has no https"
                           : "https can be fetched, and with 'schemes: [sftp]' or '[ftps]' files "
                             "by SFTP and FTP over TLS");
}

static bool has_format(const struct fetch_builder *x)
{
    int f = x->format;
    if (x->kind == KIND_PXWEB)
        return f == FORMAT_PX || f == FORMAT_JSON || f == FORMAT_CSV;
    if (x->kind == KIND_REST_1 || x->kind == KIND_REST_2)
        return f == FORMAT_CSV || f == FORMAT_JSON || f == FORMAT_XML;
    return f != FORMAT_PX;
}

/* What the kinds need and what they have by default. */
static int fill_builder(struct fetch_builder *x, struct err *e)
{
    bool eurostat = x->kind == KIND_SDMX_21 || x->kind == KIND_SDMX_30;
    bool rest = x->kind == KIND_REST_1 || x->kind == KIND_REST_2;
    if (!x->base && eurostat)
        x->base = "https://ec.europa.eu/eurostat/api/dissemination";
    if (!x->version)
        x->version = x->kind == KIND_REST_1 ? "latest" : x->kind == KIND_REST_2 ? "+" : "1.0";
    if (!x->base || (rest && !x->agency))
        return yaml_fault(e, x->at, "FETCH-040", "%s is missing", x->base ? "agency" : "base");
    if (!has_format(x))
        return yaml_fault(e, x->at, "FETCH-041", "this service has no format '%s'",
                          formats[x->format]);
    if (x->delta && !rest)
        return yaml_fault(e, x->at, "FETCH-042", "this service has no deltas");
    return 0;
}

int fetch_readdress(struct fetch_source *s, struct arena *a, struct err *e)
{
    struct buf b;
    int rc = 0;
    buf_init(&b, 65536);
    if (s->builder.kind == KIND_PXWEB)
        fetch_structure_url(&b, &s->builder);
    else if (s->builder.kind == KIND_REST_1 || s->builder.kind == KIND_REST_2)
        rc = fetch_rest_url(&b, &s->builder, e);
    else
        rc = fetch_eurostat_url(&b, &s->builder, e);
    if (rc == 0)
        rc = buf_ok(&b, "the URL", e);
    if (rc == 0)
        s->address = arena_text(a, buf_view(&b));
    buf_free(&b);
    return rc < 0 ? rc : check_address(s, e);
}

static int find_address(struct fetch_source *s, struct arena *a, struct err *e)
{
    if (!s->url == !s->builder.flow) {
        yaml_fault(e, s->at, "FETCH-001", "a source has a url or a builder, one of the two");
        return -RC_CONFIG;
    }
    if (s->url) {
        s->address = s->url;
        return check_address(s, e);
    }
    int rc = fill_builder(&s->builder, e);
    if (rc < 0)
        return rc;
    if (s->expect == FORMAT_ANY)
        s->expect = s->builder.format;
    return fetch_readdress(s, a, e);
}

struct fetch_source *fetch_clone(struct arena *a, const struct fetch_source *s, const char *address,
                                 const char *file, enum fetch_format expect)
{
    struct fetch_source *ret = arena_new(a, sizeof *ret);
    *ret = *s;
    ret->address = address;
    ret->file = file;
    ret->expect = (int)expect;
    return ret;
}

/* The name in the spool: the source's own, with the ending of what is expected. */
static int find_file(struct fetch_source *s, struct arena *a, struct err *e)
{
    if (!s->file)
        s->file = s->expect == FORMAT_ANY ? s->source
                                          : arena_fmt(a, "%s.%s", s->source, expected[s->expect]);
    if (s->file[0] != '.' && s->file[0] && !strchr(s->file, '/') && one_line(s->file))
        return 0;
    return yaml_fault(e, s->at, "FETCH-019", "'%s' cannot be the name of a file in the spool",
                      s->file);
}

static int read_headers(struct fetch_source *s, struct arena *a, struct err *e)
{
    const struct yaml_pair *pairs = s->headers.items;
    const char **lines = arena_array(a, s->headers.n + 2, sizeof *lines);
    for (size_t i = 0; i < s->headers.n; i++) {
        lines[i] = arena_fmt(a, "%s: %s", pairs[i].key, pairs[i].value);
        if (!one_line(lines[i]))
            return yaml_fault(e, s->at, "FETCH-023", "the header '%s' is not one line",
                              pairs[i].key);
    }
    if (s->builder.flow)
        lines[s->headers.n] = fetch_accept(&s->builder);
    s->lines = lines;
    return one_line(s->token_header)
               ? 0
               : yaml_fault(e, s->at, "FETCH-024", "token_header is not one line");
}

/* The token: one line of a file that is nobody else's. */
static int read_token(struct fetch_source *s, struct arena *a, const char *home, struct err *e)
{
    if (!s->token_file)
        return 0;
    const char *path =
        s->token_file[0] == '/' ? s->token_file : arena_fmt(a, "%s/%s", home, s->token_file);
    struct stat st;
    if (stat(path, &st) == 0 && (st.st_mode & 077)) {
        err_set(e, RC_DENIED, "FETCH-005", "others can read the file with the token");
        err_place(e, "%s", path);
        return err_hint(e, "chmod 600 %s", path);
    }
    char *text CLEANUP(mem_freep) = NULL;
    size_t n = 0;
    int rc = file_slurp(path, 8192, &text, &n, e);
    if (rc < 0)
        return rc;
    while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        text[--n] = '\0';
    if (n == 0 || strlen(text) != n || !one_line(text)) {
        err_set(e, RC_CONFIG, "FETCH-025", "the file with the token does not hold one line");
        return err_place(e, "%s", path);
    }
    s->secret = arena_fmt(a, "%s %s", s->token_header, text);
    return 0;
}

/* Files that open doors stand where the user keeps them, or under RTA_HOME. */
static void find_doors(struct fetch_source *s, struct arena *a, const char *home)
{
    const char **const paths[] = {&s->ssh_key, &s->known_hosts, &s->netrc, &s->ca};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        if (*paths[i] && **paths[i] != '/')
            *paths[i] = arena_fmt(a, "%s/%s", home, *paths[i]);
}

static int check_numbers(const struct fetch_source *s, struct err *e)
{
    if (s->max_bytes >= 1 && s->time_limit >= 1 && s->time_limit <= 86400 && s->redirects >= 0 &&
        s->redirects <= 50)
        return 0;
    yaml_fault(e, s->at, "FETCH-026", "a limit that cannot be");
    return err_hint(e, "max_bytes is at least 1, time_limit 1 to 86400 seconds, redirects 0 to 50");
}

int fetch_source_read(struct conf *c, const char *name, const char *home, struct fetch_source *ret,
                      struct err *e)
{
    const char *path = NULL;
    int rc = conf_path(c, "sources", name, "yaml", &path, e);
    if (rc == 0)
        rc = yaml_bind_file(path, &source_type, ret, &c->arena, e);
    if (rc < 0)
        return rc;
    if (strcmp(ret->source, name) != 0)
        return yaml_fault(e, ret->at, "FETCH-020", "source: %s stands in the file of '%s'",
                          ret->source, name);
    rc = read_schemes(ret, e);
    if (rc == 0)
        rc = find_address(ret, &c->arena, e);
    if (rc == 0)
        rc = find_file(ret, &c->arena, e);
    if (rc == 0)
        rc = read_headers(ret, &c->arena, e);
    if (rc == 0)
        rc = check_numbers(ret, e);
    find_doors(ret, &c->arena, home);
    return rc < 0 ? rc : read_token(ret, &c->arena, home, e);
}
