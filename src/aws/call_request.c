/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/call.h"

#include "irsa/document.h"

/* --- the query protocol ----------------------------------------------------------------------- */

static void add_pair(const char *name, const char *value, struct irsa_buf *ret)
{
    if (ret->len > 0)
        irsa_buf_addc(ret, '&');
    irsa_url_encode(name, strlen(name), ret);
    irsa_buf_addc(ret, '=');
    irsa_url_encode(value, strlen(value), ret);
}

static void add_value(const char *name, const json_t *value, struct irsa_buf *ret);

static void add_members(const char *name, const json_t *array, struct irsa_buf *ret)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(array, i, item)
    {
        irsa_autofree char *member = irsa_format("%s.member.%zu", name, i + 1);
        add_value(member, item, ret);
    }
}

static void add_fields(const char *name, const json_t *object, struct irsa_buf *ret)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)object, key, value)
    {
        irsa_autofree char *field = irsa_format("%s.%s", name, key);
        add_value(field, value, ret);
    }
}

static void add_value(const char *name, const json_t *value, struct irsa_buf *ret)
{
    char number[32];
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        add_fields(name, value, ret);
        return;
    case JSON_ARRAY:
        add_members(name, value, ret);
        return;
    case JSON_STRING:
        add_pair(name, json_string_value(value), ret);
        return;
    case JSON_INTEGER:
        (void)snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
        add_pair(name, number, ret);
        return;
    case JSON_TRUE:
        add_pair(name, "true", ret);
        return;
    case JSON_FALSE:
        add_pair(name, "false", ret);
        return;
    default:
        return;
    }
}

void irsa_aws_query_body(const struct irsa_aws_spec *spec, const json_t *parameters,
                         struct irsa_buf *ret)
{
    const char *key = NULL;
    json_t *value = NULL;
    add_pair("Action", spec->name, ret);
    add_pair("Version", spec->version, ret);
    json_object_foreach((json_t *)parameters, key, value)
    {
        add_value(key, value, ret);
    }
}

/* --- REST ------------------------------------------------------------------------------------- */

/* The path's parameters; the names used join `ret_used`. */
static void add_path(const struct irsa_aws_spec *spec, const json_t *parameters,
                     struct irsa_strings *ret_used, struct irsa_buf *ret)
{
    for (const char *p = spec->path; *p; p++) {
        if (*p != '{') {
            irsa_buf_addc(ret, *p);
            continue;
        }
        size_t len = strcspn(p + 1, "}");
        irsa_autofree char *name = irsa_strndup(p + 1, len);
        const char *value = json_string_value(json_object_get(parameters, name));
        if (value)
            irsa_url_encode(value, strlen(value), ret);
        irsa_strings_add(ret_used, name);
        p += len + 1;
    }
}

void irsa_aws_rest_target(const struct irsa_aws_spec *spec, const json_t *parameters,
                          struct irsa_buf *ret)
{
    irsa_auto_strings used = {0};
    irsa_auto_strings names = {0};
    irsa_auto_buf query = {0};
    const char *key = NULL;
    json_t *value = NULL;
    add_path(spec, parameters, &used, ret);
    json_object_foreach((json_t *)parameters, key, value)
    {
        if (!irsa_strings_has(&used, key))
            irsa_strings_add(&names, key);
    }
    irsa_strings_sort(&names);
    for (size_t i = 0; i < names.len; i++)
        add_value(names.items[i], json_object_get(parameters, names.items[i]), &query);
    if (query.len > 0)
        irsa_buf_addf(ret, "?%s", irsa_buf_str(&query));
}

/* --- both ------------------------------------------------------------------------------------- */

void irsa_aws_wire_done(struct irsa_aws_wire *wire)
{
    free(wire->url);
    irsa_buf_done(&wire->body);
    *wire = (struct irsa_aws_wire){0};
}

void irsa_aws_request(const struct irsa_aws_spec *spec, const char *label, const char *endpoint,
                      const json_t *parameters, struct irsa_aws_wire *wire,
                      struct irsa_http_request *ret)
{
    irsa_auto_buf target = {0};
    irsa_aws_wire_done(wire);
    irsa_http_request_done(ret);
    ret->label = label;
    ret->once = spec->writes && !spec->repeatable;
    if (spec->version) {
        irsa_buf_adds(&target, spec->path);
        irsa_aws_query_body(spec, parameters, &wire->body);
        ret->method = "POST";
        ret->body = irsa_buf_str(&wire->body);
        ret->body_len = wire->body.len;
        irsa_http_request_header(ret, "Content-Type",
                                 "application/x-www-form-urlencoded; charset=utf-8");
    } else {
        irsa_aws_rest_target(spec, parameters, &target);
        ret->method = "GET";
    }
    wire->url = irsa_format("%s%s", endpoint, irsa_buf_str(&target));
    ret->url = wire->url;
}
