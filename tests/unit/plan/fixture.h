/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan from hand-made findings: facts from texts (' for "), bindings as they resolve, and of each
 * test's own the findings with their fixes.
 */
#ifndef IRSA_FIX_TESTS_PLAN_FIXTURE_H
#define IRSA_FIX_TESTS_PLAN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/draft.h"

#define ACCOUNT "111122223333"
#define ISSUER "oidc.eks.eu-west-1.amazonaws.com/id/AAAABBBBCCCCDDDDEEEEFFFF00001111"
#define PROVIDER "arn:aws:iam::" ACCOUNT ":oidc-provider/" ISSUER
#define ROLE(name) "arn:aws:iam::" ACCOUNT ":role/" name

struct fixture {
    struct irsa_facts *facts;
    struct irsa_intent *intent;
    struct irsa_templates *templates;
    struct irsa_plan *plan;
    struct irsa_check check;
};

static inline json_t *parse(const char *text)
{
    irsa_autofree char *json = irsa_strdup(text);
    for (char *c = json; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    irsa_auto_error error = NULL;
    json_t *value = irsa_json_read("fixture", json, strlen(json), &error);
    if (!value)
        fail_msg("%s in %s", irsa_error_message(error), text);
    return value;
}

static inline void add_fact(struct fixture *f, const char *text)
{
    irsa_autofree char *name = irsa_format("file%zu.json", f->facts->files.len);
    uint32_t file = irsa_facts_add_file(f->facts, name);
    json_auto_t *document = parse(text);
    bool known = false;
    irsa_auto_error error = NULL;
    if (irsa_facts_add_document(f->facts, file, 0, document, &known, &error) < 0)
        fail_msg("%s", irsa_error_message(error));
    assert_true(known);
}

static inline void add_account(struct fixture *f, const char *namespace_, const char *name,
                               const char *annotations)
{
    irsa_autofree char *text =
        irsa_format("{'apiVersion': 'v1', 'kind': 'ServiceAccount', 'metadata': {'namespace': '%s',"
                    " 'name': '%s', 'annotations': %s}}",
                    namespace_, name, annotations);
    add_fact(f, text);
}

static inline void add_role(struct fixture *f, const char *name, const char *trust)
{
    irsa_autofree char *text =
        irsa_format("{'Role': {'Path': '/', 'RoleName': '%s', 'RoleId': 'AROA%s', 'Arn': '" ROLE(
                        "%s") "',"
                              " 'MaxSessionDuration': 3600, 'AssumeRolePolicyDocument': %s}}",
                    name, name, name, trust);
    add_fact(f, text);
}

/* A statement that lets in one subject. */
static inline char *trust_for(const char *subject)
{
    return irsa_format("{'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal':"
                       " {'Federated': '" PROVIDER "'}, 'Action': '" IRSA_ACTION_WEB_IDENTITY "',"
                       " 'Condition': {'StringEquals': {'" ISSUER ":sub': '%s',"
                       " '" ISSUER ":aud': 'sts.amazonaws.com'}}}]}",
                       subject);
}

static inline int fixture_setup(void **state)
{
    struct fixture *f = irsa_calloc(1, sizeof(*f));
    f->facts = irsa_facts_new();
    f->intent = irsa_intent_new();
    irsa_auto_error error = NULL;
    if (irsa_templates_load(NULL, &f->templates, &error) < 0)
        fail_msg("%s", irsa_error_message(error));
    f->intent->templates = f->templates;
    f->check = (struct irsa_check){.code = "IRSA020", .title = "a title", .link = IRSA_LINK_TRUST};
    add_fact(f, "{'cluster': {'name': 'shop', 'arn': 'arn:aws:eks:eu-west-1:" ACCOUNT
                ":cluster/shop', 'identity': {'oidc': {'issuer': 'https://" ISSUER "'}}}}");
    add_fact(f, "{'OpenIDConnectProviderList': [{'Arn': '" PROVIDER "'}]}");
    add_fact(f, "{'Url': '" ISSUER "', 'ClientIDList': ['other'], 'ThumbprintList': []}");
    *state = f;
    return 0;
}

static inline int fixture_teardown(void **state)
{
    struct fixture *f = *state;
    irsa_plan_free(f->plan);
    irsa_intent_free(f->intent);
    irsa_templates_free(f->templates);
    irsa_facts_free(f->facts);
    free(f);
    return 0;
}

/* Facts are complete; bindings resolve. */
static inline void begin(struct fixture *f)
{
    irsa_auto_error error = NULL;
    if (irsa_facts_finish(f->facts, &error) < 0)
        fail_msg("%s", irsa_error_message(error));
    f->plan = irsa_calloc(1, sizeof(*f->plan));
    f->plan->facts = f->facts;
    f->plan->intent = f->intent;
    if (irsa_resolve(f->facts, f->intent, &f->plan->bindings, &error) < 0)
        fail_msg("%s", irsa_error_message(error));
    struct irsa_diagnosis *diagnosis = &f->plan->diagnosis;
    diagnosis->binding_count = f->plan->bindings.len;
    diagnosis->works = irsa_calloc(f->plan->bindings.len + 1, sizeof(*diagnosis->works));
    diagnosis->links = irsa_calloc(f->plan->bindings.len + 1, sizeof(*diagnosis->links));
}

static inline size_t binding_of(const struct fixture *f, const char *service_account)
{
    for (size_t i = 0; i < f->plan->bindings.len; i++) {
        if (strcmp(f->plan->bindings.items[i].service_account, service_account) == 0)
            return i;
    }
    fail_msg("no binding %s", service_account);
    return 0;
}

/* A finding of severity error about one binding. Borrowed until the next one. */
static inline struct irsa_finding *add_finding(struct fixture *f, size_t binding)
{
    struct irsa_diagnosis *diagnosis = &f->plan->diagnosis;
    diagnosis->findings =
        irsa_grow(diagnosis->findings, diagnosis->finding_count, sizeof(struct irsa_finding));
    struct irsa_finding *finding = &diagnosis->findings[diagnosis->finding_count++];
    *finding = (struct irsa_finding){
        .check = &f->check,
        .subject_kind = irsa_strdup("Role"),
        .subject_name = irsa_strdup("r"),
        .message = irsa_strdup("something is wrong"),
        .bindings = irsa_calloc(1, sizeof(size_t)),
        .binding_count = 1,
    };
    finding->bindings[0] = binding;
    return finding;
}

static inline struct irsa_fix *add_fix(struct irsa_finding *finding, enum irsa_fix_kind kind,
                                       enum irsa_class class_)
{
    finding->fixes = irsa_grow(finding->fixes, finding->fix_count, sizeof(struct irsa_fix));
    struct irsa_fix *fix = &finding->fixes[finding->fix_count++];
    *fix = (struct irsa_fix){.kind = kind, .class_ = class_, .binding = finding->bindings[0]};
    return fix;
}

static inline void set_fix(struct irsa_fix *fix, const char *target, const char *key,
                           const char *value)
{
    fix->target = target ? irsa_strdup(target) : NULL;
    fix->key = key ? irsa_strdup(key) : NULL;
    fix->value = value ? irsa_strdup(value) : NULL;
}

static inline void end(struct fixture *f)
{
    irsa_auto_error error = NULL;
    if (irsa_plan_changes(f->plan, &error) < 0)
        fail_msg("%s", irsa_error_message(error));
}

static inline void assert_json(const json_t *value, const char *text)
{
    json_auto_t *expected = parse(text);
    if (json_equal(value, expected))
        return;
    irsa_autofree char *found = value ? json_dumps(value, JSON_INDENT(1)) : irsa_strdup("(none)");
    fail_msg("expected %s, found %s", text, found);
}

#endif
