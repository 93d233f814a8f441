/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net: HTTPS for the live world, as a small function table over libcurl's multi interface: several
 * requests at once over reused connections, deadlines, bounded answers, cancellation, and the
 * retries of the SDKs' standard mode. It knows nothing of AWS or Kubernetes: who signs and who
 * judges an answer are functions of the caller. Tests put another table in its place.
 */
#ifndef IRSA_FIX_NET_H
#define IRSA_FIX_NET_H

#include "irsa/base.h"

/* A buffer for keys, tokens and signed headers: wiped when released, never formatted, never logged.
 */
struct irsa_secret {
    char *data; /* NUL-terminated; NULL while empty */
    size_t len;
};
void irsa_secret_set(struct irsa_secret *secret, const char *data, size_t len);
/* The bytes, for signing and for headers only. Borrowed. */
const char *irsa_secret_expose(const struct irsa_secret *secret);
void irsa_secret_done(struct irsa_secret *secret);
#define irsa_auto_secret IRSA_CLEANUP(irsa_secret_done) struct irsa_secret

/* TLS of one's own for a request, in place of the transport's CA bundle. Borrowed, and so is all in
 * it: PEM texts, which may hold several certificates. Connections are shared only by requests with
 * the same content. */
struct irsa_http_tls {
    const char *ca;                /* NULL: the system's */
    const char *certificate;       /* of the client, with its chain; NULL: none */
    const struct irsa_secret *key; /* that belongs to it */
    const char *server_name;       /* in place of the URL's host, for SNI and verification */
    bool insecure;                 /* nothing is verified; the caller has warned of it */
};

/* The four strings are borrowed: they must live until the run is over, and one that holds a secret
 * (a token in the body) is its owner's to wipe. */
struct irsa_http_request {
    const char *label;  /* "iam:GetRole", for logs and errors */
    const char *method; /* "GET", "POST", ... */
    const char *url;    /* absolute, sent as it is; https, or http where plain_http says so */
    const char *body;   /* NULL: none */
    size_t body_len;
    struct irsa_strings headers; /* "Name: value", nothing secret in them */
    struct irsa_secret
        *secrets; /* "Name: value" header lines that must not be logged; owned, wiped */
    size_t secret_count;
    bool plain_http;   /* an endpoint that the user set, link-local or loopback: http is allowed */
    bool no_proxy;     /* metadata and credential endpoints: never through a proxy */
    const char *proxy; /* URL (http, https, socks5h): in place of the environment's, and NO_PROXY is
                        * ignored; borrowed; NULL: HTTPS_PROXY and so on */
    const struct irsa_http_tls *tls; /* borrowed; NULL: the transport's */
    bool share; /* waits for the connection that another request opens to the same server, and goes
                 * over it (HTTP/2), rather than opening one more */
    bool once;  /* not to be sent twice unasked: takes a connection of its own, because on a reused
                 * one that turns out to be dead libcurl itself sends again */
    size_t max_body; /* bytes of answer; 0: IRSA_HTTP_MAX_BODY */
    long connect_ms; /* 0: IRSA_HTTP_CONNECT_MS */
    long total_ms;   /* 0: IRSA_HTTP_TOTAL_MS */
};
/* Sets the header, in place of one of that name (letter case ignored) if there is one: for what
 * `prepare` sets before every attempt. */
void irsa_http_request_header(struct irsa_http_request *request, const char *name,
                              const char *value);
/* The same for a header whose value must not be logged. */
void irsa_http_request_secret(struct irsa_http_request *request, const char *name,
                              const char *value);
void irsa_http_request_done(struct irsa_http_request *request);

struct irsa_http_response {
    long status;                 /* 0: no answer came */
    struct irsa_strings headers; /* "name: value", names in lower case */
    struct irsa_buf body;
};
void irsa_http_response_done(struct irsa_http_response *response);
/* The first header of that (lower-case) name, or NULL. Borrowed. */
const char *irsa_http_header(const struct irsa_http_response *response, const char *name);
/* The id that the server gave the request, for messages (x-amzn-requestid, x-amz-request-id,
 * audit-id), or NULL where there is none or it is no plain word. Borrowed. */
const char *irsa_http_request_id(const struct irsa_http_response *response);

#define IRSA_HTTP_MAX_BODY ((size_t)32 << 20)
#define IRSA_HTTP_CONNECT_MS 5000L
#define IRSA_HTTP_TOTAL_MS 60000L

/* Why there is no usable answer. */
enum irsa_http_failure {
    IRSA_HTTP_ANSWERED,
    IRSA_HTTP_REFUSED,   /* never sent: not a URL, http where https is needed, a header with a line
                            break */
    IRSA_HTTP_DNS,       /* host or proxy is not known */
    IRSA_HTTP_CONNECT,   /* refused, unreachable */
    IRSA_HTTP_PROXY,     /* the proxy answered CONNECT with an error */
    IRSA_HTTP_TLS,       /* certificate or handshake */
    IRSA_HTTP_TIMEOUT,   /* connect_ms or total_ms are over */
    IRSA_HTTP_RESET,     /* connection lost before or amid the answer */
    IRSA_HTTP_CUT_OFF,   /* the body ended before its announced end */
    IRSA_HTTP_NOT_HTTP,  /* something else than HTTP was answered */
    IRSA_HTTP_TOO_LARGE, /* more than max_body */
    IRSA_HTTP_INTERRUPTED, /* Ctrl-C */
};

/* One request on its way: all that belongs to it. */
struct irsa_exchange {
    struct irsa_http_request request;
    struct irsa_http_response response; /* of the last attempt; with an error: no body */
    /* NULL: response is the answer. Else NET, LIMIT (too large) or PARSE (refused), beginning with
     * "LABEL: HOST: "; what `prepare` gave is kept as it is. Owned. */
    struct irsa_error *error;
    enum irsa_http_failure failure;
    bool may_have_arrived; /* error came after the request was sent: it may have been carried out */
    unsigned attempts;
    void *context; /* the caller's */
};
void irsa_exchange_done(struct irsa_exchange *exchange);

/* --- transport: one attempt each, all at once ------------------------------------------------- */

struct irsa_transport;
struct irsa_transport_ops {
    /* Carries out `count` requests concurrently; each exchange gets response or error. */
    void (*run)(struct irsa_transport *transport, struct irsa_exchange *const *exchanges,
                size_t count);
    void (*free)(struct irsa_transport *transport);
};
struct irsa_transport {
    const struct irsa_transport_ops *ops;
};
void irsa_transport_free(struct irsa_transport *transport);

struct irsa_curl_options {
    const char *ca_bundle;   /* file; NULL: the system's */
    unsigned max_concurrent; /* 0: 10 */
    bool log_http; /* one line an attempt on stderr: label, host, status, time, request id, attempt
                    */
    const volatile bool
        *interrupted; /* becomes true: everything under way is given up; may be NULL */
};
/* libcurl's multi interface. Errors: INTERNAL, IO (CA bundle). */
int irsa_transport_curl(const struct irsa_curl_options *options, struct irsa_transport **ret,
                        struct irsa_error **reterr);

/* --- retries: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 * (standard) ------- */

enum irsa_retry {
    IRSA_RETRY_NO,
    IRSA_RETRY_TRANSIENT,
    IRSA_RETRY_THROTTLED,
    IRSA_RETRY_CLOCK_SKEW
};
/* What outlives a call of irsa_http_run, one a server. Zero-initialised is the beginning. */
struct irsa_retry_state {
    unsigned spent;     /* of the retry quota of 500 tokens */
    int64_t clock_skew; /* seconds that the server's clock is ahead */
};
struct irsa_retry_policy {
    unsigned max_attempts;          /* 0: 3 */
    struct irsa_retry_state *state; /* NULL: of this call alone */
    /* Called before every attempt: sets the headers that depend on time (signature). `now` is
     * corrected by the server's clock where skew was seen. May be NULL. */
    int (*prepare)(struct irsa_exchange *exchange, int64_t now, struct irsa_error **reterr);
    /* Judges an answer or error of one attempt; NULL: irsa_http_judge. Not asked after an
     * interruption. */
    enum irsa_retry (*judge)(const struct irsa_exchange *exchange);
    /* For tests: NULL means the real clock, sleep and random. */
    int64_t (*now)(void);
    void (*sleep_ms)(long ms);
    uint32_t (*random)(void);
    const volatile bool *interrupted;
};
/* 429 and 503; 500, 502 and 504 where the method is safe (GET, HEAD, OPTIONS); network errors that
 * may pass where the method is safe or the request can't have arrived. For judges to build on. */
enum irsa_retry irsa_http_judge(const struct irsa_exchange *exchange);
/* Runs all, retrying those that may be, with full-jitter backoff, Retry-After and a token bucket
 * shared by the call (or kept in policy->state). Each exchange ends with response or error. */
void irsa_http_run(struct irsa_transport *transport, const struct irsa_retry_policy *policy,
                   struct irsa_exchange *const *exchanges, size_t count);

#endif
