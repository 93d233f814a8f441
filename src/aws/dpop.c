/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/dpop.h"

#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/random.h>

#define P256_BYTES 32

static void free_bio(BIO **bio)
{
    BIO_free(*bio);
}
static void free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}
static void free_digest(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}
static void free_number(BIGNUM **number)
{
    BN_free(*number);
}
static void free_pair(ECDSA_SIG **pair)
{
    ECDSA_SIG_free(*pair);
}

void irsa_base64url_encode(const void *data, size_t len, struct irsa_buf *ret)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i < 3 ? len - i : 3;
        uint32_t bits = (uint32_t)bytes[i] << 16;
        bits |= left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
        bits |= left > 2 ? bytes[i + 2] : 0;
        for (size_t k = 0; k <= left; k++)
            irsa_buf_addc(ret, digits[bits >> (18 - 6 * k) & 63]);
    }
}

/* Nobody is asked for a passphrase: such a key is none that a program left there for programs. */
static int no_passphrase(char *buf, int size, int writing, void *context)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static EVP_PKEY *read_key(const char *pem)
{
    IRSA_CLEANUP(free_bio) BIO *bio = BIO_new_mem_buf(pem, -1);
    IRSA_CLEANUP(free_key)
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    char group[32] = "";
    size_t len = 0;
    if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC
        || EVP_PKEY_get_group_name(key, group, sizeof group, &len) != 1
        || strcmp(group, SN_X9_62_prime256v1) != 0)
        return NULL;
    return irsa_steal(&key);
}

static bool add_number(const BIGNUM *number, struct irsa_buf *ret)
{
    unsigned char bytes[P256_BYTES];
    if (BN_bn2binpad(number, bytes, sizeof bytes) != P256_BYTES)
        return false;
    irsa_base64url_encode(bytes, sizeof bytes, ret);
    return true;
}

/* One coordinate of the public key, as a JWK has it; the caller's, or NULL. */
static char *coordinate(EVP_PKEY *key, const char *name)
{
    IRSA_CLEANUP(free_number) BIGNUM *number = NULL;
    irsa_auto_buf text = {0};
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1 || !add_number(number, &text))
        return NULL;
    return irsa_buf_steal(&text);
}

/* A random UUID (RFC 9562, section 5.4): no two proofs are alike. */
static char *new_id(void)
{
    unsigned char b[16] = {0};
    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
        return NULL;
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    return irsa_format("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
                       b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
                       b[13], b[14], b[15]);
}

static bool add_part(json_t *object, struct irsa_buf *ret)
{
    json_auto_t *owned = object;
    irsa_autofree char *text = owned ? json_dumps(owned, JSON_COMPACT) : NULL;
    if (!text)
        return false;
    irsa_base64url_encode(text, strlen(text), ret);
    return true;
}

/* {"typ","alg","jwk"}.{"htm","htu","iat","jti"} */
static bool add_claims(EVP_PKEY *key, const char *url, int64_t now, struct irsa_buf *ret)
{
    irsa_autofree char *x = coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X);
    irsa_autofree char *y = coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y);
    irsa_autofree char *id = new_id();
    if (!x || !y || !id
        || !add_part(json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:s}}", "typ", "dpop+jwt", "alg",
                               "ES256", "jwk", "kty", "EC", "crv", "P-256", "x", x, "y", y),
                     ret))
        return false;
    irsa_buf_addc(ret, '.');
    return add_part(json_pack("{s:s, s:s, s:I, s:s}", "htm", "POST", "htu", url, "iat",
                              (json_int_t)now, "jti", id),
                    ret);
}

/* JWS has the two numbers side by side, OpenSSL in DER (RFC 7518, section 3.4). */
static bool add_signature(EVP_PKEY *key, struct irsa_buf *ret)
{
    IRSA_CLEANUP(free_digest) EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char der[128];
    size_t len = sizeof der;
    if (!context || EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1
        || EVP_DigestSign(context, der, &len, (const unsigned char *)ret->data, ret->len) != 1)
        return false;
    const unsigned char *p = der;
    IRSA_CLEANUP(free_pair) ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &p, (long)len);
    unsigned char both[2 * P256_BYTES];
    if (!pair || BN_bn2binpad(ECDSA_SIG_get0_r(pair), both, P256_BYTES) != P256_BYTES
        || BN_bn2binpad(ECDSA_SIG_get0_s(pair), both + P256_BYTES, P256_BYTES) != P256_BYTES)
        return false;
    irsa_buf_addc(ret, '.');
    irsa_base64url_encode(both, sizeof both, ret);
    return true;
}

int irsa_dpop_proof(const char *pem, const char *url, int64_t now, char **ret,
                    struct irsa_error **reterr)
{
    IRSA_CLEANUP(free_key) EVP_PKEY *key = read_key(pem);
    irsa_auto_buf text = {0};
    if (!key || !add_claims(key, url, now, &text) || !add_signature(key, &text))
        return irsa_fail(reterr, IRSA_E_PARSE, "the key is no EC private key on P-256");
    *ret = irsa_buf_steal(&text);
    return 0;
}
