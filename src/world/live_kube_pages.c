/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was answered becomes facts in a thread of its own, one page after the other, while the next
 * pages are on their way: reading takes the time of the longer of both.
 */
#include "world/live_kube.h"

/* Texts that wait: enough that nobody waits for long, little beside what becomes of them. */
#define WAITING_MAX ((size_t)16 << 20)

struct live_kube_pages {
    struct live_kube_gather *kube;
    pthread_t thread;
    bool started;
    pthread_mutex_t lock; /* on all that follows */
    pthread_cond_t changed;
    struct live_kube_page *waiting; /* from `next` on */
    size_t count, next;
    size_t bytes; /* of those that wait */
    bool closed;
    struct irsa_error *error; /* the first */
};

static void page_done(struct live_kube_page *page)
{
    free(page->name);
    irsa_buf_done(&page->text);
    *page = (struct live_kube_page){0};
}

/* --- one page --------------------------------------------------------------------------------- */

/* The metadata of an object of any kind comes as a kind of its own; here it is known whose it is.
 */
static void name_kind(const struct live_kube_spec *spec, json_t *answer)
{
    size_t i = 0;
    json_t *item = NULL;
    irsa_autofree char *kind = irsa_format("%sList", spec->kind);
    json_array_foreach(json_object_get(answer, "items"), i, item)
    {
        json_object_del(item, "kind");
        json_object_del(item, "apiVersion");
    }
    json_object_set_new(answer, "apiVersion", json_string(spec->api_version));
    json_object_set_new(answer, "kind", json_string(kind));
}

/* A list that was begun anew gives again what was taken before it expired: that stays as it was
 * seen first, since no later answer is needed for it to have existed. */
static void drop_seen(struct irsa_map *seen, json_t *answer)
{
    json_t *items = json_object_get(answer, "items");
    for (size_t i = 0; i < json_array_size(items);) {
        const json_t *item = json_array_get(items, i);
        const char *space = irsa_json_string(item, "metadata", "namespace", NULL);
        const char *name = irsa_json_string(item, "metadata", "name", NULL);
        irsa_autofree char *key = irsa_format("%s/%s", space ? space : "", name ? name : "");
        if (irsa_map_put(seen, key, 1))
            i++;
        else
            json_array_remove(items, i);
    }
}

static void keep(struct live_kube_gather *kube, const char *name, const json_t *answer)
{
    kube->documents = irsa_grow(kube->documents, kube->document_count, sizeof(*kube->documents));
    kube->documents[kube->document_count++] =
        (struct live_document){.name = irsa_strdup(name), .content = irsa_live_kube_reduce(answer)};
}

static json_t *read_page(const struct live_kube_gather *kube, const struct live_kube_page *page,
                         struct irsa_error **reterr)
{
    irsa_auto_error reason = NULL;
    json_t *answer = irsa_json_read_fields(page->name, page->text.data, page->text.len,
                                           irsa_live_kube_fields(page->spec), &reason);
    if (!answer)
        (void)irsa_fail(reterr, IRSA_E_NET, "the answer of %s is no JSON: %s",
                        irsa_kube_server(kube->gather->live->kube), irsa_error_message(reason));
    return answer;
}

static int take_page(struct live_kube_gather *kube, struct live_kube_page *page,
                     struct irsa_error **reterr)
{
    struct gather *gather = kube->gather;
    bool known = false;
    json_auto_t *answer = read_page(kube, page, reterr);
    if (!answer)
        return -1;
    irsa_buf_done(&page->text);
    if (page->metadata)
        name_kind(page->spec, answer);
    if (page->seen)
        drop_seen(page->seen, answer);
    (void)pthread_mutex_lock(&gather->lock);
    uint32_t file = irsa_facts_add_file(gather->facts, page->name);
    int r = irsa_facts_add_document(gather->facts, file, 0, answer, &known, reterr);
    (void)pthread_mutex_unlock(&gather->lock);
    if (r == 0 && !known)
        r = irsa_fail(reterr, IRSA_E_PARSE, "%s: the answer is of kind \"%s\"", page->name,
                      irsa_json_string(answer, "kind", NULL));
    if (r != 0)
        return irsa_hint(reterr,
                         "the API server answered something that irsa-fix does not understand");
    kube->taken = true;
    if (gather->live->keep)
        keep(kube, page->name, answer);
    return 0;
}

/* --- the thread ------------------------------------------------------------------------------- */

/* False: there is none to come. */
static bool wait_for_page(struct live_kube_pages *pages, struct live_kube_page *ret)
{
    (void)pthread_mutex_lock(&pages->lock);
    while (pages->next == pages->count && !pages->closed)
        (void)pthread_cond_wait(&pages->changed, &pages->lock);
    bool found = pages->next < pages->count && !pages->error;
    if (found) {
        *ret = pages->waiting[pages->next];
        pages->waiting[pages->next++] = (struct live_kube_page){0};
    }
    (void)pthread_mutex_unlock(&pages->lock);
    return found;
}

static void note_taken(struct live_kube_pages *pages, size_t bytes, struct irsa_error *error)
{
    (void)pthread_mutex_lock(&pages->lock);
    pages->bytes -= bytes;
    if (error)
        pages->error = error;
    (void)pthread_cond_broadcast(&pages->changed);
    (void)pthread_mutex_unlock(&pages->lock);
}

static void *run(void *context)
{
    struct live_kube_pages *pages = context;
    struct live_kube_page page = {0};
    while (wait_for_page(pages, &page)) {
        struct irsa_error *error = NULL;
        const size_t bytes = page.text.len;
        (void)take_page(pages->kube, &page, &error);
        page_done(&page);
        note_taken(pages, bytes, error);
    }
    return NULL;
}

/* --- for who reads ---------------------------------------------------------------------------- */

struct live_kube_pages *irsa_live_kube_pages_open(struct live_kube_gather *kube)
{
    struct live_kube_pages *pages = irsa_calloc(1, sizeof(*pages));
    pages->kube = kube;
    (void)pthread_mutex_init(&pages->lock, NULL);
    (void)pthread_cond_init(&pages->changed, NULL);
    pages->started = pthread_create(&pages->thread, NULL, run, pages) == 0;
    return pages;
}

static void add(struct live_kube_pages *pages, struct live_kube_page *page)
{
    pages->waiting = irsa_grow(pages->waiting, pages->count, sizeof(*pages->waiting));
    pages->waiting[pages->count++] = *page;
    pages->bytes += page->text.len;
    *page = (struct live_kube_page){0};
}

bool irsa_live_kube_pages_put(struct live_kube_pages *pages, struct live_kube_page *page)
{
    (void)pthread_mutex_lock(&pages->lock);
    while (pages->started && pages->bytes > WAITING_MAX && !pages->error)
        (void)pthread_cond_wait(&pages->changed, &pages->lock);
    add(pages, page);
    bool good = !pages->error;
    (void)pthread_cond_broadcast(&pages->changed);
    (void)pthread_mutex_unlock(&pages->lock);
    return good;
}

void irsa_live_kube_pages_close(struct live_kube_pages *pages, struct irsa_error **reterr)
{
    (void)pthread_mutex_lock(&pages->lock);
    pages->closed = true;
    (void)pthread_cond_broadcast(&pages->changed);
    (void)pthread_mutex_unlock(&pages->lock);
    if (pages->started)
        (void)pthread_join(pages->thread, NULL);
    else
        (void)run(pages); /* there was no thread to be had */
    for (size_t i = pages->next; i < pages->count; i++)
        page_done(&pages->waiting[i]);
    free(pages->waiting);
    if (pages->error && !*reterr)
        *reterr = irsa_steal(&pages->error);
    irsa_error_free(pages->error);
    (void)pthread_cond_destroy(&pages->changed);
    (void)pthread_mutex_destroy(&pages->lock);
    free(pages);
}
