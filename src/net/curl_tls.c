/* SPDX-License-Identifier: Apache-2.0 */
/* TLS of a request's own: https://curl.se/libcurl/c/CURLOPT_CAINFO_BLOB.html and the like. */
#include "net/transfer.h"

/* Borrowed by libcurl: the request's texts outlive the transfer. */
static struct curl_blob blob_of(const char *text)
{
    const union {
        const char *text;
        void *data; /* libcurl only reads it */
    } same = {.text = text};
    return (struct curl_blob){.data = same.data, .len = strlen(text), .flags = CURL_BLOB_NOCOPY};
}

static void set_ca(CURL *easy, const char *ca)
{
    struct curl_blob blob = blob_of(ca);
    /* in place of the system's, not added to them; for an https proxy too, as Go has it */
    (void)curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    (void)curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, NULL);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO_BLOB, &blob);
}

void irsa_transfer_tls(CURL *easy, const struct irsa_http_tls *tls)
{
    if (tls->ca)
        set_ca(easy, tls->ca);
    if (tls->certificate) {
        struct curl_blob certificate = blob_of(tls->certificate);
        struct curl_blob key = blob_of(irsa_secret_expose(tls->key));
        (void)curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM");
        (void)curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &certificate);
        (void)curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM");
        (void)curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key);
    }
    if (!tls->insecure)
        return;
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, 0L);
}

static char *part_of(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
        return irsa_strdup("");
    char *copy = irsa_strdup(text);
    curl_free(text);
    return copy;
}

void irsa_transfer_rename(struct irsa_transfer *transfer)
{
    const struct irsa_http_request *request = &transfer->exchange->request;
    const char *name = request->tls->server_name;
    CURLU *url = curl_url();
    if (!url || curl_url_set(url, CURLUPART_URL, request->url, CURLU_PATH_AS_IS) != CURLUE_OK)
        abort(); /* it was a URL a moment ago */
    irsa_autofree char *host = part_of(url, CURLUPART_HOST);
    irsa_autofree char *port = part_of(url, CURLUPART_PORT);
    irsa_autofree char *where = irsa_format("%s:%s:%s:%s", name, port, host, port);
    /* a name that is none stays unused: the certificate will not fit the host */
    if (curl_url_set(url, CURLUPART_HOST, name, 0) == CURLUE_OK) {
        irsa_autofree char *renamed = part_of(url, CURLUPART_URL);
        (void)curl_easy_setopt(transfer->easy, CURLOPT_URL, renamed);
        transfer->connect = curl_slist_append(NULL, where);
        if (!transfer->connect)
            abort();
        (void)curl_easy_setopt(transfer->easy, CURLOPT_CONNECT_TO, transfer->connect);
    }
    curl_url_cleanup(url);
}
