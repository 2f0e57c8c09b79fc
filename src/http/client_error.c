#include "base/base.h"

#include "http/client_private.h"

#include <curl/curl.h>

/* What cannot be mended by waiting, and happens before anything is sent; all else of that kind is TRANSIENT. */
static const CURLcode client_config_codes[] = {
    CURLE_UNSUPPORTED_PROTOCOL,     CURLE_URL_MALFORMAT,
    CURLE_SSL_CERTPROBLEM,          CURLE_SSL_CIPHER,
    CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
    CURLE_SSL_ENGINE_NOTFOUND,      CURLE_SSL_ISSUER_ERROR,
    CURLE_SSL_CRL_BADFILE,          CURLE_SSL_PINNEDPUBKEYNOTMATCH,
    CURLE_SSL_INVALIDCERTSTATUS,
};

static enum err_class client_class(CURLcode code, bool was_sent)
{
    if (was_sent)
        return ERR_UNCERTAIN;
    for (size_t i = 0; i < COUNT(client_config_codes); i++)
        if (client_config_codes[i] == code)
            return ERR_CONFIG;
    return ERR_TRANSIENT;
}

static const char *client_reason(CURLcode code, bool was_sent, const char *detail)
{
    if (code == CURLE_OPERATION_TIMEDOUT)
        return was_sent ? "no answer in time" : "no connection in time";
    if (code == CURLE_WRITE_ERROR)
        return "the answer is too large";
    if (code == CURLE_GOT_NOTHING)
        return "the connection was closed without an answer";
    if (code == CURLE_PARTIAL_FILE)
        return "the answer was cut";
    bool is_tls = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR;
    return is_tls && !text_blank(detail) ? detail : curl_easy_strerror(code);
}

int client_fail(int code, bool was_sent, const char *host, const char *detail, struct err *e)
{
    CURLcode c = (CURLcode)code;
    return fail(e, client_class(c, was_sent), "%s: %s", host, client_reason(c, was_sent, detail));
}
