#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "http/tls.h"

namespace vigie::http {
namespace {

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL: a client that has gone would end the program by SIGPIPE.
int descriptor_of(BIO* bio) { return *static_cast<const int*>(BIO_get_data(bio)); }

bool would_wait() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int receive(BIO* bio, char* room, int size) {
  BIO_clear_retry_flags(bio);
  const auto got = ::recv(descriptor_of(bio), room, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (got < 0 && would_wait()) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

int transmit(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(descriptor_of(bio), bytes, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && would_wait()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

// Lives as long as the program.
const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without signals");
    BIO_meth_set_read(made, receive);
    BIO_meth_set_write(made, transmit);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

}  // namespace

void TlsStream::Freed::operator()(SSL* ssl) const { SSL_free(ssl); }

TlsStream::TlsStream(std::shared_ptr<SSL_CTX> context, int descriptor, const std::string& host)
    : TlsStream(std::move(context), descriptor) {
  SSL_set_connect_state(ssl_.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str()) == 1) return;
  SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_set1_host(ssl_.get(), host.c_str());
  std::string name = host;  // RFC 6066, 3: never an address
  SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
}

TlsStream::TlsStream(std::shared_ptr<SSL_CTX> context, int descriptor)
    : descriptor_(descriptor), context_(std::move(context)), ssl_(SSL_new(context_.get())) {
  BIO* const bio = BIO_new(socket_method());
  BIO_set_data(bio, &descriptor_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

TlsStream::~TlsStream() = default;

TlsStream::Progress TlsStream::progress_of(int result) {
  if (result > 0) return {Outcome::kDone, static_cast<std::size_t>(result)};
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ: return {Outcome::kWaitReadable};
    case SSL_ERROR_WANT_WRITE: return {Outcome::kWaitWritable};
    case SSL_ERROR_SSL: {
      plain_http_ = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
      const char* const reason = ERR_reason_error_string(ERR_peek_error());
      const long verified = SSL_get_verify_result(ssl_.get());
      failure_ = verified != X509_V_OK ? X509_verify_cert_error_string(verified) : reason != nullptr ? reason : "";
      break;
    }
    default: break;
  }
  if (failure_.empty()) failure_ = "the other side has ended the connection";
  ERR_clear_error();
  return {Outcome::kEnded};
}

TlsStream::Progress TlsStream::handshake() {
  ERR_clear_error();
  return progress_of(SSL_do_handshake(ssl_.get()));
}

TlsStream::Progress TlsStream::read(std::span<char> room) {
  ERR_clear_error();
  return progress_of(SSL_read(ssl_.get(), room.data(), static_cast<int>(room.size())));
}

TlsStream::Progress TlsStream::write(std::span<const char> bytes) {
  constexpr std::size_t kRecord = 16 * 1024;  // more would go record by record all the same
  ERR_clear_error();
  return progress_of(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(std::min(bytes.size(), kRecord))));
}

void TlsStream::end_sending() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_.get()) == 1) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace vigie::http
