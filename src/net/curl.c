/* SPDX-License-Identifier: Apache-2.0 */
/* The transport over libcurl's multi interface: https://curl.se/libcurl/c/libcurl-multi.html */
#include "net/transfer.h"

/* A CA bundle of a distribution is about 220 KiB. */
#define MAX_CA_BUNDLE ((size_t)8 << 20)
#define DEFAULT_CONCURRENT 10U
/* How late a Ctrl-C that fell between looking and waiting is noticed. */
#define POLL_MS 200

struct curl_transport {
    struct irsa_transport transport;
    CURLM *multi; /* keeps connections and DNS answers between runs */
    struct irsa_trust *trust;
    unsigned max_concurrent;
    bool log_http;
    const volatile bool *interrupted;
};

struct run {
    struct curl_transport *owner;
    struct irsa_transfer *transfers;
    size_t count;
    size_t next; /* the first not begun */
    size_t active;
};

static bool is_interrupted(const struct curl_transport *owner)
{
    return owner->interrupted && *owner->interrupted;
}

static void finish(struct run *run, struct irsa_transfer *transfer)
{
    if (run->owner->log_http)
        irsa_transfer_log(transfer);
    irsa_transfer_done(transfer);
    *transfer = (struct irsa_transfer){0};
}

static void begin_some(struct run *run)
{
    while (run->next < run->count && run->active < run->owner->max_concurrent) {
        struct irsa_transfer *transfer = &run->transfers[run->next++];
        irsa_transfer_begin(transfer, run->owner->trust);
        if (!transfer->easy) {
            finish(run, transfer);
            continue;
        }
        if (curl_multi_add_handle(run->owner->multi, transfer->easy) != CURLM_OK)
            abort(); /* out of memory: a fresh handle can't fail otherwise */
        run->active++;
    }
}

static void end_some(struct run *run)
{
    int left = 0;
    CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(run->owner->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        const CURLcode code = message->data.result;
        CURL *easy = message->easy_handle;
        struct irsa_transfer *transfer = NULL;
        (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
        irsa_transfer_end(transfer, code);
        (void)curl_multi_remove_handle(run->owner->multi, easy);
        run->active--;
        finish(run, transfer);
    }
}

static void give_up(struct run *run)
{
    for (; run->next < run->count; run->next++)
        irsa_transfer_begin(&run->transfers[run->next], run->owner->trust);
    for (size_t i = 0; i < run->count; i++) {
        struct irsa_transfer *transfer = &run->transfers[i];
        if (!transfer->exchange)
            continue;
        if (transfer->easy) {
            irsa_transfer_interrupt(transfer);
            (void)curl_multi_remove_handle(run->owner->multi, transfer->easy);
        }
        finish(run, transfer);
    }
    run->active = 0;
}

static void curl_run(struct irsa_transport *transport, struct irsa_exchange *const *exchanges,
                     size_t count)
{
    struct run run = {.owner = (struct curl_transport *)transport, .count = count};
    run.transfers = irsa_calloc(count, sizeof(*run.transfers));
    for (size_t i = 0; i < count; i++)
        run.transfers[i].exchange = exchanges[i];
    begin_some(&run);
    while (run.active > 0 && !is_interrupted(run.owner)) {
        int running = 0;
        (void)curl_multi_perform(run.owner->multi, &running);
        irsa_trust_prepare(run.owner->trust); /* while the connections are under way */
        end_some(&run);
        begin_some(&run);
        if (running > 0)
            (void)curl_multi_poll(run.owner->multi, NULL, 0, POLL_MS, NULL);
    }
    give_up(&run);
    free(run.transfers);
}

static void curl_free_transport(struct irsa_transport *transport)
{
    struct curl_transport *owner = (struct curl_transport *)transport;
    if (owner->multi)
        (void)curl_multi_cleanup(owner->multi);
    irsa_trust_free(owner->trust);
    free(owner);
    curl_global_cleanup(); /* counted by libcurl: the last one cleans */
}

static const struct irsa_transport_ops curl_ops = {.run = curl_run, .free = curl_free_transport};

static int check_ca_bundle(const char *path, struct irsa_error **reterr)
{
    irsa_auto_buf text = {0};
    if (irsa_file_read(path, MAX_CA_BUNDLE, &text, reterr) != 0)
        return irsa_wrap(reterr, "CA bundle");
    if (!strstr(irsa_buf_str(&text), "-----BEGIN "))
        return irsa_fail(reterr, IRSA_E_IO, "CA bundle: %s: holds no certificate in PEM form",
                         path);
    return 0;
}

static void curl_transport_freep(struct curl_transport **p)
{
    if (*p)
        curl_free_transport(&(*p)->transport);
}

int irsa_transport_curl(const struct irsa_curl_options *options, struct irsa_transport **ret,
                        struct irsa_error **reterr)
{
    if (options->ca_bundle && check_ca_bundle(options->ca_bundle, reterr) != 0)
        return -1;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return irsa_fail(reterr, IRSA_E_INTERNAL, "libcurl can't be initialised");
    IRSA_CLEANUP(curl_transport_freep)
    struct curl_transport *owner = irsa_calloc(1, sizeof(*owner));
    owner->transport.ops = &curl_ops;
    owner->multi = curl_multi_init();
    if (!owner->multi)
        return irsa_fail(reterr, IRSA_E_INTERNAL, "libcurl gives no multi handle");
    owner->trust =
        options->ca_bundle ? irsa_trust_new(options->ca_bundle, NULL) : irsa_trust_system();
    owner->max_concurrent = options->max_concurrent ? options->max_concurrent : DEFAULT_CONCURRENT;
    owner->log_http = options->log_http;
    owner->interrupted = options->interrupted;
    (void)curl_multi_setopt(owner->multi, CURLMOPT_MAXCONNECTS, (long)owner->max_concurrent * 2);
    *ret = &irsa_steal(&owner)->transport;
    return 0;
}
