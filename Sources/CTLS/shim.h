/// What swift-nio-ssl's BoringSSL can and swift-nio-ssl does not offer. The functions are in that package's library.
#ifndef CTLS_H
#define CTLS_H

#include <stdint.h>

/// SSL_OP_CIPHER_SERVER_PREFERENCE of openssl/ssl.h.
enum { tls_option_server_preference = 0x00400000 };

uint32_t CNIOBoringSSL_SSL_CTX_set_options(void *context, uint32_t options);

/// How long a session of TLS 1.3 may be resumed, in seconds.
void CNIOBoringSSL_SSL_CTX_set_session_psk_dhe_timeout(void *context, uint32_t seconds);

#endif
