// Who was let in and who was not, and who changed that: one line of JSON for each event, in the names of the Elastic
// Common Schema (8.11, categories authentication and iam). Tokens, codes and cookies are never written.
//
//   auto audit = VIGIE_TRY(AuditLog::open({.to = "/var/log/vigie/audit.log"}));
//   audit->write({.action = "token-refused", .success = false, .reason = "expired", .request = &request});
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/access_log.h"
#include "telemetry/line_log.h"

namespace vigie::identity {

struct AuditEvent {
  enum class Category : std::uint8_t { kAuthentication, kIam };
  std::string_view action;  // event.action, "token-refused"
  Category category = Category::kAuthentication;
  std::string_view type = "info";          // event.type: start and end for sessions, change for iam
  bool success = true;                     // event.outcome
  std::string_view reason{};               // event.reason
  const http::Request* request = nullptr;  // none: nobody asked
  std::string_view route{};
  const http::Caller* caller = nullptr;  // instead of the request's
};

// Any thread; nobody waits for a disk.
class AuditLog {
 public:
  struct Options {
    std::string to;  // telemetry::LineLogOptions::to
    http::AddressForm client_address = http::AddressForm::kFull;
    const Clock* clock = &system_clock();
    std::function<void(const Error&)> on_failure{};
  };

  static Result<std::shared_ptr<AuditLog>> open(Options options);

  void write(const AuditEvent& event);
  Status reopen() { return lines_->reopen(); }
  telemetry::LineLog::Totals totals() const { return lines_->totals(); }

 private:
  AuditLog(Options options, std::unique_ptr<telemetry::LineLog> lines);

  Options options_;
  std::unique_ptr<telemetry::LineLog> lines_;
  std::mutex mutex_;
  telemetry::LineLog::Lane& lane_;
};

}  // namespace vigie::identity
