/* SPDX-License-Identifier: Apache-2.0 */
/*
 * symptom: what error messages tell. One table of the messages that STS, the AWS SDKs, Kubernetes
 * and its controllers print where IRSA does not work, each with the codes (irsa/diagnose.h) that it
 * may stand for, the likeliest first, and why. Logs are read through it in bounded memory, and a
 * single refusal of STS is classed by it. Nothing that is kept of a log holds a secret or a control
 * character. Pure.
 */
#ifndef IRSA_FIX_SYMPTOM_H
#define IRSA_FIX_SYMPTOM_H

#include "irsa/diagnose.h"

enum irsa_symptom_family {
    IRSA_SYMPTOM_STS,         /* STS refuses AssumeRoleWithWebIdentity */
    IRSA_SYMPTOM_CREDENTIALS, /* the SDK or its credential chain finds none */
    IRSA_SYMPTOM_TOKEN,       /* the token's file: missing, not readable, not the right one */
    IRSA_SYMPTOM_NODE_ROLE,   /* the pod acts as its node (or as somebody else), not as its role */
    IRSA_SYMPTOM_METADATA,   /* the pod asks the instance metadata service, which does not answer */
    IRSA_SYMPTOM_NETWORK,    /* STS is not reached */
    IRSA_SYMPTOM_KUBERNETES, /* events, the pod identity webhook */
    IRSA_SYMPTOM_PERMISSIONS, /* the pod acts as a role, and the role may not do it */
    IRSA_SYMPTOM_IAM,         /* IAM refuses a policy or a provider that was to mend it */
    IRSA_SYMPTOM_FAMILY_MAX_,
};
/* "sts", "credentials", "token", "node-role", ... Static. */
const char *irsa_symptom_family_text(enum irsa_symptom_family family);

/* A code that a message may stand for. */
struct irsa_symptom_cause {
    const struct irsa_check *check; /* code and title */
    const char *reason;             /* why this message points to it; static */
};

/* What a message says of itself; each the caller's own or NULL. Redacted, no control characters. */
struct irsa_symptom_values {
    char *account;         /* twelve digits: of the role, the provider or the principal */
    char *role;            /* of the pod: its ARN, or its bare name where the message has no more */
    char *principal;       /* who was refused, an ARN */
    char *provider;        /* an OIDC provider's ARN */
    char *issuer;          /* https://... */
    char *region;          /* of the issuer, the cluster, or the STS endpoint */
    char *cluster;         /* an EKS cluster's name */
    char *session;         /* role session name */
    char *namespace_;      /* of the service account or the pod */
    char *service_account; /* name */
    char *action;          /* what was refused: "s3:GetObject" */
    char *resource;        /* on what: an ARN */
    char *request_id;      /* AWS' request id, of the first such message */
};

/* A message that was found, with its repetitions. */
struct irsa_symptom_match {
    const char *id; /* "sts-no-provider": stable; static */
    enum irsa_symptom_family family;
    const char *title; /* what the message means, one line; static */
    char *message;     /* its text as it stood in the first line */
    size_t first_line; /* from 1 */
    size_t last_line;
    size_t count;
    struct irsa_symptom_values values;
    struct irsa_symptom_cause *causes; /* the likeliest first; at least one */
    size_t cause_count;
};

/* --- logs: fed in pieces ---------------------------------------------------------------------- */

/* What is kept does not grow with the log: a window of some kilobytes, and the matches, which are
 * counted together by what they say; at most IRSA_SYMPTOM_MAX_MATCHES different ones. */
#define IRSA_SYMPTOM_MAX_MATCHES ((size_t)1000)
struct irsa_symptoms;
struct irsa_symptoms *irsa_symptoms_new(void);
void irsa_symptoms_free(struct irsa_symptoms *symptoms);
static inline void irsa_symptoms_freep(struct irsa_symptoms **p)
{
    irsa_symptoms_free(*p);
}
#define irsa_auto_symptoms IRSA_CLEANUP(irsa_symptoms_freep) struct irsa_symptoms *

/* Any bytes: no character set, line length or form is asked for. Pieces may end anywhere. */
void irsa_symptoms_feed(struct irsa_symptoms *symptoms, const char *data, size_t len);
/* After the last piece, once. The matches come in order of what explains most: causes before
 * their consequences, then by line. */
void irsa_symptoms_end(struct irsa_symptoms *symptoms);
size_t irsa_symptoms_count(const struct irsa_symptoms *symptoms);
/* Borrowed; `at` from 0. */
const struct irsa_symptom_match *irsa_symptoms_at(const struct irsa_symptoms *symptoms, size_t at);
/* Lines read so far; a last one without a line end counts. */
size_t irsa_symptoms_lines(const struct irsa_symptoms *symptoms);
/* Messages whose kind and values were not kept since there were too many different ones. */
size_t irsa_symptoms_left_out(const struct irsa_symptoms *symptoms);

/* --- one refusal ------------------------------------------------------------------------------ */

/* Classes STS' refusal of AssumeRoleWithWebIdentity by its error code ("InvalidIdentityToken") and
 * message, with the table that logs are read with. Returns false for one that is not known; *ret is
 * then empty. */
bool irsa_symptom_of_refusal(const char *error_code, const char *message,
                             struct irsa_symptom_match *ret);
void irsa_symptom_match_done(struct irsa_symptom_match *match);
#define irsa_auto_symptom_match IRSA_CLEANUP(irsa_symptom_match_done) struct irsa_symptom_match

/* The command that goes on from there, with what the message told: "irsa-fix plan -n shop -s api
 * --role ..."; the caller's. */
char *irsa_symptom_command(const struct irsa_symptom_match *match);
/* The command that proves it at STS, and in a pod where the message is about what a pod is given;
 * NULL where the message does not name the service account. The caller's. */
char *irsa_symptom_verify_command(const struct irsa_symptom_match *match);

/* {"format_version", "source", "lines", "matches": [...], ...} as docs/symptoms.schema.json has it;
 * a new reference. `source` is the file's name, or NULL for standard input. */
json_t *irsa_symptoms_json(const struct irsa_symptoms *symptoms, const char *source);

#endif
