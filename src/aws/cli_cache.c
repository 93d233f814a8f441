/* SPDX-License-Identifier: Apache-2.0 */
/* The file's name is the SHA-1 of the arguments as Python's json.dumps(sort_keys=True) writes them,
 * its content the answer of AssumeRole; less than 15 minutes are not enough
 * (CachedCredentialFetcher in botocore's credentials.py, 1.44.5;
 * awscli/customizations/assumerole.py has the folder). */
#include "aws/cli_cache.h"

#include <openssl/evp.h>

#define CACHE_MAX ((size_t)1 << 20)
#define EXPIRY_WINDOW (15 * 60)

char *irsa_aws_cli_cache_path(const char *folder, const char *name)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(name, strlen(name), digest, &len, EVP_sha1(), NULL) != 1)
        len = 0;
    irsa_auto_buf hex = {0};
    for (unsigned i = 0; i < len; i++)
        irsa_buf_addf(&hex, "%02x", digest[i]);
    return irsa_format("%s/%s.json", folder, irsa_buf_str(&hex));
}

bool irsa_aws_cli_cached(const struct irsa_aws_chain *chain, const json_t *arguments,
                         struct irsa_aws_credentials *ret)
{
    irsa_autofree char *folder = irsa_format("%s/.aws/cli/cache", chain->config->home);
    /* without JSON_COMPACT it is Python's ", " and ": " */
    irsa_autofree char *name = json_dumps(arguments, JSON_SORT_KEYS | JSON_ENSURE_ASCII);
    irsa_autofree char *path = name ? irsa_aws_cli_cache_path(folder, name) : NULL;
    IRSA_CLEANUP(irsa_aws_wipe_buf) struct irsa_buf text = {0};
    irsa_auto_error ignored = NULL;
    if (!path || irsa_file_read(path, CACHE_MAX, &text, &ignored) != 0)
        return false;
    json_auto_t *json = json_loadb(irsa_buf_str(&text), text.len, 0, NULL);
    const char *missing = NULL;
    if (irsa_aws_credentials_of_json(json_object_get(json, "Credentials"), "SessionToken",
                                     /* is_temporary= */ true, ret, &missing)
        && ret->expires_at - irsa_aws_now(chain) >= EXPIRY_WINDOW)
        return true;
    irsa_aws_credentials_done(ret);
    return false;
}
