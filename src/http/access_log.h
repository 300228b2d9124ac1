// One line of JSON for each answer, in the names of the Elastic Common Schema (8.11), for whoever collects them.
//
//   auto log = VIGIE_TRY(AccessLog::open({.to = "/var/log/vigie/access.log"}));
//   auto server = VIGIE_TRY(Server::open({.access_log = log, ...}, router));
//
// No header field is written but User-Agent, X-Request-Id, and what X-Forwarded-For says of the client; no body.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/client_address.h"
#include "http/router.h"
#include "http/trace_context.h"
#include "telemetry/line_log.h"

namespace vigie::http {

// How much of a client's address is written: it is personal data.
enum class AddressForm : std::uint8_t {
  kFull,
  kTruncated,  // the network's: the first 24 bits of IPv4, 48 of IPv6
  kDropped,
};

// Empty where nothing of it may be written.
std::string written_address(std::string_view address, AddressForm form);

struct AccessLogOptions {
  std::string to;                         // telemetry::LineLogOptions::to
  double sample = 1;                      // share, in [0, 1], of good and quick answers; the same requests every time
  std::chrono::milliseconds slow{1'000};  // answers that took as long are always written, as refusals and failures are
  // Query parameters whose values are never written, in any case of letters; "user-agent": neither is that field.
  std::vector<std::string> redact = {"access_token", "api_key", "apikey",    "auth",     "client_secret", "code",
                                     "id_token",     "key",     "passwd",    "password", "refresh_token", "secret",
                                     "session",      "sig",     "signature", "token",    "x-api-key"};
  AddressForm client_address = AddressForm::kFull;
  std::function<void(const Error&)> on_failure{};  // telemetry::LineLogOptions::on_failure
};

struct AccessRecord {
  const Request& request;  // without fields: its header was not understood
  const Route* route = nullptr;
  const IpAddress& peer;
  bool from_proxy = false;  // a trusted one
  const TraceContext* trace = nullptr;
  int version = 11;
  int status = 0;    // 0: none was told
  bool cut = false;  // the connection ended before the answer did
  std::uint64_t body_in = 0;
  std::uint64_t body_out = 0;
  std::optional<std::chrono::nanoseconds> duration{};  // none: the request was refused before it was whole
};

class AccessLog {
 public:
  static Result<std::shared_ptr<AccessLog>> open(AccessLogOptions options);

  Status reopen() { return lines_->reopen(); }  // as LineLog has it
  telemetry::LineLog::Totals totals() const { return lines_->totals(); }

  // One thread's; the log outlives it.
  class Writer {
   public:
    Writer(AccessLog& log, const Clock& clock);
    void write(const AccessRecord& record);  // where the sample does not leave it out

   private:
    bool wanted(const AccessRecord& record) const;
    void append_time();
    void append_outcome(const AccessRecord& record);
    void append_request(const AccessRecord& record);
    void append_addresses(const AccessRecord& record);
    void append_caller(const Caller* caller);
    void append_text(std::string_view member, std::string_view text);
    void append_number(std::string_view member, std::uint64_t number);
    void redact(std::string_view query);

    const AccessLog& log_;
    telemetry::LineLog::Lane& lane_;
    const Clock& clock_;
    std::int64_t second_ = -1;
    std::string second_text_;  // "2026-11-21T03:11:43."
    std::string line_;         // these keep their memory
    std::string query_;
    std::string name_;
  };

 private:
  AccessLog(AccessLogOptions options, std::unique_ptr<telemetry::LineLog> lines);
  bool redacts(std::string_view name) const;

  AccessLogOptions options_;
  const bool agents_;  // are written
  const std::unique_ptr<telemetry::LineLog> lines_;
};

}  // namespace vigie::http
