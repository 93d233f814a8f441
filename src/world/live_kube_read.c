/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading Kubernetes: every list that is needed at once, a page of each in a round
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks),
 * until all are through.
 */
#include "world/live_kube.h"

#define PAGE "500"
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

static void keep(struct live_kube_gather *kube, const char *name, const json_t *answer)
{
    kube->documents = irsa_grow(kube->documents, kube->document_count, sizeof(*kube->documents));
    kube->documents[kube->document_count++] =
        (struct live_document){.name = irsa_strdup(name), .content = irsa_live_kube_reduce(answer)};
}

static int take_answer(struct live_kube_gather *kube, const struct live_kube_read *read)
{
    json_t *answer = read->call.answer;
    struct gather *gather = kube->gather;
    irsa_autofree char *name = document_name(read);
    bool known = false;
    if (is_metadata(read))
        name_kind(read->spec, answer);
    (void)pthread_mutex_lock(&gather->lock);
    uint32_t file = irsa_facts_add_file(gather->facts, name);
    int r = irsa_facts_add_document(gather->facts, file, 0, answer, &known, &kube->error);
    (void)pthread_mutex_unlock(&gather->lock);
    if (r == 0 && !known)
        r = irsa_fail(&kube->error, IRSA_E_PARSE, "%s: the answer is of kind \"%s\"", name,
                      irsa_json_string(answer, "kind", NULL));
    if (r != 0)
        return irsa_hint(&kube->error,
                         "the API server answered something that irsa-fix does not understand");
    kube->taken = true;
    if (gather->live->keep)
        keep(kube, name, answer);
    return 0;
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
 * rest is read as it is by now: no object comes twice (api-concepts, "410 Gone"). */
static bool continues_anyway(struct live_kube_read *read)
{
    const char *more = irsa_json_string(read->call.answer, "metadata", "continue", NULL);
    if (read->call.status != 410 || !read->more || !more || !*more)
        return false;
    free(read->more);
    read->more = irsa_strdup(more);
    return true;
}

/* False where the whole reading fails. */
static bool bear(struct live_kube_gather *kube, struct live_kube_read *read)
{
    if (continues_anyway(read))
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
        kube->error = irsa_steal(&read->call.error);
        return false;
    }
}

static int take(struct live_kube_gather *kube, struct live_kube_read *read)
{
    const char *more = irsa_json_string(read->call.answer, "metadata", "continue", NULL);
    if (!read->spec) {
        const char *issuer = irsa_json_string(read->call.answer, "issuer", NULL);
        kube->issuer = issuer ? irsa_strdup(issuer) : NULL;
        read->done = true;
        return 0;
    }
    irsa_autofree char *next = more && *more && !read->name ? irsa_strdup(more) : NULL;
    if (take_answer(kube, read) != 0)
        return -1;
    free(read->more);
    read->more = irsa_steal(&next);
    read->done = !read->more;
    bool listed = read->done && !read->name;
    if (listed && read->spec == irsa_live_kube_spec(LIVE_KUBE_SERVICE_ACCOUNTS))
        note(kube, "ListedServiceAccounts", read->namespace_ ? read->namespace_ : "*");
    return 0;
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
        more = of[i]->call.error || take(kube, of[i]) == 0;
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

void irsa_live_kube_read_all(struct live_kube_gather *kube)
{
    irsa_live_kube_needs(kube->gather->live->intent, &kube->needs);
    ask_all(kube);
    while (run_round(kube))
        continue;
    if (kube->error || stopped(kube))
        return;
    ask_one_by_one(kube);
    while (run_round(kube))
        continue;
}
