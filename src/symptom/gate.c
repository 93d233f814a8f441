/* SPDX-License-Identifier: Apache-2.0 */
#include "symptom/gate.h"

#include <strings.h>

/* A row of the table whose text has none of them is never found: a test compares both. Rare words
 * make it quick, words without spaces survive a terminal's line breaks. */
const char *const symptom_gates[] = {
    "webidentity",
    "web identity",
    "web_identity",
    "id token provided",
    "identitytoken",
    "openidconnect",
    "open id connect",
    "credential",
    "not authorized",
    "unauthorizedoperation",
    "accessdenied",
    "access denied",
    "no permissions for",
    "serviceaccount",
    "service account",
    "aws-iam-token",
    "iam-for-pods",
    "pod-identity-webhook",
    "token audience",
    "verification key",
    "arn is invalid",
    "durationseconds",
    "idpcommunicationerror",
    "token expired",
    "token too old",
    "sts is not activated",
    "malformedpolicy",
    "aclsizeperrole",
    "ec2rolerequesterror",
    "ec2 metadata",
    "ec2 imds",
    "instance metadata",
    "https://sts.",
    "connect to sts.",
    "lookup sts.",
    "proxy url",
    "aws-java-sdk-sts",
    "service module must",
    "config profile",
    "assume role request",
    "federated principals",
    NULL,
};

static unsigned lower(char c)
{
    return (unsigned char)c | 0x20u;
}

static unsigned hash_at(const char *at)
{
    return (lower(at[0]) ^ lower(at[1]) << 5 ^ lower(at[2]) << 10) & 0x7fffu;
}

/* Wu and Manber, "A fast algorithm for multi-pattern searching" (1994), over blocks of three. */
void symptom_gate_index_make(struct symptom_gate_index *ret)
{
    *ret = (struct symptom_gate_index){0};
    memset(ret->leap, SYMPTOM_GATE_MIN - 2, sizeof(ret->leap));
    for (size_t gate = 0; symptom_gates[gate]; gate++) {
        const char *text = symptom_gates[gate];
        for (size_t end = 2; end < SYMPTOM_GATE_MIN; end++) {
            uint8_t *leap = &ret->leap[hash_at(text + end - 2)];
            const size_t rest = SYMPTOM_GATE_MIN - 1 - end;
            if (rest < *leap)
                *leap = (uint8_t)rest;
        }
        const unsigned hash = hash_at(text + SYMPTOM_GATE_MIN - 3);
        ret->next[gate] = ret->first[hash];
        ret->first[hash] = (uint8_t)(gate + 1);
    }
}

size_t symptom_gate_find(const struct symptom_gate_index *index, const char *data, size_t len,
                         size_t from, size_t *ret_gate)
{
    size_t at = from + SYMPTOM_GATE_MIN - 1; /* the last byte of the window */
    while (at < len) {
        const unsigned hash = hash_at(data + at - 2);
        if (index->leap[hash] > 0) {
            at += index->leap[hash];
            continue;
        }
        const size_t start = at - (SYMPTOM_GATE_MIN - 1);
        for (size_t gate = index->first[hash]; gate > 0; gate = index->next[gate - 1]) {
            const char *text = symptom_gates[gate - 1];
            const size_t text_len = strlen(text);
            if (text_len <= len - start && strncasecmp(data + start, text, text_len) == 0) {
                *ret_gate = gate - 1;
                return start;
            }
        }
        at++;
    }
    return SIZE_MAX;
}

size_t symptom_gate_of(const char *text)
{
    for (size_t gate = 0; symptom_gates[gate]; gate++) {
        if (strstr(text, symptom_gates[gate]))
            return gate;
    }
    return SIZE_MAX;
}
