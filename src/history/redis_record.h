// What a history in Redis is made of: names of keys, and values, which anybody with access to that Redis may have
// written: whatever is not as this history writes it is refused. docs/history.md has the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/keyed_hash.h"
#include "history/client_past.h"
#include "history/terminal_past.h"

namespace vigie::history {

// Names of keys. The braces make all of them one hash slot, since one script touches several.
struct RedisKeys {
  explicit RedisKeys(std::string_view prefix);
  std::string client(std::uint64_t key) const;
  std::string terminal(std::uint64_t key) const;

  std::string setup;
  std::string clock;

 private:
  std::string clients_;
  std::string terminals_;
};

// Begun by the first server that comes, and held to by the others.
struct RedisSetup {
  std::uint64_t fingerprint = 0;
  std::optional<KeyedHash::Secret> secret{};  // nothing where servers bring it themselves
  bool operator==(const RedisSetup&) const = default;
};
inline constexpr std::size_t kRedisSetupBytes = 40;
std::string write_setup(const RedisSetup& setup);
std::optional<RedisSetup> read_setup(std::string_view bytes);

// The record of this client (terminal), all of the bytes.
std::optional<ClientPast> read_client(std::string_view bytes, std::uint64_t key);
std::optional<TerminalPast> read_terminal(std::string_view bytes, std::uint64_t key);

// As the scripts take them.
std::string key_bytes(std::uint64_t key);
std::string event_bytes(const domain::Event& event);
std::string fraud_bytes(const domain::Label& label);

}  // namespace vigie::history
