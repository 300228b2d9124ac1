#include "load/trust.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <cerrno>
#include <fstream>

namespace vigie::load {

Result<std::shared_ptr<SSL_CTX>> make_client_tls(const Trust& trust) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};  // RFC 7301
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_alpn_protos(context.get(), kHttp11.data(), kHttp11.size()) != 0) {
    return fail(Code::kInternal, "cannot prepare TLS");
  }
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Each connection makes a handshake of its own, as a new client's does.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  if (trust.insecure) return context;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (trust.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
    return context;
  }
  errno = 0;
  if (!std::ifstream(trust.ca_file)) return fail_errno("cannot read", trust.ca_file, errno != 0 ? errno : EIO);
  if (SSL_CTX_load_verify_file(context.get(), trust.ca_file.c_str()) != 1) {
    ERR_clear_error();
    return fail(Code::kInvalidData, "there is no certificate in it", {.file = trust.ca_file, .field = "--ca"},
                "give a PEM file with the certificate of who signed the server's");
  }
  return context;
}

}  // namespace vigie::load
