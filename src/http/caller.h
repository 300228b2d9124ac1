// Whom a gate let in, for handlers and logs.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace vigie::http {

struct Caller {
  std::string subject{};         // as records name the caller, unique within the issuer
  std::string issuer{};          // who vouches for it
  std::string client{};          // the program that asks for the subject; empty where the issuer does not say
  std::string token_id{};        // what the proof is revoked by; empty where it has no name
  std::string_view role_name{};  // in static storage; empty: known, and allowed nothing
  WallTime expires{};            // the proof
};

}  // namespace vigie::http
