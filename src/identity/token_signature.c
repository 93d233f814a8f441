/* SPDX-License-Identifier: Apache-2.0 */
/* RS256 and ES256 (RFC 7518, sections 3.3 and 3.4), the two that a Kubernetes API server signs
 * with (https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/,
 * --service-account-signing-key-file); EKS uses RS256. */
#include "identity/token.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#define P256_BYTES 32

static void free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}
static void free_context(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}
static void free_digest(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}
static void free_builder(OSSL_PARAM_BLD **builder)
{
    OSSL_PARAM_BLD_free(*builder);
}
static void free_parameters(OSSL_PARAM **parameters)
{
    OSSL_PARAM_free(*parameters);
}
static void free_number(BIGNUM **number)
{
    BN_free(*number);
}
static void free_pair(ECDSA_SIG **pair)
{
    ECDSA_SIG_free(*pair);
}

/* --- keys (RFC 7518, section 6) --------------------------------------------------------------- */

static EVP_PKEY *key_of(const char *type, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY *key = NULL;
    IRSA_CLEANUP(free_parameters) OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    IRSA_CLEANUP(free_context) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (!parameters || !context || EVP_PKEY_fromdata_init(context) <= 0
        || EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) <= 0)
        return NULL;
    return key;
}

static bool decode_member(const json_t *jwk, const char *name, struct irsa_buf *ret)
{
    const char *text = json_string_value(json_object_get(jwk, name));
    return text && irsa_base64url_decode(text, strlen(text), ret) && ret->len > 0;
}

static EVP_PKEY *rsa_key(const json_t *jwk)
{
    irsa_auto_buf n = {0};
    irsa_auto_buf e = {0};
    if (!decode_member(jwk, "n", &n) || !decode_member(jwk, "e", &e))
        return NULL;
    IRSA_CLEANUP(free_number)
    BIGNUM *modulus = BN_bin2bn((const unsigned char *)n.data, (int)n.len, NULL);
    IRSA_CLEANUP(free_number)
    BIGNUM *exponent = BN_bin2bn((const unsigned char *)e.data, (int)e.len, NULL);
    IRSA_CLEANUP(free_builder) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (!modulus || !exponent || !builder
        || !OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus)
        || !OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent))
        return NULL;
    return key_of("RSA", builder);
}

static EVP_PKEY *p256_key(const json_t *jwk)
{
    const char *curve = json_string_value(json_object_get(jwk, "crv"));
    irsa_auto_buf point = {0};
    irsa_auto_buf y = {0};
    irsa_buf_addc(&point, '\x04'); /* uncompressed */
    if (!curve || strcmp(curve, "P-256") != 0 || !decode_member(jwk, "x", &point)
        || !decode_member(jwk, "y", &y) || point.len != 1 + P256_BYTES || y.len != P256_BYTES)
        return NULL;
    irsa_buf_add(&point, y.data, y.len);
    IRSA_CLEANUP(free_builder) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (!builder
        || !OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0)
        || !OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data,
                                             point.len))
        return NULL;
    return key_of("EC", builder);
}

static const json_t *find_key(const json_t *keys, const char *id)
{
    size_t i = 0;
    json_t *key = NULL;
    json_array_foreach(json_object_get(keys, "keys"), i, key)
    {
        const char *its = json_string_value(json_object_get(key, "kid"));
        if (its && strcmp(its, id) == 0)
            return key;
    }
    return NULL;
}

/* --- signatures ------------------------------------------------------------------------------- */

/* r and s side by side become the DER that OpenSSL wants. */
static bool p256_signature(struct irsa_buf *signature)
{
    if (signature->len != 2 * (size_t)P256_BYTES)
        return false;
    const unsigned char *bytes = (const unsigned char *)signature->data;
    IRSA_CLEANUP(free_pair) ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(bytes, P256_BYTES, NULL);
    BIGNUM *s = BN_bin2bn(bytes + P256_BYTES, P256_BYTES, NULL);
    if (!pair || !r || !s || !ECDSA_SIG_set0(pair, r, s)) {
        BN_free(r);
        BN_free(s);
        return false;
    }
    unsigned char *der = NULL;
    int len = i2d_ECDSA_SIG(pair, &der);
    if (len <= 0)
        return false;
    explicit_bzero(signature->data, signature->len);
    signature->len = 0;
    irsa_buf_add(signature, der, (size_t)len);
    OPENSSL_clear_free(der, (size_t)len);
    return true;
}

static bool verifies(EVP_PKEY *key, const struct irsa_token_parts *parts,
                     const struct irsa_buf *signature)
{
    IRSA_CLEANUP(free_digest) EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t signed_len = parts->header_len + 1 + parts->payload_len;
    return context && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1
           && EVP_DigestVerify(context, (const unsigned char *)signature->data, signature->len,
                               (const unsigned char *)parts->header, signed_len)
                  == 1;
}

static enum irsa_signature verify_with(const json_t *jwk, const char *algorithm,
                                       const struct irsa_token_parts *parts)
{
    const char *type = json_string_value(json_object_get(jwk, "kty"));
    bool rsa = strcmp(algorithm, "RS256") == 0;
    if (!type || strcmp(type, rsa ? "RSA" : "EC") != 0)
        return IRSA_SIGNATURE_UNSUPPORTED;
    IRSA_CLEANUP(free_key) EVP_PKEY *key = rsa ? rsa_key(jwk) : p256_key(jwk);
    if (!key)
        return IRSA_SIGNATURE_UNSUPPORTED;
    irsa_auto_buf signature = {0};
    bool good = irsa_base64url_decode(parts->signature, parts->signature_len, &signature)
                && (rsa || p256_signature(&signature)) && verifies(key, parts, &signature);
    if (signature.data)
        explicit_bzero(signature.data, signature.len);
    return good ? IRSA_SIGNATURE_GOOD : IRSA_SIGNATURE_BAD;
}

enum irsa_signature irsa_token_verify(const char *text, size_t len, const json_t *keys,
                                      char **ret_message)
{
    struct irsa_token_parts parts = {0};
    json_auto_t *header = irsa_token_split(text, len, &parts)
                              ? irsa_token_part(parts.header, parts.header_len)
                              : NULL;
    const char *algorithm = json_string_value(json_object_get(header, "alg"));
    const char *id = json_string_value(json_object_get(header, "kid"));
    size_t count = json_array_size(json_object_get(keys, "keys"));
    if (!algorithm || (strcmp(algorithm, "RS256") != 0 && strcmp(algorithm, "ES256") != 0)) {
        *ret_message = irsa_format("signed by %.40s, which is not verified here",
                                   algorithm ? algorithm : "an unknown algorithm");
        return IRSA_SIGNATURE_UNSUPPORTED;
    }
    const json_t *jwk = id ? find_key(keys, id) : NULL;
    if (!jwk) {
        *ret_message = irsa_format("key %.100s is not among the issuer's %zu key%s",
                                   id ? id : "(none named)", count, count == 1 ? "" : "s");
        return IRSA_SIGNATURE_NO_KEY;
    }
    enum irsa_signature verdict = verify_with(jwk, algorithm, &parts);
    static const char *const words[] = {[IRSA_SIGNATURE_GOOD] = "is by",
                                        [IRSA_SIGNATURE_BAD] = "is not by",
                                        [IRSA_SIGNATURE_UNSUPPORTED] = "can't be verified with"};
    *ret_message = irsa_format("the signature (%s) %s key %.100s", algorithm, words[verdict], id);
    return verdict;
}
