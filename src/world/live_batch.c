/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds of calls: all of a round at once, none twice. */
#include "world/live.h"

#include "irsa/aws.h"

#define NOT_UNDERSTOOD "AWS answered something that irsa-fix does not understand"

void irsa_gather_done(struct gather *gather)
{
    for (size_t i = 0; i < gather->read_count; i++) {
        irsa_aws_call_done(&gather->reads[i]->call);
        free(gather->reads[i]->subject);
        free(gather->reads[i]);
    }
    free(gather->reads);
    irsa_map_done(&gather->asked);
    irsa_live_needs_done(&gather->needs);
    json_decref(gather->observed);
    irsa_facts_free(gather->facts);
    (void)pthread_mutex_destroy(&gather->lock);
}

void irsa_gather_note(struct gather *gather, const char *key, const char *text)
{
    json_t *array = json_object_get(gather->observed, key);
    size_t i = 0;
    json_t *item = NULL;
    if (!array) {
        array = json_array();
        json_object_set_new(gather->observed, key, array);
    }
    json_array_foreach(array, i, item)
    {
        if (strcmp(json_string_value(item), text) == 0)
            return;
    }
    json_array_append_new(array, json_string(text));
}

static int take_page(void *context, const json_t *page, struct irsa_error **reterr);

/* Listings of roles come to megabytes: each page becomes facts, and is not kept but for a snapshot.
 */
static bool is_long(enum irsa_aws_operation operation)
{
    return operation == IRSA_IAM_LIST_ROLES
           || operation == IRSA_IAM_GET_ACCOUNT_AUTHORIZATION_DETAILS;
}

struct live_read *irsa_gather_ask(struct gather *gather, const struct live_account *account,
                                  enum irsa_aws_operation operation, json_t *parameters,
                                  const char *subject)
{
    json_auto_t *owned = parameters ? parameters : json_object();
    irsa_auto_buf key = {0};
    irsa_buf_addf(&key, "%d %p ", (int)operation, (const void *)account);
    irsa_json_write_canonical(owned, &key);
    if (!irsa_map_put(&gather->asked, irsa_buf_str(&key), 1))
        return NULL;
    struct live_read *read = irsa_calloc(1, sizeof(*read));
    read->call = (struct irsa_aws_call){
        .aws = account->aws, .operation = operation, .parameters = json_incref(owned)};
    read->account = account;
    read->gather = gather;
    if (is_long(operation) && !gather->live->keep) {
        read->call.take_page = take_page;
        read->call.context = read;
    }
    read->subject = subject ? irsa_strdup(subject) : NULL;
    gather->reads = irsa_grow(gather->reads, gather->read_count, sizeof(*gather->reads));
    gather->reads[gather->read_count++] = read;
    return read;
}

/* One object may be missing; a listing that is not found is no answer. */
static bool is_listing(enum irsa_aws_operation operation)
{
    return operation == IRSA_IAM_LIST_PROVIDERS || operation == IRSA_IAM_LIST_ROLES
           || operation == IRSA_IAM_GET_ACCOUNT_AUTHORIZATION_DETAILS
           || operation == IRSA_EKS_LIST_CLUSTERS;
}

/* CONFLICT says that the world moved since it was read: here nothing was read yet. */
static int unread(struct gather *gather, struct live_read *read)
{
    struct irsa_error *error = read->call.error;
    if (irsa_error_kind(error) != IRSA_E_CONFLICT) {
        *gather->reterr = irsa_steal(&read->call.error);
        return -1;
    }
    return irsa_fail(gather->reterr, IRSA_E_NET, "%s", irsa_error_message(error));
}

/* What a plan is as good without. */
static bool is_optional(enum irsa_aws_operation operation)
{
    return operation == IRSA_IAM_LIST_ACCOUNT_ALIASES;
}

/* The simulator may know neither an action nor a form of resource, or break over a policy
 * (InvalidInput, PolicyEvaluation): then it says nothing, and the plan goes on. */
static bool is_advice(const struct gather *gather, const struct live_read *read)
{
    const volatile bool *interrupted = gather->live->interrupted;
    const enum irsa_error_kind kind = irsa_error_kind(read->call.error);
    return read->call.operation == IRSA_IAM_SIMULATE_PRINCIPAL_POLICY && kind != IRSA_E_ACCESS
           && kind != IRSA_E_AUTH && kind != IRSA_E_NOT_FOUND && !(interrupted && *interrupted);
}

static void note_unsimulated(struct gather *gather, const struct live_read *read)
{
    irsa_autofree char *text =
        irsa_format("%s: %s", read->subject, irsa_error_message(read->call.error));
    irsa_gather_note(gather, "Unsimulated", text);
}

static int judge(struct gather *gather, struct live_read *read)
{
    if (is_optional(read->call.operation)) {
        if (read->call.error)
            irsa_log(IRSA_LOG_INFO, "%s", irsa_error_message(read->call.error));
        return 0;
    }
    bool counts = read->call.operation != IRSA_STS_GET_CALLER_IDENTITY;
    if (!read->call.error) {
        gather->answered += counts;
        return 0;
    }
    if (is_advice(gather, read)) {
        note_unsimulated(gather, read);
        return 0;
    }
    switch (irsa_error_kind(read->call.error)) {
    case IRSA_E_NOT_FOUND:
        if (is_listing(read->call.operation))
            return unread(gather, read);
        gather->answered += counts;
        return 0;
    case IRSA_E_ACCESS:
        gather->denied += counts;
        return 0;
    default:
        return unread(gather, read);
    }
}

int irsa_gather_round(struct gather *gather)
{
    size_t count = gather->read_count - gather->next;
    struct irsa_aws_call **calls = irsa_calloc(count + 1, sizeof(struct irsa_aws_call *));
    size_t asked = 0;
    for (size_t i = 0; i < count; i++) {
        struct irsa_aws_call *call = &gather->reads[gather->next + i]->call;
        if (!call->answer) /* else it is known already */
            calls[asked++] = call;
    }
    irsa_live_lock_aws(gather->live);
    irsa_aws_call_all(calls, asked);
    irsa_live_unlock_aws(gather->live);
    free(calls);
    size_t first = gather->next;
    gather->next = gather->read_count;
    for (size_t i = first; i < gather->read_count; i++) {
        if (judge(gather, gather->reads[i]) != 0)
            return -1;
    }
    return 0;
}

struct live_read *irsa_gather_find(const struct gather *gather, enum irsa_aws_operation operation,
                                   const struct live_account *account, const char *subject)
{
    for (size_t i = 0; i < gather->read_count; i++) {
        struct live_read *read = gather->reads[i];
        bool same = (!subject && !read->subject)
                    || (subject && read->subject && strcmp(subject, read->subject) == 0);
        if (read->call.operation == operation && read->account == account && same
            && read->call.answer)
            return read;
    }
    return NULL;
}

/* "iam:GetRole app", with the account where it is not the caller's. */
static char *document_name(const struct gather *gather, const struct live_read *read)
{
    const char *label = irsa_aws_label(read->call.operation);
    const char *second = json_string_value(json_object_get(read->call.parameters, "PolicyName"));
    irsa_auto_buf name = {0};
    irsa_buf_adds(&name, label);
    if (read->subject)
        irsa_buf_addf(&name, " %s", read->subject);
    if (second)
        irsa_buf_addf(&name, " %s", second);
    if (read->account != &gather->live->home)
        irsa_buf_addf(&name, " (account %s)", read->account->id);
    return irsa_buf_steal(&name);
}

static int take_document(struct gather *gather, const char *name, json_t *content)
{
    struct live *live = gather->live;
    bool known = false;
    (void)pthread_mutex_lock(&gather->lock);
    uint32_t file = irsa_facts_add_file(gather->facts, name);
    int r = irsa_facts_add_document(gather->facts, file, 0, content, &known, gather->reterr);
    (void)pthread_mutex_unlock(&gather->lock);
    if (r != 0)
        return irsa_hint(gather->reterr, NOT_UNDERSTOOD);
    if (!live->keep)
        return 0;
    live->documents = irsa_grow(live->documents, live->document_count, sizeof(*live->documents));
    live->documents[live->document_count++] =
        (struct live_document){.name = irsa_strdup(name), .content = json_incref(content)};
    return 0;
}

static int take_page(void *context, const json_t *page, struct irsa_error **reterr)
{
    struct live_read *read = context;
    struct gather *gather = read->gather;
    bool known = false;
    (void)pthread_mutex_lock(&gather->lock);
    if (read->pages == 0) {
        irsa_autofree char *name = document_name(gather, read);
        read->file = irsa_facts_add_file(gather->facts, name);
    }
    int r = irsa_facts_add_document(gather->facts, read->file, read->pages++, page, &known, reterr);
    (void)pthread_mutex_unlock(&gather->lock);
    return r == 0 ? 0 : irsa_hint(reterr, NOT_UNDERSTOOD);
}

int irsa_gather_take(struct gather *gather, const struct live_read *read)
{
    if (read->pages > 0)
        return 0;
    irsa_autofree char *name = document_name(gather, read);
    return take_document(gather, name, read->call.answer);
}

/* Told at the end, when the caller's account is known. */
static void note_denied(struct gather *gather, const struct live_read *read)
{
    json_t *denied = json_object_get(gather->observed, "Denied");
    json_t *one = json_object();
    if (!denied) {
        denied = json_array();
        json_object_set_new(gather->observed, "Denied", denied);
    }
    json_object_set_new(one, "Action", json_string(irsa_aws_label(read->call.operation)));
    if (read->account->id)
        json_object_set_new(one, "Account", json_string(read->account->id));
    if (read->subject)
        json_object_set_new(one, "Resource", json_string(read->subject));
    json_object_set_new(one, "Message", json_string(irsa_error_message(read->call.error)));
    json_array_append_new(denied, one);
}

int irsa_gather_take_observed(struct gather *gather)
{
    for (size_t i = 0; i < gather->read_count; i++) {
        const struct irsa_error *error = gather->reads[i]->call.error;
        if (error && irsa_error_kind(error) == IRSA_E_ACCESS
            && !is_optional(gather->reads[i]->call.operation))
            note_denied(gather, gather->reads[i]);
    }
    if (json_object_size(gather->observed) == 0)
        return 0;
    json_auto_t *document = json_pack("{s:O}", "IrsaFixObserved", gather->observed);
    return take_document(gather, "irsa-fix: observed", document);
}
