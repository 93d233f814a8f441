/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the Query protocol. An error is
 *
 *     <ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
 *       <Error> <Type>Sender</Type> <Code>NoSuchEntity</Code> <Message>...</Message> </Error>
 *       <RequestId>7a62c49f-...</RequestId>
 *     </ErrorResponse>
 *
 * or, of the older form,
 * <Response><Errors><Error>...</Error></Errors><RequestID>...</RequestID></Response>.
 */
#include "aws/xml.h"

static char *copy_of(const char *text)
{
    return text ? irsa_strdup(text) : NULL;
}

static bool take_error(const json_t *error, const char *request_id, struct irsa_aws_answer *ret)
{
    const char *code = irsa_json_string(error, "Code", NULL);
    if (!code)
        return false;
    *ret = (struct irsa_aws_answer){
        .code = irsa_strdup(code),
        .message = copy_of(irsa_json_string(error, "Message", NULL)),
        .request_id = copy_of(request_id),
    };
    return true;
}

static bool take_result(const char *action, const json_t *answer, struct irsa_aws_answer *ret)
{
    irsa_autofree char *name = irsa_format("%sResult", action);
    json_t *result = json_object_get(answer, name);
    const char *text = json_string_value(result);
    const bool empty = !result || (text && text[strspn(text, " \t\r\n")] == '\0');
    if (!json_is_object(answer) || !(empty || json_is_object(result)))
        return false;
    *ret = (struct irsa_aws_answer){
        .result = json_is_object(result) ? json_incref(result) : json_object(),
        .request_id = copy_of(irsa_json_string(answer, "ResponseMetadata", "RequestId", NULL)),
    };
    return true;
}

int irsa_aws_answer_read(const char *what, const char *action, const char *text, size_t len,
                         struct irsa_aws_answer *ret, struct irsa_error **reterr)
{
    irsa_autofree char *root = NULL;
    json_auto_t *answer = NULL;
    if (irsa_aws_xml_read(what, text, len, &root, &answer, reterr) != 0)
        return -1;
    irsa_autofree char *expected = irsa_format("%sResponse", action);
    bool taken = false;
    if (strcmp(root, expected) == 0)
        taken = take_result(action, answer, ret);
    else if (strcmp(root, "ErrorResponse") == 0)
        taken = take_error(json_object_get(answer, "Error"),
                           irsa_json_string(answer, "RequestId", NULL), ret);
    else if (strcmp(root, "Response") == 0)
        taken = take_error(irsa_json_get(answer, "Errors", "Error", NULL),
                           irsa_json_string(answer, "RequestID", NULL), ret);
    if (taken)
        return 0;
    return irsa_fail(reterr, IRSA_E_PARSE, "%s: the answer <%.64s> is none to %s", what, root,
                     action);
}

void irsa_aws_answer_done(struct irsa_aws_answer *answer)
{
    json_decref(answer->result);
    free(answer->request_id);
    free(answer->code);
    free(answer->message);
    *answer = (struct irsa_aws_answer){0};
}
