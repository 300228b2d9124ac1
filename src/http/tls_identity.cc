#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "http/tls.h"

namespace vigie::http {
namespace {

// The reason alone: what OpenSSL adds may name functions and lines of its own.
std::string reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* const text = ERR_reason_error_string(code);
  return text != nullptr ? text : "unknown reason";
}

Status check_readable(const std::string& file) {
  errno = 0;
  const std::ifstream stream(file);
  if (stream) return {};
  return fail_errno("cannot read", file, errno != 0 ? errno : EIO);
}

// HTTP/1.1 is what is spoken here; a client that offers protocols without it is refused (RFC 7301, 3.2).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  static constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  const int result = SSL_select_next_proto(&found, size, kHttp11.data(), kHttp11.size(), offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// A key with a passphrase is refused; nobody is asked on a terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

Status load_certificate(SSL_CTX& context, const TlsOptions& options) {
  VIGIE_TRY(check_readable(options.certificate_file));
  VIGIE_TRY(check_readable(options.key_file));
  if (SSL_CTX_use_certificate_chain_file(&context, options.certificate_file.c_str()) != 1) {
    return fail(Code::kInvalidData, "no usable certificate: " + reason(), {.file = options.certificate_file},
                "give a PEM file with the server's certificate first and its issuers behind it");
  }
  if (SSL_CTX_use_PrivateKey_file(&context, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return fail(Code::kInvalidData, "no usable private key for this certificate: " + reason(),
                {.file = options.key_file}, "give a PEM file with the certificate's own key, without a passphrase");
  }
  return {};
}

Status load_client_authorities(SSL_CTX& context, const std::string& file) {
  VIGIE_TRY(check_readable(file));
  STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(file.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(&context, file.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return fail(Code::kInvalidData, "no usable certificate: " + reason(), {.file = file},
                "give a PEM file with the authorities that sign the clients' certificates");
  }
  SSL_CTX_set_client_CA_list(&context, names);
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

Result<std::shared_ptr<SSL_CTX>> make_context(const TlsOptions& options) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  const int least = options.least == TlsVersion::k13 ? TLS1_3_VERSION : TLS1_2_VERSION;
  constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";  // of TLS 1.2; those of 1.3 are all good
  constexpr std::string_view kSessions = "vigie";
  if (!context || SSL_CTX_set_min_proto_version(context.get(), least) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), kCiphers) != 1 ||
      SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>(kSessions.data()),
                                     kSessions.size()) != 1) {
    return fail(Code::kInternal, "cannot prepare TLS: " + reason());
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  // An idle connection keeps no buffers.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Sessions are resumed by tickets, which the client keeps.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
  VIGIE_TRY(load_certificate(*context, options));
  if (!options.client_ca_file.empty()) VIGIE_TRY(load_client_authorities(*context, options.client_ca_file));
  return context;
}

}  // namespace

Result<std::unique_ptr<TlsIdentity>> TlsIdentity::load(TlsOptions options) {
  std::unique_ptr<TlsIdentity> identity(new TlsIdentity(std::move(options)));
  VIGIE_TRY(identity->reload());
  return identity;
}

Status TlsIdentity::reload() {
  auto context = VIGIE_TRY(make_context(options_));
  const std::scoped_lock lock(mutex_);
  context_.swap(context);
  return {};
}

std::shared_ptr<SSL_CTX> TlsIdentity::current() const {
  const std::scoped_lock lock(mutex_);
  return context_;
}

}  // namespace vigie::http
