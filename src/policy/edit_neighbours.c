/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/edit.h"

#include <ctype.h>
#include <strings.h>

/* Bounds of the proof's work: more than fits into a trust policy that IAM takes. */
#define MAX_ISSUERS 40
#define MAX_SUBJECTS 256
#define MAX_AUDIENCES 24
#define MAX_OTHERS 48

static void add(struct irsa_strings *strings, const char *s, size_t max,
                struct irsa_neighbours *neighbours)
{
    if (irsa_strings_has(strings, s))
        return;
    if (strings->len < max)
        irsa_strings_add(strings, s);
    else
        neighbours->cut = true;
}

static void add_issuer(struct irsa_neighbours *neighbours, const char *provider, const char *issuer)
{
    if (irsa_strings_has(&neighbours->providers, provider))
        return;
    neighbours->cut = neighbours->cut || neighbours->issuers.len >= MAX_ISSUERS;
    if (neighbours->cut)
        return;
    irsa_strings_add(&neighbours->issuers, issuer);
    irsa_strings_add(&neighbours->providers, provider);
}

static void add_issuer_of(struct irsa_neighbours *neighbours, const char *partition,
                          const char *account, const char *issuer)
{
    irsa_autofree char *arn = irsa_provider_arn_text(partition, account, issuer);
    add_issuer(neighbours, arn, issuer);
}

/* --- what occurs in a document ---------------------------------------------------------------- */

struct collection {
    struct irsa_neighbours *neighbours;
    const char *partition;
    const char *account;
};

/* Texts that a pattern covers: each wildcard as nothing, as a letter, as a word. */
static void add_subject(struct irsa_neighbours *neighbours, const char *value)
{
    static const char *const fillings[] = {"", "a", "x-y"};
    if (!irsa_has_wildcard(value)) {
        add(&neighbours->subjects, value, MAX_SUBJECTS, neighbours);
        return;
    }
    for (size_t i = 0; i < IRSA_COUNT(fillings); i++) {
        irsa_auto_buf text = {0};
        for (const char *p = value; *p; p++) {
            if (*p == '*')
                irsa_buf_adds(&text, fillings[i]);
            else
                irsa_buf_addc(&text, *p);
            if (*p == '?')
                text.data[text.len - 1] = 'q';
        }
        add(&neighbours->subjects, irsa_buf_str(&text), MAX_SUBJECTS, neighbours);
    }
}

/* A value counts for what it could become when its key is mended. */
static void collect_value(const struct collection *collection, const char *key, const char *value)
{
    struct irsa_neighbours *neighbours = collection->neighbours;
    if (strncasecmp(key, "aws:", 4) == 0)
        return;
    const char *claim = irsa_key_claim(key);
    bool looks_it = strcasestr(value, "account") != NULL;
    if (looks_it || (claim && strcasecmp(claim, "sub") == 0))
        add_subject(neighbours, value);
    if (!looks_it)
        add(&neighbours->audiences, value, MAX_AUDIENCES, neighbours);
    irsa_autofree char *guess = irsa_subject_guess(value);
    if (guess)
        add(&neighbours->subjects, guess, MAX_SUBJECTS, neighbours);
}

static void collect_key(const struct collection *collection, const char *key)
{
    if (irsa_has_prefix(key, "aws:") || !strchr(key, ':'))
        return;
    (void)json_object_set_new(collection->neighbours->absent, key, json_null());
    irsa_autofree char *prefix = irsa_strndup(key, irsa_key_prefix_length(key));
    irsa_autofree char *issuer = irsa_edit_issuer_in(prefix);
    if (issuer)
        add_issuer_of(collection->neighbours, collection->partition, collection->account, issuer);
}

static void collect_condition(const struct collection *collection, const char *key, json_t *value)
{
    if (json_is_object(value)) {
        const char *name;
        json_t *member;
        json_object_foreach(value, name, member)
        {
            collect_key(collection, name);
            collect_condition(collection, name, member);
        }
        return;
    }
    for (size_t i = 0; i < irsa_value_count(value); i++) {
        json_t *one = irsa_value_at(value, i);
        if (json_is_array(one))
            collect_condition(collection, key, one);
        else if (json_is_string(one))
            collect_value(collection, key, json_string_value(one));
    }
}

static void collect_principal(const struct collection *collection, const char *type,
                              const char *text)
{
    struct irsa_neighbours *neighbours = collection->neighbours;
    irsa_auto_error error = NULL;
    irsa_auto_provider_arn arn = {0};
    if (irsa_provider_arn_parse(text, &arn, &error) == 0) {
        add_issuer(neighbours, text, arn.host_path);
        return;
    }
    irsa_autofree char *issuer = irsa_edit_issuer_in(text);
    if (issuer)
        add_issuer_of(neighbours, collection->partition, collection->account, issuer);
    neighbours->cut = neighbours->cut || neighbours->types.len >= MAX_OTHERS;
    if (neighbours->cut)
        return;
    irsa_strings_add(&neighbours->types, type);
    irsa_strings_add(&neighbours->principals,
                     strcmp(text, "*") == 0 ? "arn:aws:iam::999999999999:user/someone" : text);
}

static void collect_principals(const struct collection *collection, json_t *principal)
{
    if (!json_is_object(principal)) {
        for (size_t i = 0; i < irsa_value_count(principal); i++) {
            if (irsa_value_text(principal, i))
                collect_principal(collection, "AWS", irsa_value_text(principal, i));
        }
        return;
    }
    const char *type;
    json_t *values;
    json_object_foreach(principal, type, values)
    {
        for (size_t i = 0; i < irsa_value_count(values); i++) {
            if (irsa_value_text(values, i))
                collect_principal(collection, type, irsa_value_text(values, i));
        }
    }
}

static void collect_statement(const struct collection *collection, json_t *statement)
{
    const char *key;
    json_t *member;
    json_object_foreach(statement, key, member)
    {
        if (strcasestr(key, "principal")) {
            collect_principals(collection, member);
        } else if (strcasestr(key, "action")) {
            for (size_t i = 0; i < irsa_value_count(member); i++) {
                const char *action = irsa_value_text(member, i);
                if (action && !irsa_has_wildcard(action))
                    add(&collection->neighbours->actions, action, MAX_OTHERS,
                        collection->neighbours);
            }
        } else if (json_is_object(member)) {
            collect_condition(collection, key, member);
        }
    }
}

void irsa_neighbours_collect(struct irsa_neighbours *neighbours, const json_t *document,
                             const char *partition, const char *account)
{
    struct collection collection = {neighbours, partition, account};
    if (!neighbours->absent)
        neighbours->absent = json_object();
    size_t count = irsa_edit_statement_count(document);
    for (size_t i = 0; i < count; i++) {
        json_t *statement = irsa_edit_statement(document, i);
        if (statement)
            collect_statement(&collection, statement);
    }
}

/* --- what is next to a binding ---------------------------------------------------------------- */

static void add_pair(struct irsa_neighbours *neighbours, const char *namespace_, const char *name)
{
    irsa_autofree char *subject = irsa_subject_text(namespace_, name);
    add(&neighbours->subjects, subject, MAX_SUBJECTS, neighbours);
}

static void add_variations(struct irsa_neighbours *neighbours, const char *namespace_,
                           const char *name)
{
    /* before and after the namespace, before and after the name */
    static const char *const affixes[][4] = {{"x", "", "", ""},
                                             {"", "x", "", ""},
                                             {"", "", "x", ""},
                                             {"", "", "", "x"},
                                             {"", "", "", "-2"}};
    irsa_autofree char *shorter_namespace = irsa_strndup(namespace_, strlen(namespace_) - 1);
    irsa_autofree char *shorter_name = irsa_strndup(name, strlen(name) - 1);
    irsa_autofree char *upper_name = irsa_strdup(name);
    upper_name[0] = (char)toupper((unsigned char)upper_name[0]);
    for (size_t i = 0; i < IRSA_COUNT(affixes); i++) {
        const char *const *affix = affixes[i];
        irsa_autofree char *longer_namespace =
            irsa_format("%s%s%s", affix[0], namespace_, affix[1]);
        irsa_autofree char *longer_name = irsa_format("%s%s%s", affix[2], name, affix[3]);
        add_pair(neighbours, longer_namespace, longer_name);
    }
    add_pair(neighbours, shorter_namespace, name);
    add_pair(neighbours, namespace_, shorter_name);
    add_pair(neighbours, namespace_, upper_name);
    add_pair(neighbours, name, namespace_);
    add_pair(neighbours, "kube-system", name);
    add_pair(neighbours, namespace_, "default");
    add_pair(neighbours, "elsewhere", "somebody");
}

/* Another cluster of the same place: the id's last character changed. */
static char *sibling_issuer(const char *issuer)
{
    char *sibling = irsa_strdup(issuer);
    size_t len = strlen(sibling);
    if (len > 0)
        sibling[len - 1] = sibling[len - 1] == '0' ? '1' : '0';
    return sibling;
}

void irsa_neighbours_add_binding(struct irsa_neighbours *neighbours, const char *provider_arn,
                                 const char *issuer, const char *subject, const char *audience)
{
    irsa_auto_error error = NULL;
    irsa_auto_provider_arn arn = {0};
    if (!neighbours->absent)
        neighbours->absent = json_object();
    add_issuer(neighbours, provider_arn, issuer);
    if (irsa_provider_arn_parse(provider_arn, &arn, &error) == 0) {
        irsa_autofree char *sibling = sibling_issuer(issuer);
        add_issuer_of(neighbours, arn.partition, arn.account, sibling);
        add_issuer_of(neighbours, arn.partition, arn.account, "issuer.example.org/elsewhere");
        irsa_autofree char *root = irsa_format("arn:%s:iam::%s:root", arn.partition, arn.account);
        irsa_strings_add(&neighbours->types, "AWS");
        irsa_strings_add(&neighbours->principals, root);
    }
    irsa_strings_add(&neighbours->types, "Service");
    irsa_strings_add(&neighbours->principals, "ec2.amazonaws.com");
    add(&neighbours->subjects, subject, MAX_SUBJECTS, neighbours);
    irsa_autofree char *namespace_ = NULL;
    irsa_autofree char *name = NULL;
    if (irsa_subject_parse(subject, &namespace_, &name))
        add_variations(neighbours, namespace_, name);
    add(&neighbours->audiences, audience, MAX_AUDIENCES, neighbours);
    add(&neighbours->audiences, IRSA_DEFAULT_AUDIENCE, MAX_AUDIENCES, neighbours);
    add(&neighbours->audiences, "other.example.org", MAX_AUDIENCES, neighbours);
    static const char *const actions[] = {IRSA_ACTION_WEB_IDENTITY, "sts:AssumeRole",
                                          "sts:AssumeRoleWithSAML", "sts:TagSession"};
    for (size_t i = 0; i < IRSA_COUNT(actions); i++)
        add(&neighbours->actions, actions[i], MAX_OTHERS, neighbours);
}

/* --- the requests ----------------------------------------------------------------------------- */

struct token {
    json_t *context; /* of this issuer; its sub and aud change from token to token */
    char *sub_key;
    char *aud_key;
};

static void token_done(struct token *token)
{
    json_decref(token->context);
    free(token->sub_key);
    free(token->aud_key);
}
#define auto_token IRSA_CLEANUP(token_done) struct token

static bool visit_token(const struct irsa_neighbours *neighbours, const struct irsa_neighbour *base,
                        bool all_actions, irsa_neighbour_visit *visit, void *context)
{
    if (!visit(base, context))
        return false;
    struct irsa_neighbour neighbour = *base;
    for (size_t i = 0; all_actions && i < neighbours->actions.len; i++) {
        neighbour.request.action = neighbours->actions.items[i];
        if (!visit(&neighbour, context))
            return false;
    }
    return true;
}

static bool visit_issuer(const struct irsa_neighbours *neighbours, size_t index,
                         irsa_neighbour_visit *visit, void *context)
{
    const char *provider = neighbours->providers.items[index];
    const char *issuer = neighbours->issuers.items[index];
    auto_token token = {irsa_request_web_identity_context(provider, issuer, "", ""),
                        irsa_format("%s:sub", issuer), irsa_format("%s:aud", issuer)};
    for (size_t s = 0; s < neighbours->subjects.len; s++) {
        const char *subject = neighbours->subjects.items[s];
        (void)json_object_set_new(token.context, token.sub_key, json_string(subject));
        for (size_t a = 0; a < neighbours->audiences.len; a++) {
            const char *audience = neighbours->audiences.items[a];
            (void)json_object_set_new(token.context, token.aud_key, json_string(audience));
            const struct irsa_neighbour neighbour = {
                .request = {.principal_type = "Federated",
                            .principal = provider,
                            .action = IRSA_ACTION_WEB_IDENTITY,
                            .context = token.context,
                            .issuer = issuer},
                .subject = subject,
                .audience = audience,
            };
            /* other actions: of the first bindings alone */
            bool all_actions = a == 0 && s <= 1;
            if (!visit_token(neighbours, &neighbour, all_actions, visit, context))
                return false;
        }
    }
    return true;
}

static bool visit_others(const struct irsa_neighbours *neighbours, irsa_neighbour_visit *visit,
                         void *context)
{
    for (size_t i = 0; i < neighbours->types.len; i++) {
        for (size_t j = 0; j < neighbours->actions.len; j++) {
            struct irsa_neighbour neighbour = {
                .request = {.principal_type = neighbours->types.items[i],
                            .principal = neighbours->principals.items[i],
                            .action = neighbours->actions.items[j],
                            .context = neighbours->absent}};
            if (!visit(&neighbour, context))
                return false;
        }
    }
    return true;
}

bool irsa_neighbours_each(const struct irsa_neighbours *neighbours, irsa_neighbour_visit *visit,
                          void *context)
{
    for (size_t i = 0; i < neighbours->issuers.len; i++) {
        if (!visit_issuer(neighbours, i, visit, context))
            return false;
    }
    return visit_others(neighbours, visit, context);
}

void irsa_neighbours_done(struct irsa_neighbours *neighbours)
{
    irsa_strings_done(&neighbours->issuers);
    irsa_strings_done(&neighbours->providers);
    irsa_strings_done(&neighbours->subjects);
    irsa_strings_done(&neighbours->audiences);
    irsa_strings_done(&neighbours->actions);
    irsa_strings_done(&neighbours->types);
    irsa_strings_done(&neighbours->principals);
    json_decref(neighbours->absent);
    *neighbours = (struct irsa_neighbours){0};
}
