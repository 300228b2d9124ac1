#include "http/admission.h"

namespace vigie::http {
namespace {

bool has_authority_prefix(std::string_view target, std::string_view scheme) {
  return target.size() > scheme.size() && equals_ignoring_case(target.substr(0, scheme.size()), scheme);
}

Admission match_target(const Router& router, std::string_view target, Request& request, std::string& decoded) {
  for (const std::string_view scheme : {"http://", "https://"}) {  // absolute form, as proxies send it
    if (!has_authority_prefix(target, scheme)) continue;
    const auto slash = target.find_first_of("/?", scheme.size());
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
    break;
  }
  if (request.method == Method::kOptions && target == "*") return {.match = {.route = nullptr, .status = 204}};
  if (!target.starts_with('/')) return {.refused = Rejection{400, "malformed request target"}};
  const auto question = target.find('?');
  std::string_view path = target.substr(0, question);
  if (path.find('#') != std::string_view::npos) return {.refused = Rejection{400, "malformed request target"}};
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  if (path.find('%') != std::string_view::npos) {
    if (!percent_decode(path, decoded)) return {.refused = Rejection{400, "malformed percent-encoding in the path"}};
    path = decoded;
  }
  request.path = path;
  const Match match = router.find(request.method, path);
  switch (match.status) {
    case 404: return {match, Rejection{404, "Not Found"}};
    case 405: return {match, Rejection{405, "Method Not Allowed"}};
    case 501: return {match, Rejection{501, "this method is not known here"}};
    default: return {match};
  }
}

bool streams(const Route& route, const RequestHead& head, const Request& request) {
  if (route.work == Work::kStream) return true;
  return (head.chunked || head.content_length > kStreamFrom) && route.stream != nullptr &&
         media_type_is_one_of(request.header("Content-Type"), route.streamed);
}

std::optional<Rejection> refuse_body(const Route& route, std::uint64_t limit, const RequestHead& head,
                                     const Request& request) {
  if (!route.consumes.empty()) {
    const std::string_view encoding = request.header("Content-Encoding");
    if (!encoding.empty() && !equals_ignoring_case(encoding, "identity")) {
      return Rejection{415, "the body must not be compressed: send it without Content-Encoding",
                       "Le corps ne doit pas être compressé : envoyez-le sans Content-Encoding"};
    }
    if (!media_type_is_one_of(request.header("Content-Type"), route.consumes)) {
      return Rejection{415,
                       "this route does not take the body's Content-Type: send Content-Type: application/json, or "
                       "another that the answer's Accept names"};
    }
  }
  if (head.content_length > limit) return Rejection{413, "the body is too large"};
  return std::nullopt;
}

}  // namespace

Admission admit(const Router& router, const RequestHead& head, Request& request, std::string& decoded) {
  Admission admission = match_target(router, {request.bytes + head.target.at, head.target.size}, request, decoded);
  if (admission.refused) return admission;
  const std::string_view expectation = request.header("Expect");
  if (!expectation.empty() && !equals_ignoring_case(expectation, "100-continue")) {
    admission.refused = Rejection{417, "only 100-continue can be expected"};
  } else if (admission.match.route != nullptr) {
    const Route& route = *admission.match.route;
    admission.streams = streams(route, head, request);
    admission.body_limit = admission.streams && route.work != Work::kStream ? route.stream_limit : route.body_limit;
    admission.refused = refuse_body(route, admission.body_limit, head, request);
  }
  return admission;
}

}  // namespace vigie::http
