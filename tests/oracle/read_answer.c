/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads answers of the Query protocol, one JSON object a line on stdin, one answer a line on
 * stdout:
 *   {"action", "text"}
 *   {"result", "request_id"}, {"code", "message", "request_id"} or {"failure"}
 */
#include "aws/xml.h"

static json_t *read_answer(const json_t *question)
{
    const char *text = irsa_json_string(question, "text", NULL);
    irsa_auto_error error = NULL;
    irsa_auto_aws_answer answer = {0};
    if (irsa_aws_answer_read("answer", irsa_json_string(question, "action", NULL), text,
                             strlen(text), &answer, &error)
        != 0)
        return json_pack("{s:s}", "failure", irsa_error_message(error));
    if (answer.result)
        return json_pack("{s:O, s:s?}", "result", answer.result, "request_id", answer.request_id);
    return json_pack("{s:s, s:s?, s:s?}", "code", answer.code, "message", answer.message,
                     "request_id", answer.request_id);
}

int main(void)
{
    irsa_autofree char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0) {
        json_error_t error;
        json_auto_t *question = json_loads(line, 0, &error);
        json_auto_t *answer = question ? read_answer(question) : NULL;
        irsa_autofree char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
        if (!text)
            return 1;
        (void)printf("%s\n", text);
    }
    return 0;
}
