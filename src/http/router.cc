#include "http/router.h"

#include <algorithm>
#include <cassert>
#include <exception>

namespace vigie::http {
namespace {

std::string_view unquoted(std::string_view text) {
  return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

Router::Router()
    : error_writer_([](const Rejection& rejection, std::string_view, Response& response) {
        response.content_type = "text/plain; charset=utf-8";
        response.body.assign(rejection.detail).push_back('\n');
      }) {}

void Router::add(Route route) {
  Path& path = paths_[route.path];
  assert(std::ranges::none_of(path.routes, [&](const Route* known) { return known->method == route.method; }));
  assert((route.work == Work::kStream) == (route.handler == nullptr));
  assert((route.work == Work::kStream || !route.streamed.empty()) == (route.stream != nullptr));
  route.index = routes_.size();
  routes_.push_back(std::make_unique<const Route>(std::move(route)));
  path.routes.push_back(routes_.back().get());
  path.allow.clear();
  for (const Route* known : path.routes) {
    path.allow.append(to_string(known->method)).append(", ");
    if (known->method == Method::kGet) path.allow += "HEAD, ";
  }
  path.allow += "OPTIONS";
}

Match Router::find(Method method, std::string_view path) const {
  const auto found = paths_.find(path);
  if (found == paths_.end()) return {.route = nullptr, .status = 404};
  const Method wanted = method == Method::kHead ? Method::kGet : method;
  for (const Route* route : found->second.routes) {
    if (route->method == wanted) return {.route = route};
  }
  if (method == Method::kOptions) return {.route = nullptr, .status = 204, .allow = &found->second.allow};
  return {.route = nullptr, .status = method == Method::kOther ? 501 : 405, .allow = &found->second.allow};
}

std::vector<const Route*> Router::routes() const {
  std::vector<const Route*> all;
  for (const auto& route : routes_) all.push_back(route.get());
  return all;
}

bool Router::lets_in(const Route& route, const Request& request, Response& response) const {
  GateWord word = gate_->decide(route, request);
  response.headers += word.headers;
  response.caller = std::move(word.caller);
  if (word.kind == GateWord::Kind::kIn) return true;
  refuse(word.rejection, request.header("Accept-Language"), response);
  return false;
}

void Router::answer(const Route& route, const Request& request, Response& response, bool undecided) const {
  try {
    if (!undecided) return route.handler(request, response);
    if (!lets_in(route, request, response)) return;
    Request known = request;
    known.caller = response.caller.get();
    route.handler(known, response);
  } catch (const std::exception&) {
    // What it says may hold a path or a value of someone's: the client gets none of it.
    response.clear();
    refuse({500, "the server failed on this request"}, request.header("Accept-Language"), response);
  }
}

void Router::stream(const Route& route, const Request& request, BodyReader& body, ResponseStream& answer,
                    bool undecided) const {
  try {
    if (!undecided) return route.stream(request, body, answer);
    if (!lets_in(route, request, answer.response())) return;
    Request known = request;
    known.caller = answer.response().caller.get();
    route.stream(known, body, answer);
  } catch (const std::exception&) {
    if (answer.started()) return;
    answer.response().clear();
    refuse({500, "the server failed on this request"}, request.header("Accept-Language"), answer.response());
  }
}

void Router::refuse(const Rejection& rejection, std::string_view accept_language, Response& response) const {
  response.status = rejection.status;
  const bool says_when = response.headers.find("Retry-After:") != std::string::npos;  // the gate knows it better
  if ((rejection.status == 503 || rejection.status == 429) && !says_when) response.add_header("Retry-After", "1");
  error_writer_(rejection, accept_language, response);
}

bool media_type_is_one_of(std::string_view content_type, const std::vector<std::string>& types) {
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  if (std::ranges::none_of(types, [&](const std::string& known) { return equals_ignoring_case(known, type); })) {
    return false;
  }
  while (true) {
    const auto semicolon = content_type.find(';');
    if (semicolon == std::string_view::npos) return true;
    content_type.remove_prefix(semicolon + 1);
    const std::string_view parameter = trimmed(content_type.substr(0, content_type.find(';')));
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos || !equals_ignoring_case(parameter.substr(0, equals), "charset")) continue;
    const std::string_view charset = unquoted(parameter.substr(equals + 1));
    if (!equals_ignoring_case(charset, "utf-8") && !equals_ignoring_case(charset, "us-ascii")) return false;
  }
}

}  // namespace vigie::http
