// Which certificates a server under load may have.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

#include "base/result.h"

namespace vigie::load {

struct Trust {
  std::string ca_file{};  // PEM: who may sign the server's certificate; empty: those that the system trusts
  bool insecure = false;  // any certificate will do, whoever has it
};

// For connections over TLS 1.2 and 1.3. Errors name the file.
Result<std::shared_ptr<SSL_CTX>> make_client_tls(const Trust& trust);

}  // namespace vigie::load
