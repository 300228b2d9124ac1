// TLS 1.2 and 1.3 for the edge: certificates from files, which can be read again while connections are open. RFC 8446,
// RFC 5246; the choice of ciphers follows RFC 9325 (only those with forward secrecy and authenticated encryption).
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "base/result.h"

namespace vigie::http {

enum class TlsVersion : std::uint8_t { k12, k13 };

struct TlsOptions {
  std::string certificate_file;  // PEM: the server's certificate first, then those between it and the root
  std::string key_file;          // PEM, without a passphrase
  TlsVersion least = TlsVersion::k12;
  std::string client_ca_file{};  // PEM: clients must have a certificate of one of these; empty: none is asked for
};

// What new connections are secured with.
class TlsIdentity {
 public:
  // Errors name the file: unreadable, no certificate or key, a key that is not the certificate's.
  static Result<std::unique_ptr<TlsIdentity>> load(TlsOptions options);

  // Reads the files again. On an error what was there stays; open connections keep what they began with. Any thread.
  Status reload();
  std::shared_ptr<SSL_CTX> current() const;

 private:
  explicit TlsIdentity(TlsOptions options) : options_(std::move(options)) {}

  const TlsOptions options_;
  mutable std::mutex mutex_;
  std::shared_ptr<SSL_CTX> context_;
};

// One connection's TLS over a socket that never waits; the handshake is made by the first reads and writes.
class TlsStream {
 public:
  // A server's. `descriptor` stays its owner's.
  TlsStream(std::shared_ptr<SSL_CTX> context, int descriptor);
  // A client's, of the server `host`, a name or a numeric address: what is in its certificate where `context` checks
  // it.
  TlsStream(std::shared_ptr<SSL_CTX> context, int descriptor, const std::string& host);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  enum class Outcome : std::uint8_t {
    kDone,          // `moved` bytes
    kWaitReadable,  // again when the socket is readable: writing may have to read first, and the other way round
    kWaitWritable,
    kEnded,  // by the client, in the right way or not
  };
  struct Progress {
    Outcome outcome = Outcome::kDone;
    std::size_t moved = 0;
  };
  Progress handshake();  // for those who want it to be over, or to know why it fails
  Progress read(std::span<char> room);
  Progress write(std::span<const char> bytes);  // after kWait...: again with the same bytes, wherever they are now
  void end_sending();                           // tells the client that nothing more comes

  // After kEnded: why, in OpenSSL's words.
  const std::string& failure() const { return failure_; }
  // The client has sent a request in plain text: read() has ended with it.
  bool was_plain_http() const { return plain_http_; }

 private:
  Progress progress_of(int result);

  struct Freed {
    void operator()(SSL* ssl) const;
  };
  int descriptor_;
  std::shared_ptr<SSL_CTX> context_;
  std::unique_ptr<SSL, Freed> ssl_;
  std::string failure_;
  bool plain_http_ = false;
};

}  // namespace vigie::http
