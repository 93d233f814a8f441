/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diagnose: the checks. One table {code, severity, title, function}; one file per link of the
 * chain. Each check reads facts and bindings and reports findings, each with its evidence and,
 * where there is a remedy, what would have to be done. One cause is one finding, however many
 * bindings it breaks. Pure.
 */
#ifndef IRSA_FIX_DIAGNOSE_H
#define IRSA_FIX_DIAGNOSE_H

#include "irsa/intent.h"

enum irsa_severity { IRSA_SEVERITY_ERROR, IRSA_SEVERITY_WARNING, IRSA_SEVERITY_NOTE };
/* "error", "warning", "note". Static. */
const char *irsa_severity_text(enum irsa_severity severity);

enum irsa_certainty { IRSA_VERIFIED, IRSA_INFERRED, IRSA_NOT_CHECKABLE };
/* "verified", "inferred", "not-checkable". Static. */
const char *irsa_certainty_text(enum irsa_certainty certainty);

/* The links of the chain, in the order in which they are shown. */
enum irsa_link {
    IRSA_LINK_CLUSTER, /* issuer, identity of the cluster; contradictions */
    IRSA_LINK_PROVIDER,
    IRSA_LINK_ROLE, /* existence */
    IRSA_LINK_TRUST,
    IRSA_LINK_SERVICE_ACCOUNT,
    IRSA_LINK_POD, /* pods, workloads, webhook */
    IRSA_LINK_PERMISSIONS,
    IRSA_LINK_MAX_,
};
/* "provider", "trust policy", ... Static. */
const char *irsa_link_text(enum irsa_link link);

/* What would mend a finding; src/plan turns it into changes. */
enum irsa_fix_kind {
    IRSA_FIX_CREATE_PROVIDER, /* target = provider ARN, value = audience */
    IRSA_FIX_ADD_CLIENT_ID,   /* target = provider ARN, value = audience */
    IRSA_FIX_ADD_THUMBPRINT,  /* target = provider ARN, value = lower-case hex SHA-1 */
    IRSA_FIX_DELETE_PROVIDER, /* target = provider ARN */
    IRSA_FIX_CREATE_ROLE,     /* of `binding`; with trust policy and permissions */
    IRSA_FIX_UPDATE_ROLE,  /* target = role ARN, key = "MaxSessionDuration" | "PermissionsBoundary",
                              value */
    IRSA_FIX_TRUST_ALLOW,  /* make the role's trust policy allow `binding` */
    IRSA_FIX_TRUST_NARROW, /* target = role ARN, statement; subjects = the known bindings it serves
                            */
    IRSA_FIX_ATTACH_POLICY,            /* target = role ARN, value = policy ARN */
    IRSA_FIX_PUT_ROLE_POLICY,          /* target = role ARN, key = policy name, document */
    IRSA_FIX_CREATE_NAMESPACE,         /* target = name */
    IRSA_FIX_CREATE_SERVICE_ACCOUNT,   /* of `binding` */
    IRSA_FIX_SET_ANNOTATION,           /* of `binding`'s service account: key, value */
    IRSA_FIX_REMOVE_ANNOTATION,        /* of `binding`'s service account: key */
    IRSA_FIX_SET_SERVICE_ACCOUNT_NAME, /* workload (target = "Deployment/NAME" in `namespace_`):
                                          value = right name */
    IRSA_FIX_RESTART,                  /* workload, as above */
};
struct irsa_fix {
    enum irsa_fix_kind kind;
    enum irsa_class class_;
    size_t binding;               /* index, or SIZE_MAX */
    char *target;                 /* see the kinds; or NULL */
    char *namespace_;             /* or NULL */
    char *key;                    /* or NULL */
    char *value;                  /* or NULL */
    json_t *document;             /* or NULL */
    size_t statement;             /* TRUST_NARROW */
    struct irsa_strings subjects; /* TRUST_NARROW */
};

struct irsa_finding {
    const struct irsa_check *check; /* code and title */
    enum irsa_severity severity;
    char *subject_kind; /* "Role", "ServiceAccount", "OpenIDConnectProvider", "Deployment", "Pod",
                           "Cluster", ... */
    char *subject_name;
    char *subject_namespace; /* or NULL */
    char *message;           /* one line, complete on its own, names the objects */
    char *observed;          /* or NULL */
    char *expected;          /* or NULL */
    char *source; /* "iam/roles/app.json: AssumeRolePolicyDocument.Statement[0].Condition" */
    enum irsa_certainty certainty;
    char *help;                /* what to do, one imperative; or NULL */
    struct irsa_strings notes; /* what else changes the decision */
    size_t *bindings;          /* indexes of the bindings it breaks or concerns */
    size_t binding_count;
    bool breaks;          /* makes `works` false for its bindings */
    bool blocks_decision; /* makes `works` null for its bindings, unless something breaks them */
    struct irsa_fix *fixes;
    size_t fix_count;
};

/* One link of one binding, for the chain that the text report draws. */
enum irsa_link_state { IRSA_LINK_HOLDS, IRSA_LINK_BROKEN, IRSA_LINK_UNKNOWN };

enum irsa_works { IRSA_WORKS_NO, IRSA_WORKS_YES, IRSA_WORKS_UNKNOWN };

struct irsa_skipped {
    const struct irsa_check *check;
    char *reason;
};

struct irsa_diagnosis {
    struct irsa_finding *findings; /* by severity, link, code, subject */
    size_t finding_count;
    enum irsa_works *works; /* one a binding: a pod created now, before any change */
    enum irsa_link_state (*links)[IRSA_LINK_MAX_]; /* one row a binding */
    size_t binding_count;
    size_t passed;                /* checks that ran and found nothing */
    size_t failed;                /* checks that found something */
    struct irsa_skipped *skipped; /* checks that could not be made, and why */
    size_t skipped_count;
};
void irsa_diagnosis_done(struct irsa_diagnosis *diagnosis);

/* The checks. Codes are stable: IRSA00x cluster, 01x provider, 02x-03x trust policy, 04x role and
 * permissions, 05x service account, 06x-07x pods and workloads, 08x webhook, 09x what could not be
 * seen, 10x trust policies that work and let too much in. */
struct irsa_check {
    const char *code;  /* "IRSA021" */
    const char *title; /* "trust policy expects another audience" */
    enum irsa_severity severity;
    enum irsa_link link;
};
/* All codes in order; NULL-terminated array of pointers. Static. */
const struct irsa_check *const *irsa_checks(void);
/* By code (letter case ignored), or NULL. */
const struct irsa_check *irsa_check_find(const char *code);

void irsa_diagnose(const struct irsa_facts *facts, const struct irsa_intent *intent,
                   const struct irsa_bindings *bindings, struct irsa_diagnosis *ret);

/* The Markdown page of docs/checks for a code, compiled in; NULL for an unknown code. */
const char *irsa_check_page(const char *code);

#endif
