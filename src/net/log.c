/* SPDX-License-Identifier: Apache-2.0 */
#include "net/transfer.h"

void irsa_transfer_log(const struct irsa_transfer *transfer)
{
    const struct irsa_exchange *exchange = transfer->exchange;
    irsa_auto_buf line = {0};
    irsa_buf_addf(&line, "irsa-fix: http: %s %s %s ", exchange->request.label,
                  exchange->request.method, transfer->host ? transfer->host : "(no host)");
    if (exchange->response.status != 0)
        irsa_buf_addf(&line, "%ld", exchange->response.status);
    else
        irsa_buf_adds(&line, "no answer");
    curl_off_t taken = 0;
    if (transfer->easy
        && curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &taken) == CURLE_OK)
        irsa_buf_addf(&line, " in %ld ms", (long)(taken / 1000));
    irsa_buf_addf(&line, ", attempt %u", exchange->attempts ? exchange->attempts : 1);
    const char *id = irsa_http_request_id(&exchange->response);
    if (id)
        irsa_buf_addf(&line, ", request id %s", id);
    if (exchange->error)
        irsa_buf_addf(&line, ": %s", irsa_error_message(exchange->error));
    for (size_t i = 0; i < line.len; i++) {
        if ((unsigned char)line.data[i] < 0x20 || line.data[i] == 0x7f)
            line.data[i] = '?'; /* a host as the user wrote it */
    }
    irsa_buf_addc(&line, '\n');
    (void)fwrite(line.data, 1, line.len, stderr);
}
