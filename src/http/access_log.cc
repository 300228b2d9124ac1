#include "http/access_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ranges>

#include "base/json_writer.h"
#include "base/version.h"

namespace vigie::http {
namespace {

// Bytes of what a client says: the rest is left out.
constexpr std::size_t kLongestUrl = 2048;
constexpr std::size_t kLongestAgent = 512;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// FNV-1a (Fowler, Noll, Vo), its bits then mixed as splitmix64 (Steele, Lea, Flood 2014) does, because FNV's upper ones
// hardly depend on the last bytes.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xCBF29CE484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

IpAddress without_host(IpAddress address) {
  constexpr std::size_t kBytes = 6;  // of IPv6
  constexpr std::size_t kLast = 15;  // of IPv4
  if (is_v4(address)) {
    address[kLast] = 0;
  } else {
    std::ranges::fill(address | std::views::drop(kBytes), static_cast<unsigned char>(0));
  }
  return address;
}

std::string_view level(const AccessRecord& record) {
  if (record.cut || record.status >= 500) return "error";
  return record.status >= 400 ? "warn" : "info";
}

}  // namespace

std::string written_address(std::string_view address, AddressForm form) {
  if (form == AddressForm::kFull) return std::string(address);
  const auto ip = form == AddressForm::kTruncated ? parse_ip(address) : std::nullopt;
  return ip ? to_string(without_host(*ip)) : std::string();
}

Result<std::shared_ptr<AccessLog>> AccessLog::open(AccessLogOptions options) {
  for (std::string& name : options.redact) std::ranges::transform(name, name.begin(), lower);
  auto lines = VIGIE_TRY(telemetry::LineLog::open({.to = options.to, .on_failure = options.on_failure}));
  return std::shared_ptr<AccessLog>(new AccessLog(std::move(options), std::move(lines)));
}

AccessLog::AccessLog(AccessLogOptions options, std::unique_ptr<telemetry::LineLog> lines)
    : options_(std::move(options)), agents_(!redacts("user-agent")), lines_(std::move(lines)) {}

bool AccessLog::redacts(std::string_view name) const {
  return std::ranges::find(options_.redact, name) != options_.redact.end();
}

AccessLog::Writer::Writer(AccessLog& log, const Clock& clock)
    : log_(log), lane_(log.lines_->add_lane()), clock_(clock) {}

void AccessLog::Writer::write(const AccessRecord& record) {
  if (!wanted(record)) return;
  line_ = R"({"@timestamp":")";
  append_time();
  line_ += R"(","log.level":")";
  line_ += level(record);
  line_ += R"(","ecs.version":"8.11.0","service.name":"vigie","service.version":")";
  line_ += kVersion;
  line_ += R"(","event.kind":"event","event.category":["web"],"event.type":["access"],"event.dataset":"vigie.access")";
  append_outcome(record);
  append_request(record);
  append_addresses(record);
  line_ += "}\n";
  lane_.put(line_);
}

bool AccessLog::Writer::wanted(const AccessRecord& record) const {
  const AccessLogOptions& options = log_.options_;
  if (options.sample >= 1 || record.cut || record.status >= 400) return true;
  if (record.duration && *record.duration >= options.slow) return true;
  constexpr double kAll = 18446744073709551616.0;  // 2^64
  return static_cast<double>(hash(record.request.id)) < options.sample * kAll;
}

void AccessLog::Writer::append_time() {
  const WallTime now = clock_.now();
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (second.time_since_epoch().count() != second_) {
    second_ = second.time_since_epoch().count();
    second_text_ = format_time(now);
    second_text_.resize(second_text_.find('.') + 1);
  }
  std::array<char, 7> digits{};  // a 1 before them keeps the zeros
  std::to_chars(digits.data(), digits.data() + digits.size(), 1'000'000 + (now - second).count());
  line_ += second_text_;
  line_.append(digits.data() + 1, digits.size() - 1);
  line_.push_back('Z');
}

void AccessLog::Writer::append_outcome(const AccessRecord& record) {
  line_ += record.cut || record.status >= 400 ? R"(,"event.outcome":"failure")" : R"(,"event.outcome":"success")";
  if (record.cut) line_ += R"(,"event.reason":"the connection ended before the answer did")";
  if (record.duration) {
    append_number(R"(,"event.duration":)",
                  static_cast<std::uint64_t>(std::max<std::int64_t>(record.duration->count(), 0)));
  }
  if (record.status != 0) {
    append_number(R"(,"http.response.status_code":)", static_cast<std::uint64_t>(record.status));
    append_number(R"(,"http.response.body.bytes":)", record.body_out);
  }
}

void AccessLog::Writer::append_request(const AccessRecord& record) {
  const Request& request = record.request;
  append_text(R"(,"http.request.id":)", request.id);
  if (record.trace != nullptr) {
    append_text(R"(,"trace.id":)", record.trace->trace_id());
    append_text(R"(,"parent.id":)", record.trace->parent_id());
    append_text(R"(,"span.id":)", record.trace->span_id());
  }
  if (request.fields == nullptr) return;
  // "_OTHER" is OpenTelemetry's word for a method that is not one of those known (semantic conventions for HTTP).
  const std::string_view method = to_string(request.method);
  append_text(R"(,"http.request.method":)", method.empty() ? "_OTHER" : method);
  append_number(R"(,"http.request.body.bytes":)", record.body_in);
  line_ += record.version < 11 ? R"(,"http.version":"1.0")" : R"(,"http.version":"1.1")";
  if (!request.path.empty()) append_text(R"(,"url.path":)", request.path.substr(0, kLongestUrl));
  if (!request.query.empty()) {
    redact(request.query);
    append_text(R"(,"url.query":)", std::string_view(query_).substr(0, kLongestUrl));
  }
  if (record.route != nullptr) append_text(R"(,"vigie.route":)", record.route->name);
  append_caller(record.request.caller);
  const std::string_view agent = log_.agents_ ? request.header("User-Agent") : std::string_view();
  if (!agent.empty()) append_text(R"(,"user_agent.original":)", agent.substr(0, kLongestAgent));
}

void AccessLog::Writer::append_addresses(const AccessRecord& record) {
  const AddressForm form = log_.options_.client_address;
  // A proxy of ours is nobody's personal data.
  if (record.from_proxy || form == AddressForm::kFull) {
    append_text(R"(,"source.address":)", to_string(record.peer));
  } else if (form == AddressForm::kTruncated) {
    append_text(R"(,"source.address":)", to_string(without_host(record.peer)));
  }
  const std::string client = written_address(record.request.client_address, form);
  if (!client.empty()) append_text(R"(,"client.address":)", client);
}

void AccessLog::Writer::append_caller(const Caller* caller) {
  if (caller == nullptr) return;
  append_text(R"(,"user.id":)", caller->subject);
  if (caller->role_name.empty()) return;
  line_ += R"(,"user.roles":[")";
  line_.append(caller->role_name).append("\"]");
}

void AccessLog::Writer::append_text(std::string_view member, std::string_view text) {
  line_ += member;
  append_json_string(line_, text);
}

void AccessLog::Writer::append_number(std::string_view member, std::uint64_t number) {
  std::array<char, 20> digits{};
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  line_ += member;
  line_.append(static_cast<const char*>(digits.data()), end);
}

// Into query_. Both separators that are in use end a value here: no program's reading of it is to hide a secret.
void AccessLog::Writer::redact(std::string_view query) {
  query_.clear();
  while (!query.empty()) {
    const auto end = std::min(query.find_first_of("&;"), query.size());
    const std::string_view pair = query.substr(0, end);
    const auto equals = pair.find('=');
    const std::string_view key = pair.substr(0, equals);
    if (!percent_decode(key, name_)) name_ = key;
    std::ranges::replace(name_, '+', ' ');
    std::ranges::transform(name_, name_.begin(), lower);
    if (equals != std::string_view::npos && log_.redacts(trimmed(name_))) {
      query_.append(key).append("=[redacted]");
    } else {
      query_ += pair;
    }
    if (end < query.size()) query_.push_back(query[end]);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
}

}  // namespace vigie::http
