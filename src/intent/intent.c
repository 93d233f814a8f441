/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/intent.h"

static const char *const class_texts[IRSA_CLASS_MAX_] = {
    [IRSA_CLASS_ADDITIVE] = "additive", [IRSA_CLASS_NARROW] = "narrow",
    [IRSA_CLASS_PATTERN] = "pattern",   [IRSA_CLASS_OVERWRITE] = "overwrite",
    [IRSA_CLASS_RESTART] = "restart",   [IRSA_CLASS_DELETE] = "delete",
    [IRSA_CLASS_OWNED] = "owned",
};

const char *irsa_class_text(enum irsa_class class_)
{
    return class_texts[class_];
}

bool irsa_class_parse(const char *text, enum irsa_class *ret)
{
    for (size_t i = 0; i < IRSA_CLASS_MAX_; i++) {
        if (strcmp(class_texts[i], text) == 0) {
            *ret = (enum irsa_class)i;
            return true;
        }
    }
    return false;
}

void irsa_role_settings_done(struct irsa_role_settings *settings)
{
    for (size_t i = 0; i < settings->policy_file_names.len; i++)
        json_decref(settings->policy_documents[i]);
    free(settings->policy_documents);
    free(settings->path);
    free(settings->description);
    free(settings->boundary);
    json_decref(settings->tags);
    irsa_strings_done(&settings->policy_arns);
    irsa_strings_done(&settings->policy_file_names);
    irsa_strings_done(&settings->policy_names);
    *settings = (struct irsa_role_settings){0};
}

struct irsa_intent *irsa_intent_new(void)
{
    struct irsa_intent *intent = irsa_calloc(1, sizeof(*intent));
    intent->allow[IRSA_CLASS_ADDITIVE] = true;
    return intent;
}

void irsa_wish_done(struct irsa_wish *wish)
{
    free(wish->namespace_);
    free(wish->service_account);
    free(wish->role);
    free(wish->audience);
    free(wish->origin);
    irsa_role_settings_done(&wish->settings);
    for (size_t i = 0; i < wish->need_count; i++) {
        free(wish->needs[i].action);
        free(wish->needs[i].resource);
    }
    free(wish->needs);
    json_decref(wish->labels);
    *wish = (struct irsa_wish){0};
}

void irsa_intent_free(struct irsa_intent *intent)
{
    if (!intent)
        return;
    free(intent->cluster_name);
    free(intent->region);
    free(intent->account_id);
    free(intent->issuer);
    irsa_strings_done(&intent->undo_roles);
    irsa_strings_done(&intent->undo_sessions);
    irsa_strings_done(&intent->undo_providers);
    irsa_strings_done(&intent->namespaces);
    irsa_strings_done(&intent->service_accounts);
    free(intent->selector);
    for (size_t i = 0; i < IRSA_TOOL_MAX_; i++)
        free(intent->tool_options[i]);
    free(intent->audience);
    irsa_role_settings_done(&intent->defaults);
    for (size_t i = 0; i < intent->account_count; i++) {
        free(intent->accounts[i].id);
        free(intent->accounts[i].profile);
        free(intent->accounts[i].role_arn);
    }
    free(intent->accounts);
    for (size_t i = 0; i < intent->wish_count; i++)
        irsa_wish_done(&intent->wishes[i]);
    free(intent->wishes);
    free(intent->config_file);
    free(intent->thumbprint);
    free(intent->repoint);
    free(intent->repoint_role);
    free(intent);
}

struct irsa_wish *irsa_intent_add_wish(struct irsa_intent *intent, const char *namespace_,
                                       const char *service_account, const char *origin)
{
    intent->wishes = irsa_grow(intent->wishes, intent->wish_count, sizeof(*intent->wishes));
    struct irsa_wish *wish = &intent->wishes[intent->wish_count++];
    *wish = (struct irsa_wish){
        .namespace_ = irsa_strdup(namespace_),
        .service_account = irsa_strdup(service_account),
        .origin = irsa_strdup(origin),
    };
    return wish;
}

int irsa_wish_add_need(struct irsa_wish *wish, const char *text, struct irsa_error **reterr)
{
    irsa_autofree char *trimmed = irsa_trim(text);
    size_t action = strcspn(trimmed, " \t");
    if (trimmed[action] == '\0') {
        irsa_fail(reterr, IRSA_E_USAGE, "\"%s\" is not an action and a resource", trimmed);
        return irsa_hint(reterr, "write it like \"s3:GetObject arn:aws:s3:::bucket/*\"");
    }
    irsa_autofree char *first = irsa_strndup(trimmed, action);
    irsa_autofree char *resource = irsa_trim(trimmed + action);
    if (!strchr(first, ':')) {
        irsa_fail(reterr, IRSA_E_USAGE, "\"%s\" is not an action (SERVICE:ACTION)", first);
        return irsa_hint(reterr, "write it like \"s3:GetObject arn:aws:s3:::bucket/*\"");
    }
    if (strpbrk(resource, " \t")) {
        irsa_fail(reterr, IRSA_E_USAGE, "\"%s\" holds more than an action and a resource", trimmed);
        return irsa_hint(reterr, "give each resource a line of its own");
    }
    wish->needs = irsa_grow(wish->needs, wish->need_count, sizeof(*wish->needs));
    wish->needs[wish->need_count++] = (struct irsa_need){
        .action = irsa_steal(&first),
        .resource = irsa_steal(&resource),
    };
    return 0;
}
