/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/text.h"
#include "irsa/identity.h"

/* Views into an issuer's text: host without port, path from its first slash on ("" for none), and
 * the last part of the path, the id of EKS issuers. */
struct view {
    char *text; /* the issuer without scheme, doubled and trailing slashes */
    char *host;
    const char *path;
    const char *last;
    bool scheme;
    bool port;
};

static void view_done(struct view *view)
{
    free(view->text);
    free(view->host);
}
#define auto_view IRSA_CLEANUP(view_done) struct view

static void view_init(const char *issuer, struct view *view)
{
    const char *scheme_end = strstr(issuer, "://");
    view->scheme = scheme_end != NULL;
    view->text = irsa_squeeze_slashes(scheme_end ? scheme_end + 3 : issuer);
    size_t len = strlen(view->text);
    if (len > 0 && view->text[len - 1] == '/')
        view->text[len - 1] = '\0';
    size_t host_len = strcspn(view->text, "/");
    view->path = view->text + host_len;
    const char *slash = strrchr(view->path, '/');
    view->last = slash ? slash + 1 : "";
    size_t name_len = strcspn(view->text, ":/");
    view->port = view->text[name_len] == ':';
    view->host = irsa_strndup(view->text, name_len);
}

static bool same_path_nocase(const struct view *a, const struct view *b)
{
    return irsa_equal_nocase(a->path, b->path);
}

/* oidc-eks.REGION.api.aws against oidc.eks.REGION.amazonaws.com, for the same region
 * (https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html). */
static bool is_dual_stack_of(const char *wanted, const char *found)
{
    irsa_auto_error error = NULL;
    irsa_auto_issuer a = {0};
    irsa_auto_issuer b = {0};
    if (irsa_issuer_parse(wanted, &a, &error) != 0 || irsa_issuer_parse(found, &b, &error) != 0)
        return false;
    return a.region && b.region && strcmp(a.region, b.region) == 0
           && irsa_has_prefix(a.host, "oidc.eks.") && irsa_has_prefix(b.host, "oidc-eks.");
}

static enum irsa_issuer_relation compare(const struct view *wanted, const struct view *found)
{
    bool same_host = irsa_equal_nocase(wanted->host, found->host);
    bool same_last = *wanted->last && irsa_equal_nocase(wanted->last, found->last);
    bool wanted_id = irsa_has_prefix(wanted->path, "/id/") && *wanted->last;
    bool found_id = irsa_has_prefix(found->path, "/id/") && *found->last;
    if (same_host && same_path_nocase(wanted, found)) {
        if (wanted->scheme != found->scheme)
            return IRSA_ISSUER_SAME_BUT_SCHEME;
        if (wanted->port || found->port)
            return IRSA_ISSUER_SAME_BUT_PORT;
        return IRSA_ISSUER_SAME_BUT_SLASH;
    }
    if (same_last && wanted_id && !same_host && is_dual_stack_of(wanted->text, found->text))
        return IRSA_ISSUER_DUAL_STACK;
    if (same_last && wanted_id && !same_host)
        return IRSA_ISSUER_SAME_ID_OTHER_HOST;
    if (same_host && wanted_id && found_id)
        return IRSA_ISSUER_SAME_HOST_OTHER_ID;
    if (same_host && same_last && wanted_id && found->last == found->path + 1)
        return IRSA_ISSUER_MISSING_ID_PREFIX;
    return IRSA_ISSUER_UNRELATED;
}

enum irsa_issuer_relation irsa_issuer_relation(const char *wanted, const char *found)
{
    if (strcmp(wanted, found) == 0)
        return IRSA_ISSUER_EQUAL;
    if (irsa_equal_nocase(wanted, found))
        return IRSA_ISSUER_SAME_BUT_CASE;
    auto_view wanted_view = {0};
    auto_view found_view = {0};
    view_init(wanted, &wanted_view);
    view_init(found, &found_view);
    return compare(&wanted_view, &found_view);
}

const char *irsa_issuer_relation_text(enum irsa_issuer_relation relation)
{
    switch (relation) {
    case IRSA_ISSUER_EQUAL:
        return "is the same";
    case IRSA_ISSUER_SAME_BUT_CASE:
        return "differs in letter case";
    case IRSA_ISSUER_SAME_BUT_SLASH:
        return "differs in a slash";
    case IRSA_ISSUER_SAME_BUT_SCHEME:
        return "differs in the scheme (https://)";
    case IRSA_ISSUER_SAME_BUT_PORT:
        return "differs in the port";
    case IRSA_ISSUER_DUAL_STACK:
        return "is the dual-stack host of the same cluster, which no token names";
    case IRSA_ISSUER_SAME_ID_OTHER_HOST:
        return "has the same id at another host";
    case IRSA_ISSUER_SAME_HOST_OTHER_ID:
        return "is another cluster of the same region";
    case IRSA_ISSUER_MISSING_ID_PREFIX:
        return "lacks \"/id\" in front of the id";
    case IRSA_ISSUER_UNRELATED:
        break;
    }
    return "is unrelated";
}
