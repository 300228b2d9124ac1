#include "identity/token.h"

#include <algorithm>
#include <cctype>

#include "identity/base64url.h"
#include "identity/strict_json.h"

namespace vigie::identity {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestKeyId = 256;

std::string type_of(std::string_view text) {
  std::string type(text);
  std::ranges::transform(type, type.begin(), [](unsigned char letter) { return std::tolower(letter); });
  constexpr std::string_view kPrefix = "application/";
  if (type.starts_with(kPrefix)) type.erase(0, kPrefix.size());
  return type;
}

std::expected<void, Refusal> read_header(std::string_view text, Token& token) {
  const Result<json::object> header = parse_object(text, {.members = 32, .depth = 3});
  if (!header) return std::unexpected(Refusal::kHeader);
  for (const char* const name : {"jku", "jwk", "x5u", "x5c"}) {
    if (header->contains(name)) return std::unexpected(Refusal::kOwnKey);
  }
  if (header->contains("crit") || header->contains("b64")) return std::unexpected(Refusal::kHeader);
  const json::value* const algorithm = header->if_contains("alg");
  if (algorithm == nullptr || !algorithm->is_string()) return std::unexpected(Refusal::kHeader);
  const auto known = parse_algorithm(std::string_view(algorithm->get_string()));
  if (!known) return std::unexpected(Refusal::kAlgorithm);
  token.algorithm = *known;
  if (const json::value* const id = header->if_contains("kid")) {
    // An empty one would mean the same as none.
    if (!id->is_string() || id->get_string().empty() || id->get_string().size() > kLongestKeyId) {
      return std::unexpected(Refusal::kHeader);
    }
    token.key_id = id->get_string();
  }
  if (const json::value* const type = header->if_contains("typ")) {
    if (!type->is_string()) return std::unexpected(Refusal::kHeader);
    token.type = type_of(std::string_view(type->get_string()));
  }
  return {};
}

}  // namespace

bool is_opaque(std::string_view text) {
  if (text.size() > kLongestToken) return false;
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/";
  const std::size_t letters = std::min(text.find_first_not_of(kLetters), text.size());
  if (letters == 0 || text.find_first_not_of('=', letters) != std::string_view::npos) return false;
  return std::ranges::count(text, '.') != 2;
}

std::expected<Token, Refusal> parse_token(std::string_view text) {
  if (text.size() > kLongestToken) return std::unexpected(Refusal::kTooLong);
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return std::unexpected(Refusal::kForm);
  }
  const auto header = decode_base64url(text.substr(0, first));
  auto payload = decode_base64url(text.substr(first + 1, second - first - 1));
  auto signature = decode_base64url(text.substr(second + 1));
  if (!header || !payload || !signature || header->empty()) return std::unexpected(Refusal::kForm);
  Token token{.algorithm{},
              .key_id{},
              .type{},
              .signed_part = text.substr(0, second),
              .payload = std::move(*payload),
              .signature = std::move(*signature)};
  if (const auto read = read_header(*header, token); !read) return std::unexpected(read.error());
  return token;
}

}  // namespace vigie::identity
