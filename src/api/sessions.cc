// POST /session trades a one-time code for a session, GET /session says whose it is, DELETE /session ends it.
#include "api/sessions.h"

#include "api/api.h"
#include "api/card_body.h"
#include "api/errors.h"
#include "api/problem.h"

namespace vigie::api {
namespace {

using identity::AuditEvent;

constexpr std::string_view kPlace = R"("body")";
constexpr std::string_view kCode = "code";

// {"code": "..."}: the code, or nothing and the answer says why.
std::optional<std::string> read_code(const http::Request& request, http::Response& response) {
  const bool french = in_french(request);
  JsonCursor cursor(request.body);
  std::vector<Problem> problems;
  std::optional<std::string> code;
  if (cursor.peek() == JsonCursor::Kind::kObject) {
    std::string key;
    cursor.begin();
    while (cursor.next_member(key)) {
      const auto value = cursor.value();
      if (!value) break;
      Problem problem{.kind = Problem::Kind::kExtra, .field = key.substr(0, kLongestInput)};
      if (key != kCode) {
        add_problem(problems, std::move(problem));
      } else if (code) {
        problem.kind = Problem::Kind::kDuplicate;
        add_problem(problems, std::move(problem));
      } else if (value->kind != JsonCursor::Kind::kString) {
        problem.kind = Problem::Kind::kStringType;
        add_problem(problems, std::move(problem));
        code.emplace();
      } else {
        code = value->text.substr(1, value->text.size() - 2);  // a code has no letters that JSON escapes
      }
    }
    if (!code) add_problem(problems, {.kind = Problem::Kind::kMissing, .field = std::string(kCode)});
  } else if (cursor.value()) {
    add_problem(problems, {.kind = Problem::Kind::kObjectType});
  }
  cursor.end();
  if (const auto encoding = encoding_fault(request.body)) {
    answer_malformed(*encoding, french, response);
  } else if (cursor.fault()) {
    answer_malformed(*cursor.fault(), french, response);
  } else if (!problems.empty()) {
    answer_invalid(problems, kPlace, french, response);
  } else {
    return code;
  }
  return std::nullopt;
}

std::string session_text(std::string_view subject, std::string_view role, WallTime expires) {
  JsonWriter json;
  json.begin_object().member("authenticated", true).member("subject", subject).member("role", role);
  json.member("expires", format_time(expires)).end_object();
  return std::move(json).text();
}

void audit(const Sessions& sessions, const AuditEvent& event) {
  if (sessions.audit) sessions.audit->write(event);
}

class Begin {
 public:
  Begin(std::shared_ptr<const Sessions> sessions, std::shared_ptr<identity::Throttle> throttle)
      : sessions_(std::move(sessions)), throttle_(std::move(throttle)) {}

  void operator()(const http::Request& request, http::Response& response) const {
    response.add_header("Cache-Control", "no-store");
    if (const std::uint64_t wait = throttle_ ? throttle_->locked_for(request.client_address) : 0; wait > 0) {
      response.add_header("Retry-After", std::to_string(wait));
      return answer_rejection({429, "too many attempts from this address: try again later"},
                              request.header("Accept-Language"), response);
    }
    const auto code = read_code(request, response);
    if (!code) return;
    const auto login = identity::LoginCodes::take(sessions_->issuer->state(), *code, sessions_->clock->now());
    if (!login) return refuse(login.error(), request, response);
    const auto token = begin_session(*sessions_, *login, request, response);
    if (!token) return refuse(token.error(), request, response);
    response.body = session_text(login->subject, identity::to_string(login->role), token->expires);
  }

 private:
  void refuse(const Error& error, const http::Request& request, http::Response& response) const {
    const bool unknown = error.code == Code::kNotFound;
    audit(*sessions_, {.action = "login",
                       .type = "start",
                       .success = false,
                       .reason = unknown ? "login_code" : "state_folder",
                       .request = &request,
                       .route = "session_begin"});
    if (throttle_ && unknown) throttle_->failed(request.client_address);
    if (unknown) response.add_header("WWW-Authenticate", "Bearer realm=\"vigie\"");
    // What else goes wrong is about files, whose names are nobody's business but the operator's.
    if (!unknown) sessions_->on_failure(error);
    answer_rejection(
        unknown ? http::Rejection{401, "the login code is not known, was used or has run out: ask for another",
                                  "Ce code de connexion est inconnu, déjà utilisé ou périmé : demandez-en un autre"}
                : http::Rejection{503, "no session can begin now: see the server's log"},
        request.header("Accept-Language"), response);
  }

  std::shared_ptr<const Sessions> sessions_;
  std::shared_ptr<identity::Throttle> throttle_;
};

void say(const http::Request& request, http::Response& response) {
  response.add_header("Cache-Control", "no-store");
  const http::Caller* const caller = request.caller;
  response.body = caller == nullptr ? R"({"authenticated": false})"
                                    : session_text(caller->subject, caller->role_name, caller->expires);
}

// Whoever has no session, or whose browser was made to ask by another site, has nothing to end.
void end(const Sessions& sessions, const http::Request& request, http::Response& response) {
  response.add_header("Cache-Control", "no-store");
  if (request.caller != nullptr) {
    const http::Caller& caller = *request.caller;
    const bool ours = caller.issuer == sessions.issuer->issuer() && !caller.token_id.empty();
    const auto revoked =
        ours ? identity::Revocations::revoke_id(sessions.issuer->state(), caller.token_id, sessions.clock->now())
             : Status();
    if (!revoked) {
      sessions.on_failure(revoked.error());
      return answer_rejection({503, "the session cannot be ended now: see the server's log"},
                              request.header("Accept-Language"), response);
    }
    sessions.issuer->renew();
    audit(sessions, {.action = "logout", .type = "end", .request = &request, .route = "session_end"});
    response.add_header("Set-Cookie", set_cookie(sessions.cookie(), "", std::chrono::seconds(0)));
  }
  response.body = R"({"authenticated": false})";
}

}  // namespace

Result<identity::IssuedToken> begin_session(const Sessions& sessions, const identity::Login& login,
                                            const http::Request& request, http::Response& response) {
  const auto keys = VIGIE_TRY(identity::LocalKeys::read(sessions.issuer->state()));
  auto token = VIGIE_TRY(keys.issue(
      {.subject = login.subject, .role = login.role, .life = sessions.life, .audience = identity::kSessionAudience},
      sessions.clock->now()));
  response.add_header("Set-Cookie", set_cookie(sessions.cookie(), token.text, sessions.life));
  const http::Caller caller{.subject = login.subject,
                            .issuer = keys.issuer(),
                            .token_id = token.id,
                            .role_name = identity::to_string(login.role),
                            .expires = token.expires};
  audit(sessions, {.action = "login", .type = "start", .request = &request, .caller = &caller});
  return token;
}

void add_session_routes(http::Router& router, const Services& services) {
  const auto sessions = services.sessions;
  if (sessions->by_code) {
    router.add({.method = http::Method::kPost,
                .path = "/session",
                .name = "session_begin",
                .summary = "log in with a one-time code, for browsers",
                .consumes = {"application/json"},
                .body_limit = 4096,
                .work = http::Work::kPool,
                .handler = Begin(sessions, services.throttle)});
  }
  router.add({.path = "/session", .name = "session", .summary = "who asks", .handler = say});
  router.add({.method = http::Method::kDelete,
              .path = "/session",
              .name = "session_end",
              .summary = "log out",
              .work = http::Work::kPool,
              .handler = [sessions](const http::Request& request, http::Response& response) {
                end(*sessions, request, response);
              }});
}

}  // namespace vigie::api
