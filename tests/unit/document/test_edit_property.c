/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever document and whatever change: the result reads as asked, and what was not concerned is
 * there to the letter. */
#include "random.h"

#include <setjmp.h>

#include <cmocka.h>

#define ROUNDS 10000

static void replace_line_feeds(struct irsa_buf *text)
{
    irsa_auto_buf crlf = {0};
    for (size_t i = 0; i < text->len; i++) {
        if (text->data[i] == '\n' && (i == 0 || text->data[i - 1] != '\r'))
            irsa_buf_addc(&crlf, '\r');
        irsa_buf_addc(&crlf, text->data[i]);
    }
    irsa_buf_done(text);
    *text = crlf;
    crlf = (struct irsa_buf){0};
}

/* Where only a scalar changes or something is added, every comment stays. */
static void check_comments(const char *text, const char *result)
{
    for (const char *p = strstr(text, "# c"); p; p = strstr(p + 1, "# c")) {
        irsa_autofree char *comment = irsa_strndup(p, strspn(p, "# c0123456789"));
        if (!strstr(result, comment))
            fail_msg("%s is lost:\n%s\n----\n%s", comment, text, result);
    }
}

/* How many lines of the text are no more. */
static size_t count_lost_lines(const char *text, const char *result)
{
    irsa_auto_buf diff = {0};
    size_t lost = 0;
    irsa_diff_unified(text, result, "", "", &diff);
    for (const char *p = strstr(irsa_buf_str(&diff), "\n@@"); p; p = strchr(p + 1, '\n'))
        lost += p[1] == '-' ? 1 : 0;
    return lost;
}

static bool is_collection(const json_t *value)
{
    return json_is_object(value) || json_is_array(value);
}

static void check_edit(struct random *random, enum irsa_syntax syntax, const struct irsa_buf *text,
                       const json_t *value)
{
    irsa_auto_error error = NULL;
    irsa_auto_buf result = {0};
    json_auto_t *path = random_path(random, value);
    bool removal = json_array_size(path) > 0 && random_below(random, 4) == 0;
    json_auto_t *after = removal ? NULL : random_value(random, 2);
    const json_t *before = irsa_json_at(value, path);
    const struct irsa_text_change change = {0, path, after};
    int outcome = irsa_text_edit(syntax, "in", text->data, text->len, &change, 1, &result, &error);
    if (outcome != 0 && irsa_error_kind(error) == IRSA_E_NOT_FOUND)
        return;
    irsa_autofree char *wish = after ? json_dumps(after, JSON_ENCODE_ANY) : irsa_strdup("-");
    irsa_autofree char *where = json_dumps(path, 0);
    if (outcome != 0)
        fail_msg("%s\n%s = %s in\n%s", irsa_error_message(error), where, wish, text->data);
    irsa_auto_documents read = {0};
    assert_int_equal(irsa_document_read(syntax, "out", result.data, result.len, &read, &error), 0);
    const json_t *now = irsa_json_at(read.roots[0], path);
    if (after)
        assert_true(json_equal(now, after));
    if (removal || is_collection(before))
        return;
    check_comments(text->data, result.data);
    /* A scalar here takes three lines at most ("a\n\n\n" as a literal), the key and a comment one.
     */
    if (count_lost_lines(text->data, result.data) > 5)
        fail_msg("too much changed:\n%s\n----\n%s", text->data, result.data);
}

static void test_text_edit__random_yaml(void **state)
{
    (void)state;
    struct random random = {.state = 20240501};
    for (int i = 0; i < ROUNDS; i++) {
        irsa_auto_error error = NULL;
        irsa_auto_buf text = {0};
        irsa_auto_documents read = {0};
        json_auto_t *value = random_value(&random, 4);
        random_yaml(&random, value, &text);
        if (random_below(&random, 5) == 0)
            irsa_buf_splice(&text, text.len - 1, 1, "", 0);
        if (random_below(&random, 5) == 0)
            replace_line_feeds(&text);
        if (irsa_yaml_read("in", text.data, text.len, &read, &error) != 0)
            fail_msg("%s\n%s", irsa_error_message(error), text.data);
        if (read.len == 1)
            check_edit(&random, IRSA_SYNTAX_YAML, &text, read.roots[0]);
    }
}

static void test_text_edit__random_json(void **state)
{
    (void)state;
    struct random random = {.state = 42};
    for (int i = 0; i < ROUNDS; i++) {
        irsa_auto_buf text = {0};
        json_auto_t *value = random_value(&random, 4);
        random_json(&random, value, &text);
        check_edit(&random, IRSA_SYNTAX_JSON, &text, value);
    }
}

static void test_yaml_write__random_values_read_back(void **state)
{
    (void)state;
    struct random random = {.state = 7};
    for (int i = 0; i < ROUNDS; i++) {
        irsa_auto_error error = NULL;
        irsa_auto_buf text = {0};
        irsa_auto_documents read = {0};
        json_auto_t *value = random_value(&random, 5);
        irsa_yaml_write(value, &text);
        if (irsa_yaml_read("in", text.data, text.len, &read, &error) != 0)
            fail_msg("%s\n%s", irsa_error_message(error), text.data);
        if (read.len != 1 || !json_equal(read.roots[0], value))
            fail_msg("reads back as something else:\n%s", text.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_edit__random_yaml),
        cmocka_unit_test(test_text_edit__random_json),
        cmocka_unit_test(test_yaml_write__random_values_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
