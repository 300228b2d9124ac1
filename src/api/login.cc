// GET /login, for people: the page that trades a one-time code, or the way to the provider and back (RFC 6749, 4.1,
// with PKCE).
#include <algorithm>
#include <cassert>

#include "api/api.h"
#include "api/document.h"
#include "api/errors.h"
#include "api/sessions.h"

namespace vigie::api {
namespace {

using identity::LoginAttempt;
using std::chrono::seconds;

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";
constexpr seconds kAttemptLife = std::chrono::minutes(10);

// What a page says beside whether somebody is logged in.
struct Notice {
  int status;
  std::string_view english;
  std::string_view french;
};

constexpr Notice kWelcome{200, {}, {}};
constexpr Notice kForgotten{400, "This login was not begun in this browser, or too long ago.",
                            "Cette connexion n’a pas été commencée dans ce navigateur, ou il y a trop longtemps."};
constexpr Notice kDeclined{403, "The identity provider did not let you in.",
                           "Le fournisseur d’identité ne vous a pas laissé entrer."};
constexpr Notice kNoRole{403, "You are known, and have no role here: ask whoever administers Vigie.",
                         "Vous êtes connu, mais sans rôle ici : adressez-vous à qui administre Vigie."};
constexpr Notice kUnavailable{503, "The identity provider cannot be reached now: try again later.",
                              "Le fournisseur d’identité est injoignable pour l’instant : réessayez plus tard."};
constexpr Notice kFailed{503, "You cannot be logged in now: the server's log says why.",
                         "La connexion est impossible pour l’instant : le journal du serveur dit pourquoi."};

// The page goes on by itself where all is well. Not by a redirect: that would still be a request that another site
// began, and browsers keep a strict cookie back from those.
void show(const Notice& notice, const http::Request& request, http::Response& response) {
  const bool french = in_french(request);
  const bool well = notice.status == 200;
  response.status = notice.status;
  response.content_type = kHtml;
  response.add_header("Content-Security-Policy", kPolicy);
  response.add_header("Content-Language", french ? "fr" : "en");
  response.add_header("Cache-Control", "no-store");
  if (notice.status == 503) response.add_header("Retry-After", "5");
  const std::string_view outcome = well ? (french ? "Vous êtes connecté" : "You are logged in")
                                        : (french ? "Vous n’êtes pas connecté" : "You are not logged in");
  const std::string_view next = well ? "/docs" : "/login";
  const std::string_view word =
      well ? (french ? "Ouvrir l’interface" : "Open the interface") : (french ? "Réessayer" : "Try again");
  std::string& page = response.body;
  page =
      "<!DOCTYPE html>\n<html lang=\"" + std::string(french ? "fr" : "en") + "\">\n<head>\n<meta charset=\"utf-8\">\n";
  page += R"(<meta name="viewport" content="width=device-width, initial-scale=1">)"
          "\n<title>Vigie";
  page += french ? " : " : ": ";
  page.append(outcome).append("</title>\n");
  page +=
      R"(<link rel="icon" type="image/svg+xml" href="/docs/icon.svg"><link rel="stylesheet" href="/docs/page.css">)";
  if (well) page += R"(<meta http-equiv="refresh" content="0;url=/docs">)";
  page += "\n</head>\n<body class=\"gate\">\n<main>\n";
  page += R"(<p class="name"><img src="/docs/icon.svg" alt="" width="28" height="28"> Vigie</p>)"
          "\n<h1>";
  page.append(outcome).append("</h1>\n");
  if (!well) page.append("<p class=\"problem\">").append(french ? notice.french : notice.english).append("</p>\n");
  page.append("<p class=\"actions\"><a class=\"button\" href=\"").append(next).append("\">").append(word);
  page += "</a></p>\n</main>\n</body>\n</html>\n";
}

// What the provider's refusals and its silence are to the person.
const Notice& notice_of(const Error& error) {
  if (error.code == Code::kPermissionDenied) return kDeclined;
  return error.code == Code::kFailedPrecondition || error.code == Code::kInvalidData ? kFailed : kUnavailable;
}

void go_to_provider(const Sessions& sessions, const http::Request& request, http::Response& response) {
  const auto attempt = LoginAttempt::draw();
  const auto address = attempt ? sessions.provider->address(*attempt) : std::unexpected(attempt.error());
  if (!address) return show(notice_of(address.error()), request, response);
  response.status = 303;
  response.content_type = {};
  response.add_header("Location", *address);
  response.add_header("Cache-Control", "no-store");
  response.add_header("Set-Cookie", set_cookie(sessions.attempt_cookie(), attempt->to_text(), kAttemptLife));
}

// From the provider, with a code or with a refusal.
class Callback {
 public:
  Callback(std::shared_ptr<const Sessions> sessions, std::shared_ptr<identity::Authenticator> authenticator)
      : sessions_(std::move(sessions)), authenticator_(std::move(authenticator)) {}

  void operator()(const http::Request& request, http::Response& response) const {
    const auto refuse = [&](const Notice& notice, std::string_view reason) {
      if (sessions_->audit) {
        sessions_->audit->write({.action = "login",
                                 .type = "start",
                                 .success = false,
                                 .reason = reason,
                                 .request = &request,
                                 .route = "login_callback"});
      }
      show(notice, request, response);
    };
    const Cookie cookie = sessions_->attempt_cookie();
    const auto attempt = LoginAttempt::parse(cookie_value(request.header("Cookie"), cookie.name));
    if (!attempt || request.query_value("state") != attempt->state) return refuse(kForgotten, "state");
    response.add_header("Set-Cookie", set_cookie(cookie, "", seconds(0)));
    // RFC 9207: who answers says who it is, so that no other provider's code is taken for this one's.
    const std::string issuer = request.query_value("iss");
    if (!issuer.empty() && issuer != sessions_->provider->issuer()) return refuse(kForgotten, "issuer");
    const std::string code = request.query_value("code");
    if (code.empty()) return refuse(kDeclined, "declined");
    const auto token = sessions_->provider->exchange(code, *attempt);
    if (!token) {
      return refuse(notice_of(token.error()), token.error().code == Code::kPermissionDenied ? "code" : "provider");
    }
    const auto identity = authenticator_->decide("Bearer " + *token);
    if (!identity) {
      const bool later = identity::is_temporary(identity.error());
      return refuse(later ? kUnavailable : kDeclined, text_of(identity.error()).name);
    }
    if (!(*identity)->role) return refuse(kNoRole, "no_role");
    const auto session = begin_session(*sessions_, {(*identity)->subject, *(*identity)->role}, request, response);
    if (!session) {
      sessions_->on_failure(session.error());
      return refuse(kFailed, "state_folder");
    }
    show(kWelcome, request, response);
  }

 private:
  std::shared_ptr<const Sessions> sessions_;
  std::shared_ptr<identity::Authenticator> authenticator_;
};

std::shared_ptr<const Document> document(std::span<const web::File> files, std::string_view name,
                                         std::string_view type) {
  const auto found = std::ranges::find(files, name, &web::File::name);
  assert(found != files.end());
  return std::make_shared<const Document>(type, *found);
}

void add_code_page(http::Router& router, std::span<const web::File> files) {
  router.add(
      {.path = "/login",
       .name = "login",
       .summary = "log in, in the browser",
       .handler = [english = document(files, "login.en.html", kHtml), french = document(files, "login.fr.html", kHtml)](
                      const http::Request& request, http::Response& response) {
         response.add_header("Content-Security-Policy", kPolicy);
         response.add_header("Referrer-Policy", "no-referrer");
         const bool use_french = in_french(request);
         response.add_header("Vary", "Accept-Encoding, Accept-Language");
         response.add_header("Content-Language", use_french ? "fr" : "en");
         (use_french ? french : english)->answer(request, response);
       }});
  router.add({.path = "/login/login.js",
              .name = "login_script",
              .summary = "what GET /login runs",
              .handler = [script = document(files, "login.js", "text/javascript; charset=utf-8")](
                             const http::Request& request, http::Response& response) {
                response.add_header("Vary", "Accept-Encoding");
                script->answer(request, response);
              }});
}

}  // namespace

void add_login_routes(http::Router& router, const Services& services, std::span<const web::File> files) {
  const auto sessions = services.sessions;
  if (sessions->by_code) return add_code_page(router, files);
  if (!sessions->provider) return;
  router.add({.path = "/login",
              .name = "login",
              .summary = "log in at the identity provider, in the browser",
              .work = http::Work::kPool,
              .handler = [sessions](const http::Request& request, http::Response& response) {
                go_to_provider(*sessions, request, response);
              }});
  router.add({.path = "/login/callback",
              .name = "login_callback",
              .summary = "where the identity provider sends the browser back to",
              .work = http::Work::kPool,
              .handler = Callback(sessions, services.authenticator)});
}

}  // namespace vigie::api
