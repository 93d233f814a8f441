/* SPDX-License-Identifier: Apache-2.0 */
#include "document_test.h"

static void check_reads(const char *text, const char *expected)
{
    irsa_auto_error error = NULL;
    irsa_auto_documents documents = {0};
    irsa_auto_buf written = {0};
    if (irsa_yaml_read("f", text, strlen(text), &documents, &error) != 0)
        fail_msg("%s: %s", text, irsa_error_message(error));
    assert_int_equal(documents.len, 1);
    irsa_json_write_compact(documents.roots[0], &written);
    assert_string_equal(written.data, expected);
}

static void check_refused(const char *text, enum irsa_error_kind kind, const char *message)
{
    irsa_auto_error error = NULL;
    irsa_auto_documents documents = {0};
    assert_int_equal(irsa_yaml_read("f", text, strlen(text), &documents, &error), -1);
    assert_error(error, kind, message);
    assert_int_equal(documents.len, 0);
}

/* Each line was compared with what sigs.k8s.io/yaml v1.4.0 answers (integral floats apart, which Go
 * prints without their point). */
static void test_yaml_read__scalars_as_kubernetes(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"yes", "true"},
        {"On", "true"},
        {"y", "true"},
        {"off", "false"},
        {"N", "false"},
        {"~", "null"},
        {"Null", "null"},
        {"", "null"},
        {"yEs", "\"yEs\""},
        {"012", "10"},
        {"0o7", "7"},
        {"0x1F", "31"},
        {"0b101", "5"},
        {"1_000", "1000"},
        {"+5", "5"},
        {"-012", "-10"},
        {"08", "8.0"},
        {"012345678912", "12345678912.0"},
        {"123456789012", "123456789012"},
        {"1e3", "1000.0"},
        {".5", "0.5"},
        {"1.", "1.0"},
        {"1:30", "\"1:30\""},
        {"2001-01-01", "\"2001-01-01\""},
        {"0x", "\"0x\""},
        {"-", "[null]"},
        {"1e999", "\"1e999\""},
        {"'5'", "\"5\""},
        {"\"yes\"", "\"yes\""},
        {"! 5", "\"5\""},
        {"!!str 5", "\"5\""},
        {"!!int '5'", "5"},
        {"!!float 5", "5.0"},
        {"!own x", "\"x\""},
        {"!!timestamp 2001-01-01", "\"2001-01-01\""},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775808", "9.2233720368547758e18"},
        {"0.1", "0.10000000000000001"},
        {"<<", "\"<<\""},
    };
    for (size_t i = 0; i < IRSA_COUNT(pairs); i++) {
        if (pairs[i][0][0] == '\0')
            check_reads("---\n", pairs[i][1]);
        else
            check_reads(pairs[i][0], pairs[i][1]);
    }
}

static void test_yaml_read__keys(void **state)
{
    (void)state;
    check_reads("{1: a, 1.5: b, yes: c, 1e6: d, 012: e}",
                "{\"1\":\"a\",\"1.5\":\"b\",\"true\":\"c\",\"1e+06\":\"d\",\"10\":\"e\"}");
    check_refused("a: 1\nnull: 2", IRSA_E_PARSE,
                  "f:2:1: a key must be a string, number or boolean");
    check_refused("? [a]\n: b", IRSA_E_PARSE, "f:1:3: a key must be a string, number or boolean");
    check_refused("a: 1\nb: 2\n'a': {}\n", IRSA_E_PARSE, "f:3:1: duplicate key \"a\"");
    check_refused("1: 1\n'1': 2\n", IRSA_E_PARSE, "f:2:1: duplicate key \"1\"");
}

static void test_yaml_read__anchors_and_merges(void **state)
{
    (void)state;
    check_reads("a: &x {b: 1}\nc: *x", "{\"a\":{\"b\":1},\"c\":{\"b\":1}}");
    check_reads("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}",
                "{\"a\":{\"b\":1,\"c\":2},\"d\":{\"b\":1,\"c\":3}}");
    check_reads("c: 3\n<<: {c: 2}", "{\"c\":2}");
    check_reads("<<: [{a: 1}, {a: 2, b: 3}]", "{\"a\":1,\"b\":3}");
    check_reads("\"<<\": {b: 1}", "{\"<<\":{\"b\":1}}");
    check_reads("a: &x 1\nb: &x 2\nc: *x", "{\"a\":1,\"b\":2,\"c\":2}");
    check_refused("a: &x [*x]", IRSA_E_PARSE, "f:1:8: an alias (*) inside the value it stands for");
    check_refused("a: *x", IRSA_E_PARSE, "f:1:4: an alias (*) of an anchor (&) that is not there");
    check_refused("<<: 5", IRSA_E_PARSE,
                  "f:1:5: a merge key (<<) needs a mapping or a list of mappings");
    check_refused("{a: 1, <<: {a: 2}, a: 3}", IRSA_E_PARSE, "f:1:20: duplicate key \"a\"");
}

static void test_yaml_read__bounds(void **state)
{
    (void)state;
    irsa_auto_buf bomb = {0};
    irsa_buf_adds(&bomb, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 12; i++)
        irsa_buf_addf(&bomb, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1,
                      i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    check_refused(bomb.data, IRSA_E_LIMIT, "f:6:14: aliases stand for too much content");
    irsa_auto_buf deep = {0};
    for (int i = 0; i < 5000; i++)
        irsa_buf_addc(&deep, '[');
    check_refused(deep.data, IRSA_E_LIMIT, "f:1:201: nested deeper than 200 levels");
    irsa_auto_buf chain = {0};
    irsa_buf_adds(&chain, "a0: &a0 [x]\n");
    for (int i = 1; i < 300; i++)
        irsa_buf_addf(&chain, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    check_refused(chain.data, IRSA_E_LIMIT, "f:200:14: nested deeper than 200 levels");
}

static void test_yaml_read__refuses_with_a_place(void **state)
{
    (void)state;
    check_refused("a: 1\nb: [1\nc: 2\n", IRSA_E_PARSE,
                  "f:3:2: did not find expected ',' or ']' (while parsing a flow sequence that "
                  "starts in line 2)");
    check_refused("a: 1\nb: \xff\n", IRSA_E_PARSE, "f:2:4: invalid leading UTF-8 octet");
    check_refused("a:\n\tb: 1\n", IRSA_E_PARSE,
                  "f:2:1: found character that cannot start any token (while scanning for the next "
                  "token that starts in line 2)");
    check_refused("a: \"x\\0\"", IRSA_E_PARSE, "f:1:4: a NUL character in a string");
    check_refused("a: .inf", IRSA_E_PARSE, "f:1:4: `.inf` is no number that JSON can hold");
    check_refused("a: !!int x", IRSA_E_PARSE, "f:1:4: `x` can't be read as !!int");
    check_refused("a: !!binary aGk=", IRSA_E_PARSE,
                  "f:1:4: binary values (!!binary) are not supported");
}

static void test_yaml_read__documents(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_documents documents = {0};
    static const char text[] = "\xef\xbb\xbf# c\na: 1\n---\n---\n\n- b\n...\n# end\n";
    assert_int_equal(
        irsa_document_read(IRSA_SYNTAX_YAML, "f", text, strlen(text), &documents, &error), 0);
    assert_int_equal(documents.len, 3);
    assert_true(json_is_object(documents.roots[0]));
    assert_true(json_is_null(documents.roots[1]));
    assert_true(json_is_array(documents.roots[2]));
    assert_int_equal(documents.lines[0], 2);
    assert_int_equal(documents.lines[1], 3);
    assert_int_equal(documents.lines[2], 4);
    irsa_auto_documents none = {0};
    assert_int_equal(irsa_yaml_read("f", "# nothing\n", 10, &none, &error), 0);
    assert_int_equal(none.len, 0);
}

static void test_yaml_write__as_people_write_it(void **state)
{
    (void)state;
    json_auto_t *value = json_of(
        "{'metadata': {'name': 'api', 'annotations': {'eks.amazonaws.com/role-arn': "
        "'arn:aws:iam::012345678912:role/x', 'id': '012345678912', 'on': 'yes', 'v': '1.2.3'}},"
        " 'list': [{'a': 1, 'b': []}, ['c'], {}], 'text': 'x\\ny\\n', 'n': null, 'r': 1.5}");
    irsa_auto_buf text = {0};
    irsa_yaml_write(value, &text);
    assert_string_equal(text.data,
                        "metadata:\n"
                        "  name: api\n"
                        "  annotations:\n"
                        "    eks.amazonaws.com/role-arn: arn:aws:iam::012345678912:role/x\n"
                        "    id: \"012345678912\"\n"
                        "    \"on\": \"yes\"\n"
                        "    v: \"1.2.3\"\n"
                        "list:\n"
                        "- a: 1\n"
                        "  b: []\n"
                        "- - c\n"
                        "- {}\n"
                        "text: |\n"
                        "  x\n"
                        "  y\n"
                        "\"n\": null\n"
                        "r: 1.5\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yaml_read__scalars_as_kubernetes),
        cmocka_unit_test(test_yaml_read__keys),
        cmocka_unit_test(test_yaml_read__anchors_and_merges),
        cmocka_unit_test(test_yaml_read__bounds),
        cmocka_unit_test(test_yaml_read__refuses_with_a_place),
        cmocka_unit_test(test_yaml_read__documents),
        cmocka_unit_test(test_yaml_write__as_people_write_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
