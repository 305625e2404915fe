/* http_mail.c — mail_send of mail.h: SMTP by libcurl, whose header is included in http*.c alone. */
#include <curl/curl.h> /* before ours: it uses names that base.h poisons */

#include "mail.h"

#include "http.h"
#include "mem.h"

struct upload {
    struct str left;
};

static size_t give(char *p, size_t size, size_t n, void *ctx)
{
    struct upload *u = ctx;
    size_t most = size * n, k = u->left.n < most ? u->left.n : most;
    if (k)
        memcpy(p, u->left.p, k);
    u->left = str_cut(u->left, k);
    return k;
}

static int failed(CURLcode code, long answer, const char *said, struct err *e)
{
    const char *why = *said ? said : curl_easy_strerror(code);
    if (code == CURLE_LOGIN_DENIED) {
        err_set(e, RC_DENIED, "MAIL-011", "the mail server refuses the login: %s", why);
        return err_hint(e, "the login stands in the netrc file that config/policies/mail.yaml"
                           " names");
    }
    if (answer >= 500)
        return err_set(e, RC_DATA, "MAIL-012", "the mail server refuses the letter: %ld %s", answer,
                       why);
    if (answer >= 400)
        return err_set(e, RC_RETRY, "MAIL-013", "the mail server cannot take it now: %ld %s",
                       answer, why);
    err_set(e, RC_UNAVAILABLE, "MAIL-010", "the mail server did not take the letter: %s", why);
    return err_hint(e, "it is kept and sent by the next `rta remind --mail`");
}

static void settings(CURL *h, const struct mail_server *s, const struct mail *m,
                     struct curl_slist *to)
{
    (void)curl_easy_setopt(h, CURLOPT_URL, s->url);
    (void)curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    (void)curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(h, CURLOPT_USE_SSL,
                           s->plain ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
    (void)curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)s->timeout_ms);
    (void)curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)s->timeout_ms);
    if (s->netrc) {
        (void)curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_REQUIRED);
        (void)curl_easy_setopt(h, CURLOPT_NETRC_FILE, s->netrc);
    }
    (void)curl_easy_setopt(h, CURLOPT_MAIL_FROM, m->from);
    (void)curl_easy_setopt(h, CURLOPT_MAIL_RCPT, to);
    (void)curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
}

static int deliver(const struct mail_server *s, const struct mail *m, struct str text,
                   struct err *e)
{
    char said[CURL_ERROR_SIZE] = "";
    struct upload u = {text};
    struct curl_slist *to = NULL;
    CURL *h = curl_easy_init();
    if (!h)
        return err_set(e, RC_SYSTEM, "MAIL-014", "cannot prepare the mail");
    for (size_t i = 0; i < m->nto; i++) {
        struct curl_slist *longer = curl_slist_append(to, m->to[i]);
        if (!longer)
            mem_out(); /* nobody is left out in silence */
        to = longer;
    }
    settings(h, s, m, to);
    (void)curl_easy_setopt(h, CURLOPT_READFUNCTION, give);
    (void)curl_easy_setopt(h, CURLOPT_READDATA, &u);
    (void)curl_easy_setopt(h, CURLOPT_ERRORBUFFER, said);
    CURLcode code = curl_easy_perform(h);
    long answer = 0;
    (void)curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &answer);
    curl_slist_free_all(to);
    curl_easy_cleanup(h);
    return code == CURLE_OK ? 0 : failed(code, answer, said, e);
}

int mail_send(const struct mail_server *s, const struct mail *m, struct err *e)
{
    char scheme[16];
    http_url_scheme(s->url, scheme);
    if ((strcmp(scheme, "smtp") != 0 && strcmp(scheme, "smtps") != 0) || http_url_secret(s->url)) {
        err_set(e, RC_CONFIG, "MAIL-015", "the mail server's URL is none that can be used");
        return err_hint(e, "write smtp://host:587 or smtps://host, without name and password");
    }
    struct buf text;
    buf_init(&text, (size_t)16 << 20);
    int rc = mail_compose(&text, m, e);
    if (rc >= 0)
        rc = buf_ok(&text, "the mail", e);
    if (rc >= 0)
        rc = deliver(s, m, buf_view(&text), e);
    buf_free(&text);
    return rc;
}
