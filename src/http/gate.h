// Who may ask for what: speaks once the header of a request is there, before its body and its handler.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "http/message.h"

namespace vigie::http {

struct Route;

struct GateWord {
  enum class Kind : std::uint8_t { kIn, kOut, kWait };
  Kind kind = Kind::kIn;
  Rejection rejection{};                   // of kOut
  std::string headers{};                   // whole lines for the answer, "WWW-Authenticate: Bearer\r\n"
  std::shared_ptr<const Caller> caller{};  // who it is, where that was found out
};

// What a gate writes down at a request. It gets it back at the connection's next one where that has the same head, so
// that it need not take the same proof to pieces again; at any other it is empty.
using GateNote = std::optional<std::array<std::uint64_t, 2>>;

// Any thread. The request has no body yet.
class Gate {
 public:
  virtual ~Gate() = default;
  // On an event loop, where nobody may be kept waiting: kWait where decide() must be asked.
  virtual GateWord at_once(const Route& route, const Request& request, GateNote& note) const = 0;
  // On a thread that may take a while: kIn or kOut.
  virtual GateWord decide(const Route& route, const Request& request) const = 0;
};

}  // namespace vigie::http
