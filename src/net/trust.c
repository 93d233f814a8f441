/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl reads the CA certificates anew for every connection where a directory of them is set
 * besides the file, as Debian has it (it keeps what it read only without:
 * https://curl.se/libcurl/c/CURLOPT_CA_CACHE_TIMEOUT.html). A distribution's file takes OpenSSL 3.0
 * tens of milliseconds and most of a megabyte, as often as there are connections. Here file and
 * directory are put into one store, which all connections are given:
 * https://curl.se/libcurl/c/CURLOPT_SSL_CTX_FUNCTION.html. What is trusted stays the same. */
#include "net/transfer.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>

struct irsa_trust {
    char *file;        /* NULL: none */
    char *directory;   /* the same, certificates named by their hash, looked up when needed */
    bool hand_over;    /* libcurl takes a store of this OpenSSL */
    X509_STORE *store; /* NULL: not read yet */
    bool failed;
    bool connecting;
};

/* A store of one OpenSSL is nothing for another, nor for GnuTLS or BoringSSL. */
static bool is_same_openssl(const curl_version_info_data *curl)
{
    irsa_autofree char *own = irsa_format("OpenSSL/%s", OpenSSL_version(OPENSSL_VERSION_STRING));
    return curl->ssl_version && strcmp(curl->ssl_version, own) == 0;
}

struct irsa_trust *irsa_trust_new(const char *file, const char *directory)
{
    struct irsa_trust *trust = irsa_calloc(1, sizeof(*trust));
    trust->file = file ? irsa_strdup(file) : NULL;
    trust->directory = directory ? irsa_strdup(directory) : NULL;
    trust->hand_over = (file || directory) && is_same_openssl(curl_version_info(CURLVERSION_NOW));
    return trust;
}

struct irsa_trust *irsa_trust_system(void)
{
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    return irsa_trust_new(curl->cainfo, curl->capath);
}

void irsa_trust_free(struct irsa_trust *trust)
{
    if (!trust)
        return;
    X509_STORE_free(trust->store);
    free(trust->file);
    free(trust->directory);
    free(trust);
}

static bool read_into(const struct irsa_trust *trust, X509_STORE *store)
{
    /* as libcurl has it: an intermediate that is trusted needs no root */
    return X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN) == 1
           && (!trust->file || X509_STORE_load_file(store, trust->file) == 1)
           && (!trust->directory || X509_STORE_load_path(store, trust->directory) == 1);
}

static bool load(struct irsa_trust *trust)
{
    if (trust->store || trust->failed)
        return trust->store != NULL;
    X509_STORE *store = X509_STORE_new();
    if (!store)
        abort(); /* out of memory */
    if (read_into(trust, store)) {
        trust->store = store;
        return true;
    }
    X509_STORE_free(store);
    trust->failed = true;
    return false;
}

void irsa_trust_prepare(struct irsa_trust *trust)
{
    if (trust->connecting)
        (void)load(trust);
}

static CURLcode hand_over(CURL *easy, void *context, void *data)
{
    (void)easy;
    struct irsa_trust *trust = data;
    if (!load(trust))
        return CURLE_SSL_CACERT_BADFILE;
    SSL_CTX_set1_cert_store(context, trust->store);
    return CURLE_OK;
}

static int note_connecting(void *data, curl_socket_t socket, curlsocktype purpose)
{
    (void)socket;
    struct irsa_trust *trust = data;
    trust->connecting = trust->connecting || purpose == CURLSOCKTYPE_IPCXN;
    return CURL_SOCKOPT_OK;
}

static void name_to_libcurl(const struct irsa_trust *trust, CURL *easy)
{
    (void)curl_easy_setopt(easy, CURLOPT_CAINFO, trust->file);
    (void)curl_easy_setopt(easy, CURLOPT_CAPATH, trust->directory);
}

void irsa_trust_use(struct irsa_trust *trust, CURL *easy, bool tls)
{
    /* A proxy that is spoken to by TLS has its certificates read by libcurl. */
    (void)curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, trust->file);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, trust->directory);
    if (!trust->hand_over
        || curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, hand_over) != CURLE_OK) {
        name_to_libcurl(trust, easy);
        return;
    }
    (void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, trust);
    (void)curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    (void)curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
    if (tls && !trust->store) {
        (void)curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, note_connecting);
        (void)curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, trust);
    }
}

const char *irsa_trust_unreadable(const struct irsa_trust *trust)
{
    if (!trust->failed)
        return NULL;
    return trust->file ? trust->file : trust->directory;
}
