/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading Kubernetes: every list that is needed at once, a page of each in a round
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks),
 * until all are through.
 */
#include "world/live_kube.h"

#define PAGE "500"
#define MAX_STARTS 4
/* Where `metadata` of a list ends, with room. */
#define HEAD_MAX ((size_t)16 << 10)
/* https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery
 */
#define DISCOVERY "/.well-known/openid-configuration"
#define METADATA_LIST "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

/* --- requests --------------------------------------------------------------------------------- */

static struct live_kube_read *ask(struct live_kube_gather *kube, const struct live_kube_spec *spec,
                                  const char *namespace_, const char *name)
{
    struct live_kube_read *read = irsa_calloc(1, sizeof(*read));
    read->spec = spec;
    read->namespace_ = namespace_ ? irsa_strdup(namespace_) : NULL;
    read->name = name ? irsa_strdup(name) : NULL;
    kube->reads = irsa_grow(kube->reads, kube->read_count, sizeof(*kube->reads));
    kube->reads[kube->read_count++] = read;
    return read;
}

static void ask_for(struct live_kube_gather *kube, enum live_kube_resource resource,
                    const char *namespace_)
{
    (void)ask(kube, irsa_live_kube_spec(resource), namespace_, NULL);
}

static void ask_all(struct live_kube_gather *kube)
{
    const struct live_kube_needs *needs = &kube->needs;
    (void)ask(kube, NULL, NULL, DISCOVERY);
    ask_for(kube, LIVE_KUBE_WEBHOOKS, NULL);
    if (needs->everywhere) {
        for (int i = 0; i < LIVE_KUBE_WEBHOOKS; i++)
            ask_for(kube, (enum live_kube_resource)i, NULL);
        return;
    }
    for (size_t k = 0; k < needs->namespaces.len; k++) {
        const char *namespace_ = needs->namespaces.items[k];
        (void)ask(kube, irsa_live_kube_spec(LIVE_KUBE_NAMESPACES), NULL, namespace_);
        for (int i = LIVE_KUBE_SERVICE_ACCOUNTS; i < LIVE_KUBE_WEBHOOKS; i++)
            ask_for(kube, (enum live_kube_resource)i, namespace_);
    }
}

static char *path_of(const struct live_kube_read *read)
{
    if (!read->spec)
        return irsa_strdup(DISCOVERY);
    irsa_auto_buf path = {0};
    irsa_autofree char *resource = irsa_live_kube_path(read->spec, read->namespace_, read->name);
    irsa_buf_adds(&path, resource);
    if (read->name)
        return irsa_buf_steal(&path);
    irsa_buf_adds(&path, "?limit=" PAGE);
    if (read->spec->selector) {
        irsa_buf_adds(&path, "&fieldSelector=");
        irsa_url_encode(read->spec->selector, strlen(read->spec->selector), &path);
    }
    if (read->more) {
        irsa_buf_adds(&path, "&continue=");
        irsa_url_encode(read->more, strlen(read->more), &path);
    }
    return irsa_buf_steal(&path);
}

/* Of the accounts of all namespaces there are many, and only one field besides the metadata is of
 * any interest, for a note (automountServiceAccountToken). */
static bool is_metadata(const struct live_kube_read *read)
{
    return read->spec && read->spec->metadata_only && !read->namespace_;
}

static void prepare(struct live_kube_read *read)
{
    irsa_kube_call_done(&read->call);
    free(read->path);
    read->path = path_of(read);
    read->page++;
    read->call = (struct irsa_kube_call){
        .verb = read->name ? "get" : "list",
        .resource = read->spec ? read->spec->label : DISCOVERY,
        .method = "GET",
        .path = read->path,
        .keep_body = read->spec != NULL,
    };
    if (is_metadata(read))
        read->call.accept = METADATA_LIST;
}

/* --- answers ---------------------------------------------------------------------------------- */

/* "kubernetes:pods app", with the page where there are several. */
static char *document_name(const struct live_kube_read *read)
{
    irsa_auto_buf name = {0};
    irsa_buf_addf(&name, "kubernetes:%s", read->spec->plural);
    if (read->namespace_)
        irsa_buf_addf(&name, " %s", read->namespace_);
    if (read->name)
        irsa_buf_addf(&name, " %s", read->name);
    if (read->page > 1)
        irsa_buf_addf(&name, " page %u", read->page);
    return irsa_buf_steal(&name);
}

/* What continues a list, or NULL; the caller's. The API server writes `metadata` before `items`: of
 * a long text only the beginning is read then. */
static char *continue_of(const struct irsa_buf *text)
{
    static const struct irsa_json_fields below[] = {{"continue", NULL}, {NULL, NULL}};
    static const struct irsa_json_fields fields[] = {{"metadata", below}, {NULL, NULL}};
    static const char items[] = ",\"items\":";
    const char *place =
        memmem(text->data, text->len < HEAD_MAX ? text->len : HEAD_MAX, items, sizeof(items) - 1);
    irsa_auto_error no_head = NULL;
    irsa_auto_error none = NULL;
    irsa_auto_buf head = {0};
    json_auto_t *list = NULL;
    if (place) {
        irsa_buf_add(&head, text->data, (size_t)(place - text->data));
        irsa_buf_addc(&head, '}');
        list = irsa_json_read_fields("head", head.data, head.len, fields, &no_head);
    }
    if (!json_object_get(list, "metadata")) {
        json_decref(list);
        list = irsa_json_read_fields("list", text->data, text->len, fields, &none);
    }
    const char *more = irsa_json_string(list, "metadata", "continue", NULL);
    return more && *more ? irsa_strdup(more) : NULL;
}

static void note(struct live_kube_gather *kube, const char *key, const char *text)
{
    json_t *array = json_object_get(kube->observed, key);
    if (!array) {
        array = json_array();
        json_object_set_new(kube->observed, key, array);
    }
    json_array_append_new(array, json_string(text));
}

static void note_denied(struct live_kube_gather *kube, struct live_kube_read *read)
{
    json_t *denied = json_object_get(kube->observed, "Denied");
    const char *message = irsa_error_message(read->call.error);
    const char *where = read->namespace_ ? read->namespace_ : read->spec ? read->name : NULL;
    irsa_autofree char *action = irsa_format("%s %s", read->call.verb, read->call.resource);
    read->denied = true;
    if (!denied) {
        denied = json_array();
        json_object_set_new(kube->observed, "Denied", denied);
    }
    json_t *one = json_object();
    json_object_set_new(one, "Action", json_string(action));
    if (where)
        json_object_set_new(one, "Resource", json_string(where));
    json_object_set_new(one, "Message", json_string(message));
    json_array_append_new(denied, one);
}

static void note_absent(struct live_kube_gather *kube, const struct live_kube_read *read)
{
    kube->undiscovered = kube->undiscovered || !read->spec;
    if (!read->spec || !read->name)
        return;
    if (!read->namespace_) {
        note(kube, "AbsentNamespaces", read->name);
        return;
    }
    irsa_autofree char *name = irsa_format("%s/%s", read->namespace_, read->name);
    note(kube, "AbsentServiceAccounts", name);
}

/* The token of a list is good for some minutes. Then the server gives another one, by which the
 * rest is read as it is by now: no object comes twice; or it gives none, and the list has to be
 * begun anew (api-concepts, "410 Gone"). */
static bool goes_on(struct live_kube_read *read)
{
    const char *more = irsa_json_string(read->call.answer, "metadata", "continue", NULL);
    if (read->call.status != 410 || !read->more)
        return false;
    bool anew = !more || !*more;
    if (anew && ++read->starts >= MAX_STARTS)
        return false;
    free(irsa_steal(&read->more));
    read->more = anew ? NULL : irsa_strdup(more);
    return true;
}

/* CONFLICT says that the world moved since it was read: here nothing was read yet. */
static void take_error(struct live_kube_gather *kube, struct live_kube_read *read)
{
    struct irsa_error *error = read->call.error;
    if (irsa_error_kind(error) != IRSA_E_CONFLICT) {
        kube->error = irsa_steal(&read->call.error);
        return;
    }
    (void)irsa_fail(&kube->error, IRSA_E_NET, "%s", irsa_error_message(error));
    if (read->starts > 0)
        (void)irsa_hint(&kube->error,
                        "the list expired before its last page, %u times: the API server is too "
                        "slow for it, or forgets too soon; -n reads less",
                        read->starts);
}

/* False where the whole reading fails. */
static bool bear(struct live_kube_gather *kube, struct live_kube_read *read)
{
    if (goes_on(read))
        return true;
    read->done = true;
    switch (irsa_error_kind(read->call.error)) {
    case IRSA_E_ACCESS:
        note_denied(kube, read);
        return true;
    case IRSA_E_NOT_FOUND:
        note_absent(kube, read);
        return true;
    default:
        take_error(kube, read);
        return false;
    }
}

static bool put_page(struct live_kube_gather *kube, struct live_kube_read *read)
{
    struct live_kube_page page = {
        .spec = read->spec,
        .name = document_name(read),
        .metadata = is_metadata(read),
        .seen = read->more || read->page > 1 ? &read->seen : NULL,
        .text = read->call.body_kept,
    };
    read->call.body_kept = (struct irsa_buf){0};
    return irsa_live_kube_pages_put(kube->pages, &page);
}

static bool take(struct live_kube_gather *kube, struct live_kube_read *read)
{
    if (!read->spec) {
        const char *issuer = irsa_json_string(read->call.answer, "issuer", NULL);
        kube->issuer = issuer ? irsa_strdup(issuer) : NULL;
        kube->undiscovered = !issuer;
        read->done = true;
        return true;
    }
    free(read->more);
    read->more = read->name ? NULL : continue_of(&read->call.body_kept);
    read->done = !read->more;
    bool listed = read->done && !read->name;
    if (is_metadata(read))
        json_object_set_new(kube->observed, "ServiceAccountsAsMetadata", json_true());
    if (listed && read->spec == irsa_live_kube_spec(LIVE_KUBE_SERVICE_ACCOUNTS))
        note(kube, "ListedServiceAccounts", read->namespace_ ? read->namespace_ : "*");
    return put_page(kube, read);
}

/* --- rounds ----------------------------------------------------------------------------------- */

static bool stopped(const struct live_kube_gather *kube)
{
    const volatile bool *interrupted = kube->gather->live->interrupted;
    return kube->gather->failed || (interrupted && *interrupted);
}

/* One page of everything that is not through; false where there is nothing more to do. */
static bool run_round(struct live_kube_gather *kube)
{
    struct irsa_kube_call **calls = irsa_calloc(kube->read_count + 1, sizeof(*calls));
    struct live_kube_read **of = irsa_calloc(kube->read_count + 1, sizeof(*of));
    size_t count = 0;
    for (size_t i = 0; i < kube->read_count; i++) {
        if (kube->reads[i]->done)
            continue;
        prepare(kube->reads[i]);
        of[count] = kube->reads[i];
        calls[count++] = &kube->reads[i]->call;
    }
    bool more = count > 0 && !stopped(kube);
    if (more)
        irsa_kube_run(kube->gather->live->kube, calls, count);
    for (size_t i = 0; more && i < count; i++)
        more = !of[i]->call.error || bear(kube, of[i]);
    for (size_t i = 0; more && i < count; i++) {
        more = of[i]->call.error || take(kube, of[i]);
        irsa_kube_call_done(&of[i]->call);
    }
    free(of);
    free(calls);
    return more;
}

static bool list_denied(const struct live_kube_gather *kube, const char *namespace_)
{
    for (size_t i = 0; i < kube->read_count; i++) {
        const struct live_kube_read *read = kube->reads[i];
        if (read->spec == irsa_live_kube_spec(LIVE_KUBE_SERVICE_ACCOUNTS) && read->denied
            && (!read->namespace_ || strcmp(read->namespace_, namespace_) == 0))
            return true;
    }
    return false;
}

/* Who may not list may be allowed to get what is asked about. */
static void ask_one_by_one(struct live_kube_gather *kube)
{
    for (size_t i = 0; i < kube->needs.accounts.len; i++) {
        const char *account = kube->needs.accounts.items[i];
        const char *slash = strchr(account, '/');
        irsa_autofree char *namespace_ = irsa_strndup(account, (size_t)(slash - account));
        if (list_denied(kube, namespace_))
            (void)ask(kube, irsa_live_kube_spec(LIVE_KUBE_SERVICE_ACCOUNTS), namespace_, slash + 1);
    }
}

static void read_all(struct live_kube_gather *kube)
{
    ask_all(kube);
    while (run_round(kube))
        continue;
    if (kube->error || stopped(kube))
        return;
    ask_one_by_one(kube);
    while (run_round(kube))
        continue;
}

void irsa_live_kube_read_all(struct live_kube_gather *kube)
{
    irsa_live_kube_needs(kube->gather->live->intent, &kube->needs);
    kube->pages = irsa_live_kube_pages_open(kube);
    read_all(kube);
    irsa_live_kube_pages_close(irsa_steal(&kube->pages), &kube->error);
}
