#include "history/redis_record.h"

#include <array>
#include <bit>
#include <cstddef>
#include <span>
#include <type_traits>

#include "history/name_key.h"
#include "history/snapshot.h"

namespace vigie::history {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they are in memory");

constexpr std::array<char, 8> kMagic = {'V', 'I', 'G', 'I', 'E', 'R', 'D', 'S'};
constexpr std::uint32_t kFormat = 1;

struct Setup {
  std::array<char, 8> magic;
  std::uint32_t format;
  std::uint32_t has_secret;
  std::uint64_t fingerprint;  // where the scripts look for it
  KeyedHash::Secret secret;
};
static_assert(sizeof(Setup) == kRedisSetupBytes && offsetof(Setup, fingerprint) == 16);

// Not as in a snapshot: how many events follow is said by the length alone, so that one more changes nothing before it.
struct ClientHead {
  std::uint64_t key;
  std::uint32_t let_go_until;
  std::uint32_t reserved;
};
static_assert(sizeof(ClientHead) == 16);

template <typename Plain>
std::string bytes_of(const Plain& plain) {
  static_assert(std::has_unique_object_representations_v<Plain>);
  return {reinterpret_cast<const char*>(&plain), sizeof plain};
}

std::string hexadecimal(std::uint64_t key) {
  std::string digits(16, '0');
  for (std::size_t i = digits.size(); i > 0; --i, key >>= 4) digits[i - 1] = "0123456789abcdef"[key & 15];
  return digits;
}

}  // namespace

RedisKeys::RedisKeys(std::string_view prefix)
    : setup("{" + std::string(prefix) + "}:history"),
      clock("{" + std::string(prefix) + "}:clock"),
      clients_("{" + std::string(prefix) + "}:c:"),
      terminals_("{" + std::string(prefix) + "}:t:") {}

std::string RedisKeys::client(std::uint64_t key) const { return clients_ + hexadecimal(key); }
std::string RedisKeys::terminal(std::uint64_t key) const { return terminals_ + hexadecimal(key); }

std::string write_setup(const RedisSetup& setup) {
  return bytes_of(Setup{.magic = kMagic,
                        .format = kFormat,
                        .has_secret = setup.secret ? 1U : 0U,
                        .fingerprint = setup.fingerprint,
                        .secret = setup.secret.value_or(KeyedHash::Secret{})});
}

std::optional<RedisSetup> read_setup(std::string_view bytes) {
  Setup setup;
  if (bytes.size() != sizeof setup) return std::nullopt;
  bytes.copy(reinterpret_cast<char*>(&setup), sizeof setup);
  if (setup.magic != kMagic || setup.format != kFormat || setup.has_secret > 1) return std::nullopt;
  if (setup.has_secret == 0) {
    if (setup.secret != KeyedHash::Secret{}) return std::nullopt;
    return RedisSetup{.fingerprint = setup.fingerprint};
  }
  if (setup.fingerprint != fingerprint(KeyedHash(setup.secret))) return std::nullopt;
  return RedisSetup{.fingerprint = setup.fingerprint, .secret = setup.secret};
}

std::optional<ClientPast> read_client(std::string_view bytes, std::uint64_t key) {
  ClientHead head;
  if (bytes.size() < sizeof head || (bytes.size() - sizeof head) % sizeof(KeptEvent) != 0) return std::nullopt;
  bytes.copy(reinterpret_cast<char*>(&head), sizeof head);
  std::array<KeptEvent, kMostEvents> kept;
  const std::size_t count = (bytes.size() - sizeof head) / sizeof(KeptEvent);
  if (head.key != key || head.reserved != 0 || count == 0 || count > kept.size()) return std::nullopt;
  bytes.copy(reinterpret_cast<char*>(kept.data()), count * sizeof(KeptEvent), sizeof head);
  const std::span<const KeptEvent> events = std::span(kept).first(count);
  if (!are_kept(events)) return std::nullopt;
  std::optional<ClientPast> past(std::in_place);
  past->restore(events, head.let_go_until);
  return past;
}

std::optional<TerminalPast> read_terminal(std::string_view bytes, std::uint64_t key) {
  auto record = take_terminal(bytes);
  if (!record || record->key != key || !bytes.empty()) return std::nullopt;
  return std::move(record->past);
}

std::string key_bytes(std::uint64_t key) { return bytes_of(key); }

std::string event_bytes(const domain::Event& event) { return bytes_of(kept(event)); }

std::string fraud_bytes(const domain::Label& label) {
  return bytes_of(Fraud{.id = label.id, .time = static_cast<std::uint32_t>(label.time), .reserved = 0});
}

}  // namespace vigie::history
