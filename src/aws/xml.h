/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of the AWS Query protocol (IAM, STS), which are XML, as JSON of the form that the AWS CLI
 * prints, but that every value is a string:
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 * URL-encoded policy documents stay as they are: the caller knows where they are.
 */
#ifndef IRSA_FIX_AWS_XML_H
#define IRSA_FIX_AWS_XML_H

#include "irsa/document.h"

/* Any XML: elements with elements in them become objects, those with text strings, an element whose
 * elements are all `member` (or `entry`) an array; an element without content is an empty array or
 * object where the services' models have a list or structure of that name, else "". Attributes and
 * namespaces are left out. Bounded in depth and elements; a document type, and with it every entity
 * of one's own, is refused. `what` ("iam:GetRole: iam.amazonaws.com") begins the errors. *ret_root
 * is the root's name, the caller's. Errors: PARSE, LIMIT. */
int irsa_aws_xml_read(const char *what, const char *text, size_t len, char **ret_root, json_t **ret,
                      struct irsa_error **reterr);

/* An answer, whatever it says. */
struct irsa_aws_answer {
    json_t
        *result; /* what ACTIONResult holds, {} where the action has none; NULL: it is an error */
    char *request_id; /* NULL: none given */
    char *code;       /* of an error: "NoSuchEntity" */
    char *message;    /* of an error; NULL: none given */
};
/* Reads the answer of `action`. Errors: PARSE (neither ACTIONResponse nor ErrorResponse: a proxy's
 * page, cut off), LIMIT. */
int irsa_aws_answer_read(const char *what, const char *action, const char *text, size_t len,
                         struct irsa_aws_answer *ret, struct irsa_error **reterr);
void irsa_aws_answer_done(struct irsa_aws_answer *answer);
#define irsa_auto_aws_answer IRSA_CLEANUP(irsa_aws_answer_done) struct irsa_aws_answer

#endif
