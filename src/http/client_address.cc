#include "http/client_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <ranges>

#include "base/number.h"

namespace vigie::http {
namespace {

constexpr std::size_t kLongest = INET6_ADDRSTRLEN;
constexpr IpAddress kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t kMappedBits = 96;

// Its first `bits` bits, the others 0.
IpAddress masked(IpAddress address, std::size_t bits) {
  for (std::size_t i = 0; i < address.size(); ++i) {
    const std::size_t kept = std::min<std::size_t>(8, bits - std::min(bits, 8 * i));
    address[i] = static_cast<unsigned char>(address[i] & (0xFF00u >> kept));
  }
  return address;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  if (text.empty() || text.size() >= kLongest) return std::nullopt;
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  std::array<char, kLongest> ended{};
  std::ranges::copy(text, ended.begin());
  IpAddress address = kMapped;
  if (::inet_pton(AF_INET, ended.data(), address.data() + 12) == 1) return address;
  if (::inet_pton(AF_INET6, ended.data(), address.data()) == 1) return address;
  return std::nullopt;
}

bool is_v4(const IpAddress& address) { return std::equal(address.begin(), address.begin() + 12, kMapped.begin()); }

std::string to_string(const IpAddress& address) {
  std::array<char, kLongest> text{};
  const bool v4 = is_v4(address);
  ::inet_ntop(v4 ? AF_INET : AF_INET6, address.data() + (v4 ? 12 : 0), text.data(), text.size());
  return text.data();
}

std::optional<IpAddress> parse_forwarded(std::string_view item) {
  if (item.starts_with('[')) {
    const auto end = item.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = item.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
    item = item.substr(1, end - 1);
    if (item.find(':') == std::string_view::npos) return std::nullopt;
  } else if (const auto colon = item.find(':'); colon != std::string_view::npos && colon == item.rfind(':')) {
    if (!is_port(item.substr(colon + 1))) return std::nullopt;
    item = item.substr(0, colon);
  }
  if (item.find(':') != std::string_view::npos) item = item.substr(0, item.find('%'));
  return parse_ip(item);
}

Result<Networks> Networks::parse(std::span<const std::string> texts, std::string_view field) {
  Networks networks;
  for (const std::string& text : texts) {
    const auto slash = text.find('/');
    const auto address = parse_ip(std::string_view(text).substr(0, slash));
    const std::size_t before = address && is_v4(*address) && text.find(':') == std::string::npos ? kMappedBits : 0;
    std::size_t bits = 128;
    if (slash != std::string::npos) {
      const auto length = parse_int(std::string_view(text).substr(slash + 1));
      bits = length && *length >= 0 ? before + static_cast<std::size_t>(*length) : 129;
    }
    if (!address || bits > 128 || masked(*address, bits) != *address) {
      return fail(Code::kInvalidArgument, "\"" + text + "\" is no address and no network",
                  {.field = std::string(field)},
                  "write 192.0.2.1, or a network by its first address, like 10.0.0.0/8 or fd00::/8");
    }
    networks.networks_.push_back({*address, bits});
  }
  return networks;
}

bool Networks::contain(const IpAddress& address) const {
  return std::ranges::any_of(networks_,
                             [&](const Network& network) { return masked(address, network.bits) == network.address; });
}

Result<TrustedProxies> TrustedProxies::parse(std::span<const std::string> texts) {
  TrustedProxies proxies;
  proxies.networks_ = VIGIE_TRY(Networks::parse(texts, "trusted_proxies"));
  return proxies;
}

IpAddress TrustedProxies::client_of(const Request& request, const IpAddress& peer) const {
  IpAddress client = peer;
  if (request.fields == nullptr || !trusts(peer)) return client;
  for (const FieldSlices& field : std::views::reverse(*request.fields)) {
    if (!equals_ignoring_case({request.bytes + field.name.at, field.name.size}, "X-Forwarded-For")) continue;
    std::string_view list(request.bytes + field.value.at, field.value.size);
    while (!list.empty()) {
      const auto comma = list.rfind(',');
      const std::string_view item = trimmed(comma == std::string_view::npos ? list : list.substr(comma + 1));
      list = list.substr(0, comma == std::string_view::npos ? 0 : comma);
      if (item.empty()) continue;  // as in any list (RFC 9110, 5.6.1)
      const auto named = parse_forwarded(item);
      if (!named) return client;
      client = *named;
      if (!trusts(client)) return client;
    }
  }
  return client;
}

}  // namespace vigie::http
