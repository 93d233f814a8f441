/* SPDX-License-Identifier: Apache-2.0 */
/* XML by expat (https://libexpat.github.io/doc/api/latest/), into json_t:
 *
 *     <ListRolesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
 *       <ListRolesResult>
 *         <IsTruncated>false</IsTruncated>
 *         <Roles> <member> <Path>/</Path> <RoleName>a</RoleName> <Tags/> ... </member> </Roles>
 *       </ListRolesResult>
 *       <ResponseMetadata> <RequestId>20f7279f-...</RequestId> </ResponseMetadata>
 *     </ListRolesResponse>
 */
#include "aws/xml.h"

#include "aws/xml_names.h"

#include <expat.h>
#include <limits.h>
#include <strings.h>

/* The answers go eight deep; a page of a thousand roles with all their details has under 200,000.
 */
#define MAX_DEPTH 64
#define MAX_ELEMENTS 500000U

struct element {
    char *name;
    json_t *content; /* object or array; NULL while there is only text */
    struct irsa_buf text;
};

struct reader {
    const char *what;
    XML_Parser parser;
    struct element stack[MAX_DEPTH];
    size_t depth;
    unsigned elements;
    char *root_name;
    json_t *root;
    struct irsa_error *error;
};

static void element_done(struct element *element)
{
    free(element->name);
    json_decref(element->content);
    if (element->text.data)
        explicit_bzero(element->text.data, element->text.len); /* keys of STS come this way */
    irsa_buf_done(&element->text);
    *element = (struct element){0};
}

static void reader_done(struct reader *reader)
{
    while (reader->depth > 0)
        element_done(&reader->stack[--reader->depth]);
    XML_ParserFree(reader->parser);
    free(reader->root_name);
    json_decref(reader->root);
    irsa_error_free(reader->error);
}

static void stop(struct reader *reader, enum irsa_error_kind kind, const char *why)
{
    if (!reader->error)
        (void)irsa_fail(&reader->error, kind, "%s: line %lu: %s", reader->what,
                        (unsigned long)XML_GetCurrentLineNumber(reader->parser), why);
    (void)XML_StopParser(reader->parser, XML_FALSE);
}

static void on_doctype(void *context, const char *name, const char *system, const char *public,
                       int has_subset)
{
    (void)name, (void)system, (void)public, (void)has_subset;
    stop(context, IRSA_E_PARSE, "a document type, which no answer of AWS has");
}

static void on_start(void *context, const char *name, const char **attributes)
{
    (void)attributes;
    struct reader *reader = context;
    if (reader->depth == MAX_DEPTH) {
        stop(reader, IRSA_E_LIMIT, "elements are nested too deep");
        return;
    }
    if (++reader->elements > MAX_ELEMENTS) {
        stop(reader, IRSA_E_LIMIT, "too many elements");
        return;
    }
    const char *colon = strchr(name, ':');
    reader->stack[reader->depth++] =
        (struct element){.name = irsa_strdup(colon ? colon + 1 : name)};
}

static void on_text(void *context, const char *text, int len)
{
    struct reader *reader = context;
    if (reader->depth > 0 && !reader->stack[reader->depth - 1].content)
        irsa_buf_add(&reader->stack[reader->depth - 1].text, text, (size_t)len);
}

/* The content of an element that ended; the caller's. NULL: not UTF-8, or a NUL. */
static json_t *value_of(struct element *element)
{
    if (element->content)
        return irsa_steal(&element->content);
    const char *text = irsa_buf_str(&element->text);
    const bool blank = text[strspn(text, " \t\r\n")] == '\0';
    if (blank && irsa_aws_xml_is_list(element->name))
        return json_array();
    if (blank && irsa_aws_xml_is_structure(element->name))
        return json_object();
    return json_stringn(text, element->text.len);
}

/* <entry><key>K</key><value>V</value></entry>, a member of a map. */
static bool add_entry(json_t *object, const json_t *entry)
{
    const char *key = json_string_value(json_object_get(entry, "key"));
    json_t *value = json_object_get(entry, "value");
    return key && value && !json_object_get(object, key)
           && json_object_set(object, key, value) == 0;
}

/* Hands `value`, which this takes, to the element around it. */
static bool add_to(struct element *parent, const char *name, json_t *value)
{
    const bool is_member = strcmp(name, "member") == 0;
    if (!parent->content)
        parent->content = is_member ? json_array() : json_object();
    json_auto_t *owned = value;
    if (is_member)
        return json_array_append(parent->content, owned) == 0;
    if (!json_is_object(parent->content))
        return false;
    if (strcmp(name, "entry") == 0)
        return add_entry(parent->content, owned);
    return !json_object_get(parent->content, name)
           && json_object_set(parent->content, name, owned) == 0;
}

static void on_end(void *context, const char *name)
{
    (void)name;
    struct reader *reader = context;
    struct element *element = &reader->stack[--reader->depth];
    json_t *value = value_of(element);
    irsa_autofree char *own_name = irsa_steal(&element->name);
    element_done(element);
    if (!value) {
        stop(reader, IRSA_E_PARSE, "text that is not UTF-8");
        return;
    }
    if (reader->depth == 0) {
        reader->root_name = irsa_steal(&own_name);
        reader->root = value;
        return;
    }
    if (!add_to(&reader->stack[reader->depth - 1], own_name, value))
        stop(reader, IRSA_E_PARSE,
             "an element that is there twice, or does not belong where it is");
}

/* What captive portals, proxies and load balancers send. */
static bool is_html(const char *text, size_t len)
{
    static const char *const beginnings[] = {"<!doctype html", "<html", "<head", "<body"};
    while (len > 0 && strchr(" \t\r\n", *text)) {
        text++;
        len--;
    }
    for (size_t i = 0; i < IRSA_COUNT(beginnings); i++) {
        const size_t own = strlen(beginnings[i]);
        if (len >= own && strncasecmp(text, beginnings[i], own) == 0)
            return true;
    }
    return false;
}

static int parse(struct reader *reader, const char *text, size_t len, struct irsa_error **reterr)
{
    XML_SetUserData(reader->parser, reader);
    XML_SetElementHandler(reader->parser, on_start, on_end);
    XML_SetCharacterDataHandler(reader->parser, on_text);
    XML_SetStartDoctypeDeclHandler(reader->parser, on_doctype);
    const enum XML_Status status = XML_Parse(reader->parser, text, (int)len, XML_TRUE);
    if (reader->error) {
        *reterr = irsa_steal(&reader->error);
        return -1;
    }
    if (status == XML_STATUS_OK)
        return 0;
    const enum XML_Error code = XML_GetErrorCode(reader->parser);
    const bool cut = code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN
                     || code == XML_ERROR_PARTIAL_CHAR || code == XML_ERROR_UNCLOSED_CDATA_SECTION;
    return irsa_fail(reterr, IRSA_E_PARSE, "%s: the answer is %s: line %lu: %s", reader->what,
                     cut ? "cut off" : "not XML",
                     (unsigned long)XML_GetCurrentLineNumber(reader->parser),
                     XML_ErrorString(code));
}

int irsa_aws_xml_read(const char *what, const char *text, size_t len, char **ret_root, json_t **ret,
                      struct irsa_error **reterr)
{
    if (len == 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: the answer is empty", what);
    if (len > INT_MAX)
        return irsa_fail(reterr, IRSA_E_LIMIT, "%s: the answer is too large", what);
    if (is_html(text, len)) {
        (void)irsa_fail(reterr, IRSA_E_PARSE, "%s: the answer is HTML, not XML", what);
        return irsa_hint(reterr, "a proxy or a portal answers in place of AWS: see HTTPS_PROXY, "
                                 "NO_PROXY and the endpoint's URL");
    }
    /* UTF-8 whatever the document says of itself: AWS sends nothing else. */
    IRSA_CLEANUP(reader_done)
    struct reader reader = {.what = what, .parser = XML_ParserCreate("UTF-8")};
    if (!reader.parser)
        abort(); /* out of memory */
    if (parse(&reader, text, len, reterr) != 0)
        return -1;
    *ret_root = irsa_steal(&reader.root_name);
    *ret = irsa_steal(&reader.root);
    return 0;
}
