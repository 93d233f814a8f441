/* SPDX-License-Identifier: Apache-2.0 */
#include "property.h"

static const char *const names[] = {"api", "web", "worker", "job"};
static const char *const namespaces[] = {"app", "dev"};

struct writer {
    struct chance *chance;
    const char *directory;
    struct irsa_intent *intent;
    struct irsa_error **reterr;
};

static int write_text(const struct writer *w, const char *name, const char *text)
{
    irsa_autofree char *path = irsa_format("%s/%s", w->directory, name);
    return irsa_file_replace(path, text, strlen(text), 0666, w->reterr);
}

/* Takes the value. */
static int write_json(const struct writer *w, const char *name, json_t *value)
{
    json_auto_t *json = value;
    irsa_auto_buf text = {0};
    irsa_json_write(json, &text);
    return write_text(w, name, text.data);
}

/* --- AWS -------------------------------------------------------------------------------------- */

static int write_cluster(const struct writer *w)
{
    return write_json(w, "cluster.json",
                      json_pack("{s:{s:s, s:s, s:{s:{s:s}}}}", "cluster", "name", "shop", "arn",
                                "arn:aws:eks:eu-west-1:" ACCOUNT ":cluster/shop", "identity",
                                "oidc", "issuer", "https://" ISSUER));
}

static int write_provider(const struct writer *w, json_t *list, const char *file,
                          const char *issuer, const char *audience)
{
    irsa_autofree char *arn = irsa_provider_arn_text("aws", ACCOUNT, issuer);
    (void)json_array_append_new(list, json_pack("{s:s}", "Arn", arn));
    return write_json(
        w, file,
        json_pack("{s:s, s:[s], s:[]}", "Url", issuer, "ClientIDList", audience, "ThumbprintList"));
}

static int write_providers(const struct writer *w)
{
    json_t *list = json_array();
    int failed = write_provider(w, list, "live.json", LIVE_ISSUER, "sts.amazonaws.com");
    static const struct {
        const char *issuer;
        const char *audience;
    } forms[] = {
        {ISSUER, "sts.amazonaws.com"},
        {ISSUER, "sts.amazonaws.com"},
        {ISSUER, "other"},
        {"oidc-eks.eu-west-1.api.aws/id/AAAABBBBCCCCDDDDEEEEFFFF00001111", "sts.amazonaws.com"},
    };
    size_t form = draw(w->chance, IRSA_COUNT(forms) + 1);
    if (form < IRSA_COUNT(forms))
        failed |= write_provider(w, list, "own.json", forms[form].issuer, forms[form].audience);
    return failed
           | write_json(w, "providers.json", json_pack("{s:o}", "OpenIDConnectProviderList", list));
}

static json_t *encode_trust(struct chance *chance, json_t *trust)
{
    if (json_is_string(trust) || draw(chance, 4) > 0)
        return trust;
    irsa_auto_buf text = {0};
    irsa_auto_buf encoded = {0};
    irsa_json_write(trust, &text);
    irsa_url_encode(text.data, text.len, &encoded);
    json_decref(trust);
    return json_string(encoded.data);
}

static json_t *role_json(struct chance *chance, const char *namespace_, const char *name)
{
    irsa_autofree char *role = irsa_format("%s-%s", namespace_, name);
    irsa_autofree char *arn = irsa_format(ROLE "%s", role);
    json_t *trust = encode_trust(chance, property_trust(chance, namespace_, name));
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:[], s:[{s:s, s:s}], s:[], s:[]}", "Path", "/",
                     "RoleName", role, "RoleId", "AROA1", "Arn", arn, "AssumeRolePolicyDocument",
                     trust, "RolePolicyList", "AttachedManagedPolicies", "PolicyName", "P",
                     "PolicyArn", "arn:aws:iam::aws:policy/P", "InstanceProfileList", "Tags");
}

/* --- Kubernetes ------------------------------------------------------------------------------- */

static char *draw_value(struct chance *chance, const char *role)
{
    switch (draw(chance, 10)) {
    case 0:
        return irsa_format(" " ROLE "%s", role);
    case 1:
        return irsa_format(ROLE "%s\n", role);
    case 2:
        return irsa_strdup(role);
    case 3:
        return irsa_format("\"" ROLE "%s\"", role);
    case 4:
        return irsa_format("arn:aws:iam::" ACCOUNT ":role:%s", role);
    default:
        return irsa_format(ROLE "%s", role);
    }
}

static json_t *draw_annotations(struct chance *chance, const char *role)
{
    static const char *const keys[] = {
        IRSA_ANNOTATION_ROLE_ARN, IRSA_ANNOTATION_ROLE_ARN,     IRSA_ANNOTATION_ROLE_ARN,
        IRSA_ANNOTATION_ROLE_ARN, "eks.amazon.com/role-arn",    "eks.amazonaws.com/role_arn",
        "iam.amazonaws.com/role", "eks.amazonaws.com/role-ARN",
    };
    json_t *annotations = json_pack("{s:s}", "example.com/note", "mine # not a comment");
    if (draw(chance, 6) == 0)
        return annotations;
    irsa_autofree char *value = draw_value(chance, role);
    (void)json_object_set_new(annotations, keys[draw(chance, IRSA_COUNT(keys))],
                              json_string(value));
    return annotations;
}

static json_t *account_json(struct chance *chance, const char *namespace_, const char *name,
                            const char *role)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s, s:o}}", "apiVersion", "v1", "kind", "ServiceAccount",
                     "metadata", "name", name, "namespace", namespace_, "annotations",
                     draw_annotations(chance, role));
}

static json_t *bare_account_json(const char *namespace_, const char *name)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s}}", "apiVersion", "v1", "kind", "ServiceAccount",
                     "metadata", "name", name, "namespace", namespace_);
}

/* One file, as JSON, as a YAML List, or as YAML documents with comments between. */
static int write_accounts(const struct writer *w, const char *namespace_, json_t *items)
{
    irsa_autofree char *name = irsa_format("accounts-%s.json", namespace_);
    irsa_autofree char *yaml = irsa_format("accounts-%s.yaml", namespace_);
    json_auto_t *list =
        json_pack("{s:s, s:s, s:O}", "apiVersion", "v1", "kind", "List", "items", items);
    irsa_auto_buf text = {0};
    irsa_buf_adds(&text, "# kept by hand\n");
    switch (draw(w->chance, 3)) {
    case 0:
        return write_json(w, name, json_incref(list));
    case 1:
        irsa_yaml_write(list, &text);
        break;
    default:
        for (size_t i = 0; i < json_array_size(items); i++) {
            irsa_buf_addf(&text, "---\n# number %zu\n", i);
            irsa_yaml_write(json_array_get(items, i), &text);
        }
        break;
    }
    return write_text(w, yaml, text.data);
}

/* --- all of it -------------------------------------------------------------------------------- */

static void add_wish(const struct writer *w, const char *namespace_, const char *name,
                     const char *role)
{
    struct irsa_wish *wish = irsa_intent_add_wish(w->intent, namespace_, name, "irsa-fix.ini:1");
    irsa_strings_add(&wish->settings.policy_arns, "arn:aws:iam::aws:policy/P");
    wish->role = irsa_strdup(role);
    wish->create_role = true;
}

/* One service account, its role (its own or a shared one), and whether it was asked for. */
static void draw_binding(const struct writer *w, const char *namespace_, const char *name,
                         json_t *items, json_t *roles)
{
    bool shared = draw(w->chance, 4) == 0;
    bool has_role = shared || draw(w->chance, 6) > 0;
    bool has_account = draw(w->chance, 6) > 0;
    irsa_autofree char *role =
        shared ? irsa_strdup("app-shared") : irsa_format("%s-%s", namespace_, name);
    if (!has_role || !has_account || draw(w->chance, 5) == 0)
        add_wish(w, namespace_, name, role);
    if (has_role && !shared)
        (void)json_array_append_new(roles, role_json(w->chance, namespace_, name));
    if (has_account)
        (void)json_array_append_new(items, account_json(w->chance, namespace_, name, role));
}

static void draw_allowed(const struct writer *w)
{
    for (int i = 0; i < IRSA_CLASS_MAX_; i++) {
        if (i != IRSA_CLASS_ADDITIVE && draw(w->chance, 4) == 0)
            w->intent->allow[i] = true;
    }
}

int property_world_write(struct chance *chance, const char *directory, struct irsa_intent *intent,
                         struct irsa_error **reterr)
{
    struct writer w = {chance, directory, intent, reterr};
    draw_allowed(&w);
    if (write_cluster(&w) < 0 || write_providers(&w) < 0)
        return -1;
    json_t *roles = json_array();
    (void)json_array_append_new(roles, role_json(chance, "app", "shared"));
    int failed = 0;
    for (size_t i = 0; i < IRSA_COUNT(namespaces); i++) {
        json_auto_t *items = json_array();
        /* Names that occur in trust policies without a binding of their own, there or not. */
        if (draw(chance, 2) == 0)
            (void)json_array_append_new(items, bare_account_json(namespaces[i], "other"));
        (void)json_array_append_new(items, bare_account_json(namespaces[i], "shared"));
        for (size_t j = 0; j < IRSA_COUNT(names); j++) {
            if (draw(chance, 2) == 0)
                draw_binding(&w, namespaces[i], names[j], items, roles);
        }
        if (failed == 0)
            failed = write_accounts(&w, namespaces[i], items);
    }
    json_t *details = json_pack("{s:[], s:[], s:o, s:[], s:b}", "UserDetailList", "GroupDetailList",
                                "RoleDetailList", roles, "Policies", "IsTruncated", 0);
    return write_json(&w, "roles.json", details) | failed;
}
