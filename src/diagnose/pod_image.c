/* SPDX-License-Identifier: Apache-2.0 */
/* Images whose tag is the version of an AWS tool, against the oldest version that knows web
 * identity:
 * https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts-minimum-sdk.html
 * Of other images the version inside can't be told. */
#include "diagnose/pod.h"

static const struct {
    const char *image; /* repository, without registry */
    const char *tool;
    const char *minimum;
} images[] = {
    {"amazon/aws-cli", "AWS CLI", "1.16.232"},
    {"aws-cli/aws-cli", "AWS CLI", "1.16.232"}, /* public.ecr.aws */
    {"mesosphere/aws-cli", "AWS CLI", "1.16.232"},
    {"garland/aws-cli-docker", "AWS CLI", "1.16.232"},
    {"banst/awscli", "AWS CLI", "1.16.232"},
};

/* Three numbers of "1.16.232", "v1.16.232-alpine"; false for anything else ("latest"). */
static bool parse_version(const char *text, long ret[3])
{
    text += *text == 'v';
    for (int i = 0; i < 3; i++) {
        char *end = NULL;
        if (*text < '0' || *text > '9')
            return false;
        ret[i] = strtol(text, &end, 10);
        if (i < 2 && *end != '.')
            return false;
        text = end + (i < 2);
    }
    return *text == '\0' || *text == '-' || *text == '_';
}

static bool older(const char *tag, const char *minimum)
{
    long has[3];
    long needs[3];
    if (!parse_version(tag, has) || !parse_version(minimum, needs))
        return false;
    for (int i = 0; i < 3; i++)
        if (has[i] != needs[i])
            return has[i] < needs[i];
    return false;
}

/* The repository without its registry: the first part is one when it has a dot or a port. */
static const char *without_registry(const char *image)
{
    const size_t first = strcspn(image, "/");
    const bool registry = image[first] == '/'
                          && (memchr(image, '.', first) || memchr(image, ':', first)
                              || strncmp(image, "localhost", first) == 0);
    return registry ? image + first + 1 : image;
}

static void check_image(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding,
                        size_t container)
{
    const char *image = without_registry(carrier->spec->images.items[container]);
    const size_t name = strcspn(image, ":@");
    if (image[name] != ':')
        return;
    irsa_autofree char *tag = irsa_strndup(image + name + 1, strcspn(image + name + 1, "@"));
    for (size_t i = 0; i < IRSA_COUNT(images); i++) {
        if (strlen(images[i].image) != name || strncmp(images[i].image, image, name) != 0)
            continue;
        irsa_run_ran(run, C071, C071);
        if (!older(tag, images[i].minimum))
            return;
        bool fresh;
        struct irsa_finding *finding =
            irsa_carrier_report(run, C071, carrier, binding, "spec.containers[].image", &fresh);
        if (!fresh)
            return;
        irsa_finding_message(
            finding, "container %s of %s %s/%s has %s %s; web identity needs %s or newer",
            carrier->spec->containers.items[container], carrier->kind, carrier->namespace_,
            carrier->name, images[i].tool, tag, images[i].minimum);
        irsa_finding_evidence(finding, carrier->spec->images.items[container], images[i].minimum,
                              IRSA_VERIFIED);
        irsa_finding_help(finding, "use %s:%s or newer", images[i].image, images[i].minimum);
        return;
    }
}

void irsa_check_images(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding)
{
    for (size_t i = 0; i < carrier->spec->images.len; i++)
        check_image(run, carrier, binding, i);
}
