/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluates one case: see README.md here. */
#include "irsa/document.h"
#include "irsa/policy.h"

#include <unistd.h>

static const char *const decisions[] = {"allowed", "denied explicitly", "denied implicitly",
                                        "unknown"};

static char *path_in(const char *folder, const char *name)
{
    return irsa_format("%s/%s", folder, name);
}

/* NULL where there is no such file. */
static json_t *read_json(const char *folder, const char *name)
{
    irsa_autofree char *path = path_in(folder, name);
    irsa_auto_error error = NULL;
    irsa_auto_buf text = {0};
    if (access(path, R_OK) != 0)
        return NULL;
    json_t *value = NULL;
    if (irsa_file_read(path, 1 << 20, &text, &error) == 0)
        value = irsa_json_read(path, irsa_buf_str(&text), text.len, &error);
    if (!value) {
        (void)fprintf(stderr, "%s\n", irsa_error_message(error));
        exit(1);
    }
    return value;
}

static struct irsa_policy *read_policy(const char *folder, enum irsa_policy_kind kind)
{
    json_auto_t *document = read_json(folder, "policy.json");
    if (document)
        return irsa_policy_new(document, kind);
    irsa_autofree char *path = path_in(folder, "policy.txt");
    irsa_auto_error error = NULL;
    irsa_auto_buf text = {0};
    if (irsa_file_read(path, 1 << 20, &text, &error) != 0) {
        (void)fprintf(stderr, "%s\n", irsa_error_message(error));
        exit(1);
    }
    return irsa_policy_new_text(irsa_buf_str(&text), text.len, kind);
}

/* The request's context; with the web identity's keys where it is one. */
static json_t *context_of(const json_t *json)
{
    const char *provider = irsa_json_string(json, "provider", NULL);
    if (!provider)
        return json_deep_copy(json_object_get(json, "context"));
    json_t *context = irsa_request_web_identity_context(
        provider, irsa_json_string(json, "issuer", NULL), irsa_json_string(json, "subject", NULL),
        irsa_json_string(json, "audience", NULL));
    if (json_object_get(json, "context"))
        (void)json_object_update(context, json_object_get(json, "context"));
    return context;
}

static struct irsa_request request_of(const json_t *json, const json_t *context)
{
    const char *provider = irsa_json_string(json, "provider", NULL);
    const char *action = irsa_json_string(json, "action", NULL);
    return (struct irsa_request){
        .principal_type = provider ? "Federated" : irsa_json_string(json, "principal_type", NULL),
        .principal = provider ? provider : irsa_json_string(json, "principal", NULL),
        .action = action ? action : IRSA_ACTION_WEB_IDENTITY,
        .resource = irsa_json_string(json, "resource", NULL),
        .context = context,
        .issuer = irsa_json_string(json, "issuer", NULL),
    };
}

static void add_line(json_t *lines, char *line)
{
    json_array_append_new(lines, json_string(line));
    free(line);
}

static json_t *reason_of(const struct irsa_verdict *verdict)
{
    json_t *lines = json_array();
    if (verdict->statement != SIZE_MAX)
        add_line(lines,
                 irsa_format("statement %zu%s%s%s", verdict->statement, verdict->sid ? " (" : "",
                             verdict->sid ? verdict->sid : "", verdict->sid ? ")" : ""));
    for (size_t i = 0; i < verdict->miss_count; i++) {
        const struct irsa_near_miss *miss = &verdict->misses[i];
        add_line(lines, irsa_format("%s%s: expected %s, found %s", miss->deny ? "(Deny) " : "",
                                    miss->where, miss->expected, miss->found));
    }
    return lines;
}

static json_t *run(const char *folder)
{
    json_auto_t *json = read_json(folder, "request.json");
    json_auto_t *context = context_of(json);
    const struct irsa_request request = request_of(json, context);
    const char *kind_text = irsa_json_string(json, "kind", NULL);
    const enum irsa_policy_kind kind =
        request.issuer || (kind_text && strcmp(kind_text, "trust") == 0) ? IRSA_POLICY_TRUST
                                                                         : IRSA_POLICY_IDENTITY;
    irsa_auto_policy policy = read_policy(folder, kind);
    irsa_auto_verdict verdict = {0};
    irsa_policy_evaluate(policy, &request, &verdict);
    if (verdict.decision != irsa_policy_decide(policy, &request)) {
        (void)fprintf(stderr, "evaluate and decide differ\n");
        exit(1);
    }
    json_auto_t *boundary_document = read_json(folder, "boundary.json");
    irsa_auto_policy boundary =
        boundary_document ? irsa_policy_new(boundary_document, IRSA_POLICY_IDENTITY) : NULL;
    const struct irsa_policy *const policies[] = {policy};
    const enum irsa_decision decision =
        boundary ? irsa_policies_decide(policies, 1, boundary, &request) : verdict.decision;
    json_t *unknown = json_array();
    for (size_t i = 0; i < verdict.unknown_keys.len; i++)
        json_array_append_new(unknown, json_string(verdict.unknown_keys.items[i]));
    return json_pack("{s:s,s:o,s:o}", "decision", decisions[decision], "reason",
                     reason_of(&verdict), "unknown_keys", unknown);
}

int main(int argc, char **argv)
{
    const bool bless = argc == 3 && strcmp(argv[1], "--bless") == 0;
    if (argc != 2 && !bless)
        return 64;
    const char *folder = argv[argc - 1];
    json_auto_t *result = run(folder);
    irsa_autofree char *path = path_in(folder, "expected.json");
    irsa_auto_buf text = {0};
    irsa_json_write(result, &text);
    irsa_auto_error error = NULL;
    if (bless)
        return irsa_file_replace(path, irsa_buf_str(&text), text.len, 0644, &error) == 0 ? 0 : 1;
    json_auto_t *expected = read_json(folder, "expected.json");
    if (json_equal(result, expected))
        return 0;
    (void)fprintf(stderr, "%s: expected\n%s\nfound\n%s", folder,
                  json_dumps(expected, JSON_INDENT(4)), irsa_buf_str(&text));
    return 1;
}
