#include "identity/rate_rule.h"

#include "base/number.h"

namespace vigie::identity {
namespace {

using std::chrono::seconds;

std::unexpected<Error> wrong(std::string_view text, const char* message, const char* remedy) {
  return fail(Code::kInvalidArgument, "\"" + std::string(text) + "\" " + message, {}, remedy);
}

// The next word; what follows it stays in `text`.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

// "1m", "30s", or a unit alone.
std::optional<seconds> parse_time(std::string_view text) {
  constexpr std::int64_t kMost = 366;  // of any unit
  if (text.empty()) return std::nullopt;
  const std::string_view number = text.substr(0, text.size() - 1);
  const auto count = number.empty() ? std::optional<std::int64_t>(1) : parse_int(number);
  if (!count || *count < 1 || *count > kMost) return std::nullopt;
  switch (text.back()) {
    case 's': return seconds(*count);
    case 'm': return std::chrono::minutes(*count);
    case 'h': return std::chrono::hours(*count);
    case 'd': return std::chrono::days(*count);
    default: return std::nullopt;
  }
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  const auto count = parse_int(text);
  return count && *count >= 1 ? std::optional(static_cast<std::uint64_t>(*count)) : std::nullopt;
}

}  // namespace

Result<RateLimit> parse_rate_limit(std::string_view text) {
  constexpr const char* kForm = "write 600/1m, or 600/1m burst 100: requests in a time of s, m, h or d";
  std::string_view rest = text;
  const std::string_view rate = take_word(rest);
  const auto slash = rate.find('/');
  const auto requests = parse_count(rate.substr(0, slash));
  const auto time = slash == std::string_view::npos ? std::nullopt : parse_time(rate.substr(slash + 1));
  if (!requests || !time) return wrong(text, "is no rate", kForm);
  RateLimit limit{.requests = *requests, .per = *time, .burst = *requests};
  if (const std::string_view word = take_word(rest); !word.empty()) {
    const auto burst = word == "burst" ? parse_count(take_word(rest)) : std::nullopt;
    if (!burst || !take_word(rest).empty()) return wrong(text, "has something else than a burst after its rate", kForm);
    limit.burst = *burst;
  }
  VIGIE_TRY(RateLimiter::make(limit, 1));
  return limit;
}

Result<RateRule> parse_rate_rule(std::string_view text) {
  constexpr const char* kForm = "write ROUTE ROLE LIMIT, as in: predict analyst 600/1m";
  std::string_view rest = text;
  RateRule rule{.route = std::string(take_word(rest)), .role = std::nullopt, .limit = {}};
  const std::string_view role = take_word(rest);
  if (rule.route.empty() || role.empty()) return wrong(text, "is no rule", kForm);
  if (rule.route == "*") rule.route.clear();
  if (role != "*") {
    rule.role = parse_role(role);
    if (!rule.role) return wrong(text, "names no role", "give viewer, analyst, admin or *");
  }
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  rule.limit = VIGIE_TRY(parse_rate_limit(rest));
  return rule;
}

}  // namespace vigie::identity
