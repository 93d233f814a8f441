/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/identity.h"
#include "symptom/values.h"

#include <ctype.h>

static const char *find(const char *fold, size_t from, size_t to, const char *what)
{
    return from < to ? memmem(fold + from, to - from, what, strlen(what)) : NULL;
}

void symptom_issuer_set(struct irsa_symptom_values *values, const char *url)
{
    irsa_auto_error error = NULL;
    irsa_auto_issuer issuer = {0};
    if (irsa_issuer_parse(url, &issuer, &error) != 0)
        return;
    if (issuer.region)
        symptom_value_set(&values->region, issuer.region, strlen(issuer.region));
    /* Masked by who pasted it, or cut off. */
    if (!strpbrk(issuer.url, "*<>") && (issuer.id || !issuer.region))
        symptom_value_set(&values->issuer, issuer.url, strlen(issuer.url));
}

/* A name of Kubernetes at `at`; its length. */
static size_t name_len(const char *text, size_t at, size_t to)
{
    size_t end = at;
    while (end < to
           && (islower((unsigned char)text[end]) || isdigit((unsigned char)text[end])
               || text[end] == '-' || text[end] == '.'))
        end++;
    while (end > at && (text[end - 1] == '.' || text[end - 1] == '-'))
        end--;
    return end - at;
}

/* "NS/NAME" or "NS:NAME" at `at`. */
static void take_pair(const char *text, size_t at, size_t to, char separator,
                      struct irsa_symptom_values *values)
{
    const size_t first = name_len(text, at, to);
    if (first == 0 || at + first >= to || text[at + first] != separator)
        return;
    const size_t second = name_len(text, at + first + 1, to);
    if (second == 0 || values->service_account)
        return;
    symptom_value_set(&values->namespace_, text + at, first);
    symptom_value_set(&values->service_account, text + at + first + 1, second);
}

/* "NAME<between>NS" at `at`: ESO's and the webhook's order. */
static void take_reversed(const char *text, const char *fold, size_t at, size_t to,
                          const char *between, struct irsa_symptom_values *values)
{
    const size_t first = name_len(text, at, to);
    const size_t between_len = strlen(between);
    if (first == 0 || values->service_account || to - at - first < between_len
        || strncmp(fold + at + first, between, between_len) != 0)
        return;
    const size_t second = at + first + between_len;
    const size_t second_len = name_len(text, second, to);
    if (second_len == 0)
        return;
    symptom_value_set(&values->namespace_, text + second, second_len);
    symptom_value_set(&values->service_account, text + at, first);
}

static void read_service_account(const char *text, const char *fold, size_t from, size_t to,
                                 struct irsa_symptom_values *values)
{
    static const struct {
        const char *before;
        char separator; /* '\0': a name alone */
    } forms[] = {
        {"system:serviceaccount:", ':'}, /* a token's subject */
        {"service account ", '/'},       /* the API server's admission */
        {"serviceaccount \"", '\0'},     /* ... "serviceaccount \"x\" not found" */
        {"serviceaccounts \"", '\0'},    /* the kubelet, of the token's volume */
    };
    for (size_t i = 0; i < IRSA_COUNT(forms); i++) {
        const char *found = find(fold, from, to, forms[i].before);
        if (!found)
            continue;
        const size_t at = (size_t)(found - fold) + strlen(forms[i].before);
        if (forms[i].separator)
            take_pair(text, at, to, forms[i].separator, values);
        else if (find(fold, at + name_len(text, at, to), to, "\" not found")
                 == fold + at + name_len(text, at, to))
            symptom_value_set(&values->service_account, text + at, name_len(text, at, to));
    }
    static const struct {
        const char *before;
        const char *between;
    } reversed[] = {{"service account ", " (namespace: "}, {"serviceaccount=", ", namespace="}};
    for (size_t i = 0; i < IRSA_COUNT(reversed); i++) {
        const char *found = find(fold, from, to, reversed[i].before);
        if (found)
            take_reversed(text, fold, (size_t)(found - fold) + strlen(reversed[i].before), to,
                          reversed[i].between, values);
    }
}

static void take_region(const char *text, size_t at, size_t to, struct irsa_symptom_values *values)
{
    irsa_autofree char *region = irsa_strndup(text + at, name_len(text, at, to));
    region[strcspn(region, ".")] = '\0';
    if (irsa_partition_of_region(region))
        symptom_value_set(&values->region, region, strlen(region));
}

static void read_region(const char *text, const char *fold, size_t from, size_t to,
                        struct irsa_symptom_values *values)
{
    static const char *const before[] = {"://sts.",
                                         "lookup sts.",
                                         "connect to sts.",
                                         "aws_region=",
                                         "aws_default_region=",
                                         "aws_region:",
                                         "aws_default_region:"};
    for (size_t i = 0; i < IRSA_COUNT(before); i++) {
        const char *found = find(fold, from, to, before[i]);
        if (!found)
            continue;
        size_t at = (size_t)(found - fold) + strlen(before[i]);
        while (at < to && text[at] == ' ')
            at++;
        take_region(text, at, to, values);
    }
}

static void take_issuer(const char *text, size_t at, size_t to, struct irsa_symptom_values *values)
{
    size_t end = at;
    while (end < to && !strchr(" \n\"'`()[]{}<>,;|\\", text[end]))
        end++;
    while (end > at && strchr(".:", text[end - 1]))
        end--;
    irsa_autofree char *url = irsa_strndup(text + at, end - at);
    symptom_issuer_set(values, url);
}

static void read_issuer(const char *text, const char *fold, size_t from, size_t to,
                        struct irsa_symptom_values *values)
{
    /* STS says in which account it found no provider for what. */
    static const char *const before[] = {"found in your account for ", "\"iss\":\"", "\"iss\": \""};
    for (size_t i = 0; i < IRSA_COUNT(before); i++) {
        const char *found = find(fold, from, to, before[i]);
        if (found)
            take_issuer(text, (size_t)(found - fold) + strlen(before[i]), to, values);
    }
    const char *eks = find(fold, from, to, "https://oidc.eks.");
    if (eks)
        take_issuer(text, (size_t)(eks - fold), to, values);
}

/* "request id: 3714365f-...", "Request ID: ...", "RequestID: ...", "requestId: '...'",
 * "<RequestId>...". */
static void read_request_id(const char *text, const char *fold, size_t from, size_t to,
                            struct irsa_symptom_values *values)
{
    static const char *const before[] = {"request id", "requestid", "request-id", "request_id"};
    for (size_t i = 0; i < IRSA_COUNT(before); i++) {
        const char *found = find(fold, from, to, before[i]);
        if (!found)
            continue;
        size_t at = (size_t)(found - fold) + strlen(before[i]);
        for (size_t skipped = 0; at < to && skipped < 6 && !isalnum((unsigned char)text[at]);
             skipped++)
            at++;
        size_t end = at;
        while (end < to && (isalnum((unsigned char)text[end]) || text[end] == '-'))
            end++;
        if (end - at >= 16 && end - at <= 36)
            symptom_value_set(&values->request_id, text + at, end - at);
    }
}

void symptom_names_read(const struct symptom_plain *plain, size_t from, size_t to,
                        struct irsa_symptom_values *values)
{
    const char *text = irsa_buf_str(&plain->text);
    const char *fold = irsa_buf_str(&plain->fold);
    read_issuer(text, fold, from, to, values);
    read_service_account(text, fold, from, to, values);
    read_region(text, fold, from, to, values);
    read_request_id(text, fold, from, to, values);
}
