/* SPDX-License-Identifier: Apache-2.0 */
/*
 * intent: what is wanted. irsa-fix.ini and the command line become one struct irsa_intent; together
 * with the facts it resolves to bindings (cluster, namespace, service account, role), each with the
 * places it was named in. Pure but for reading irsa-fix.ini itself.
 */
#ifndef IRSA_FIX_INTENT_H
#define IRSA_FIX_INTENT_H

#include "irsa/base.h"
#include "irsa/document.h"
#include "irsa/facts.h"

/* Safety classes. Additive is what --yes applies; the others need --allow CLASS. */
enum irsa_class {
    IRSA_CLASS_ADDITIVE,
    IRSA_CLASS_NARROW,    /* takes access away from a too wide trust policy */
    IRSA_CLASS_PATTERN,   /* a wildcard that its author may have meant starts to work */
    IRSA_CLASS_OVERWRITE, /* an annotation or setting that somebody may rely on is replaced */
    IRSA_CLASS_RESTART,   /* pods are restarted */
    IRSA_CLASS_DELETE,    /* something is removed */
    IRSA_CLASS_OWNED,     /* the object belongs to Helm, Argo CD, ...: its owner will set it back */
    IRSA_CLASS_MAX_,
};
/* "additive", "narrow", ... Static. */
const char *irsa_class_text(enum irsa_class class_);
/* false for an unknown word. */
bool irsa_class_parse(const char *text, enum irsa_class *ret);

/* What a role shall be like when it is created or completed. NULL / 0: not said. */
struct irsa_role_settings {
    char *path; /* "/" when not said */
    char *description;
    char *boundary;                  /* policy ARN */
    int64_t max_session;             /* seconds, 3600..43200 */
    json_t *tags;                    /* object of strings */
    struct irsa_strings policy_arns; /* to be attached */
    struct irsa_strings policy_file_names;
    json_t **policy_documents; /* same order as the names: inline policies, already read */
    struct irsa_strings
        policy_names; /* same order: the inline policies' names (file name without extension) */
};
void irsa_role_settings_done(struct irsa_role_settings *settings);
/* What `settings` leaves open is taken from `from`; tags and policies are united, `settings` wins.
 */
void irsa_role_settings_complete(struct irsa_role_settings *settings,
                                 const struct irsa_role_settings *from);
/* True when permissions are declared: policies to attach, or inline policies. */
bool irsa_role_settings_grant(const struct irsa_role_settings *settings);
/* "3600".."43200" seconds (CreateRole, MaxSessionDuration), "2h", "90m". Errors: USAGE. */
int irsa_role_settings_max_session(struct irsa_role_settings *settings, const char *text,
                                   struct irsa_error **reterr);
/* "KEY=VALUE" (white space around both is dropped) into *pairs, made on first use. Errors: USAGE
 * (no `=`, no key, a key twice). */
int irsa_pairs_add(json_t **pairs, const char *text, struct irsa_error **reterr);
/* "KEY=VALUE, KEY=VALUE". */
int irsa_pairs_add_all(json_t **pairs, const char *text, struct irsa_error **reterr);

/* `needs = s3:GetObject arn:aws:s3:::bucket/x` */
struct irsa_need {
    char *action;
    char *resource;
};

/* One binding that somebody asked for. */
struct irsa_wish {
    char *namespace_;
    char *service_account;
    char *role;     /* name or ARN; NULL: from the annotation */
    char *audience; /* NULL: default */
    char *origin;   /* "irsa-fix.ini:12" or "command line" */
    struct irsa_role_settings settings;
    struct irsa_need *needs;
    size_t need_count;
    json_t *labels;        /* for a new ServiceAccount; object of strings or NULL */
    bool create_namespace; /* bootstrap --create-namespace */
    bool create_role;      /* permissions are declared: a missing role may be created */
    bool from_command_line;
};
void irsa_wish_done(struct irsa_wish *wish);
/* "s3:GetObject arn:aws:s3:::bucket/x". Errors: USAGE. */
int irsa_wish_add_need(struct irsa_wish *wish, const char *text, struct irsa_error **reterr);

struct irsa_account {
    char *id;
    char *profile;  /* for the live world */
    char *role_arn; /* for the live world */
};

/* Whose command lines findings and hints suggest. */
enum irsa_tool {
    IRSA_TOOL_PLANNING,    /* irsa-fix plan, apply, bootstrap */
    IRSA_TOOL_PERMISSIONS, /* irsa-fix permissions */
    IRSA_TOOL_KUBECTL,
    IRSA_TOOL_AWS,
    IRSA_TOOL_MAX_,
};

struct irsa_intent {
    /* [cluster] and the command line's source options; NULL: not said */
    char *cluster_name;
    char *region;
    char *account_id;
    char *issuer;
    /* selection */
    struct irsa_strings namespaces;       /* globs; empty: all */
    struct irsa_strings service_accounts; /* "NAME" or "NS/NAME", globs; empty: all */
    char *selector; /* label selector on ServiceAccounts (equality and set based) or NULL */
    /* [defaults] */
    char *audience; /* NULL: sts.amazonaws.com */
    struct irsa_role_settings defaults;
    size_t trust_policy_quota; /* characters; 0: IRSA_TRUST_POLICY_QUOTA */
    struct irsa_account *accounts;
    size_t account_count;
    struct irsa_wish *wishes;
    size_t wish_count;
    bool allow[IRSA_CLASS_MAX_]; /* --allow; [ADDITIVE] is always true */
    bool strict;
    bool undo; /* a run is taken back: what it changed is read in full, and who else uses it */
    struct irsa_strings undo_roles;     /* ARNs */
    struct irsa_strings undo_sessions;  /* ARNs of roles whose longest session is set back */
    struct irsa_strings undo_providers; /* ARNs */
    bool bootstrap; /* wishes of the command line may create role and service account */
    /* --thumbprint: lower-case hex SHA-1 of the issuer's top certificate, or NULL: not said */
    char *thumbprint;
    /* --repoint, --prune: the plan is about these alone */
    char *repoint;      /* what --repoint names: issuer, id, ARN, cluster, "stale"; or NULL */
    bool keep_old;      /* beside the old issuer, not in its place */
    bool prune;         /* trust in issuers that no longer exist goes */
    char *repoint_role; /* only this role (name or ARN), or NULL */
    char *config_file;  /* the irsa-fix.ini read, or NULL */
    /* The options with which a tool looks where this command line looks, quoted for a shell, each
     * with a space before it; NULL: none. */
    char *tool_options[IRSA_TOOL_MAX_];
    const struct irsa_templates *templates; /* borrowed */
};
struct irsa_intent *irsa_intent_new(void);
void irsa_intent_free(struct irsa_intent *intent);
static inline void irsa_intent_freep(struct irsa_intent **p)
{
    irsa_intent_free(*p);
}
#define irsa_auto_intent IRSA_CLEANUP(irsa_intent_freep) struct irsa_intent *
/* A new wish; borrowed, until the next one is added. */
struct irsa_wish *irsa_intent_add_wish(struct irsa_intent *intent, const char *namespace_,
                                       const char *service_account, const char *origin);

/* Reads irsa-fix.ini (format: docs/irsa-fix.ini.md) into intent; command-line values already set
 * win, a wish of the command line is completed by the file's for the same service account, and
 * every wish's settings have [defaults] taken in. A [cluster] section for another cluster than the
 * one that the command line names is passed over. Files named in it are taken relative to its
 * folder. Errors: "irsa-fix.ini:12: ..." (PARSE), IO. */
int irsa_intent_read_config(struct irsa_intent *intent, const char *path,
                            struct irsa_error **reterr);
/* The nearest irsa-fix.ini from `directory` upward; the caller's, or NULL. */
char *irsa_intent_find_config(const char *directory);
/* Reads one inline policy file into settings (name = file name without extension). Errors: IO,
 * PARSE. */
int irsa_role_settings_add_policy_file(struct irsa_role_settings *settings, const char *path,
                                       struct irsa_error **reterr);
/* Adds or completes the [serviceaccount "NS/NAME"] section of a config text for wish (bootstrap
 * --save-config); every other byte stays. `text` may be "" (a new file). */
int irsa_intent_save_wish(const char *name, const char *text, const struct irsa_wish *wish,
                          struct irsa_buf *ret, struct irsa_error **reterr);

/* Checks names against AWS's and Kubernetes' limits, before anything happens: USAGE errors that
 * name option or file and line, with the nearest right form as hint. */
int irsa_intent_check(const struct irsa_intent *intent, struct irsa_error **reterr);

/* A command line that can be pasted: `command` ("irsa-fix plan", "kubectl"), what the tool needs of
 * this command line, and the words up to NULL, quoted where a shell needs it. The caller's. */
char *irsa_suggest(const struct irsa_intent *intent, enum irsa_tool tool, const char *command, ...)
    __attribute__((sentinel));

/* --- resolving -------------------------------------------------------------------------------- */

/* The cluster that everything is about, put together from what is there and cross-checked. */
struct irsa_scope {
    char *cluster_name;   /* or NULL */
    char *account_id;     /* of the cluster, or NULL */
    char *account_alias;  /* what people call that account, or NULL */
    char *region;         /* or NULL */
    char *partition;      /* or NULL */
    char *issuer_url;     /* with https://, or NULL: not known */
    char *issuer;         /* host/path form of it, or NULL */
    bool issuer_inferred; /* concluded from trust policies and providers, not seen at the cluster */
    bool no_issuer;       /* the cluster was seen, and has none */
    const struct irsa_cluster *cluster; /* borrowed or NULL */
    struct irsa_strings
        contradictions; /* "account id: cluster ARN says 1111..., caller identity says 2222..." */
};
void irsa_scope_done(struct irsa_scope *scope);

enum irsa_named_by {
    IRSA_NAMED_BY_ANNOTATION = 1,
    IRSA_NAMED_BY_MISSPELT = 2, /* annotation with a wrong key, or a value that is no role ARN */
    IRSA_NAMED_BY_TRUST = 4,    /* a role's trust policy names the service account */
    IRSA_NAMED_BY_CONFIG = 8,
    IRSA_NAMED_BY_COMMAND_LINE = 16,
    IRSA_NAMED_BY_MISPLACED = 32, /* the annotation is on a pod, workload, ... */
    IRSA_NAMED_BY_SELECTION = 64, /* -s NS/NAME or -n with a literal -s: asked for */
};

struct irsa_binding {
    char *namespace_;
    char *service_account;
    char *role_arn; /* wanted role; NULL: it can't be told */
    char *role_account;
    char *role_name;
    char *role_path; /* "/" where not known */
    bool role_path_known;
    char *audience;     /* of the token: annotation eks.amazonaws.com/audience, else intent, else
                           default */
    char *subject;      /* system:serviceaccount:NS:NAME */
    char *provider_arn; /* of the scope's issuer in the role's account; NULL: not known */
    unsigned named_by;  /* enum irsa_named_by, or-ed */
    const struct irsa_service_account *account; /* borrowed or NULL */
    enum irsa_presence account_presence; /* ABSENT also where it was asked for and is nowhere */
    const struct irsa_role *role; /* borrowed or NULL; where role_presence is ABSENT, the one that
                                     is meant: it differs in path or letter case */
    enum irsa_presence role_presence; /* of exactly role_arn */
    const struct irsa_wish *wish;     /* borrowed or NULL */
    char *annotation;  /* value of the right key, as read, or NULL (non-strings as JSON text) */
    char *wrong_key;   /* a misspelt key that carries the ARN, or NULL */
    char *wrong_value; /* its value, or NULL */
    struct irsa_strings rivals; /* other role ARNs that could be meant (trust of several roles) */
};
struct irsa_bindings {
    struct irsa_scope scope;
    struct irsa_binding *items; /* by namespace, then name, then role */
    size_t len;
};
void irsa_binding_done(struct irsa_binding *binding);
void irsa_bindings_done(struct irsa_bindings *bindings);

/* Facts and intent -> bindings. Errors are for what makes any plan meaningless: two clusters and
 * none chosen (both named), a cluster that is not there, a role wanted by config that contradicts
 * itself. "No binding matches -s NAME" with the nearest names is an error too (NOT_FOUND). */
int irsa_resolve(const struct irsa_facts *facts, const struct irsa_intent *intent,
                 struct irsa_bindings *ret, struct irsa_error **reterr);

/* --- the old issuer (repoint.c) --------------------------------------------------------------- */

#define IRSA_REPOINT_STALE "stale"

/* True where intent->repoint names this cluster: it is the old one. */
bool irsa_repoint_is_cluster(const struct irsa_intent *intent, const struct irsa_cluster *cluster);
/* The name (or ARN) of the cluster that intent->repoint means, where it is none of the other forms:
 * its issuer has to be asked for. Borrowed, or NULL. */
const char *irsa_repoint_cluster_name(const struct irsa_intent *intent);
/* The issuer (host/path) that intent->repoint means; *ret stays NULL for "stale". Errors: USAGE (no
 * form of an issuer, the new issuer itself), NOT_FOUND (cluster or id that nothing shows), with the
 * nearest of the issuers that trust policies name as hint. */
int irsa_repoint_issuer(const struct irsa_facts *facts, const struct irsa_intent *intent,
                        const struct irsa_scope *scope, char **ret, struct irsa_error **reterr);
/* True when -n, -s take the service account; -l is not asked. */
bool irsa_intent_selects(const struct irsa_intent *intent, const char *namespace_,
                         const char *service_account);

/* The right annotation keys; and the misspelt forms that people use: true when key was meant as
 * eks.amazonaws.com/role-arn (eks.amazon.com/..., iam.amazonaws.com/role, role_arn, letter case).
 */
#define IRSA_ANNOTATION_ROLE_ARN "eks.amazonaws.com/role-arn"
#define IRSA_ANNOTATION_AUDIENCE "eks.amazonaws.com/audience"
#define IRSA_ANNOTATION_EXPIRATION "eks.amazonaws.com/token-expiration"
#define IRSA_ANNOTATION_REGIONAL_STS "eks.amazonaws.com/sts-regional-endpoints"
#define IRSA_ANNOTATION_SKIP "eks.amazonaws.com/skip-containers"
bool irsa_annotation_meant_role_arn(const char *key);

#endif
