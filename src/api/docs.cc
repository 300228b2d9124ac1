// GET /docs: Swagger UI over /openapi.json, for people. The page and its files are in the program (web/files.h), so
// that no other host sees who reads it.
#include <algorithm>
#include <cassert>
#include <cctype>
#include <memory>
#include <string>

#include "api/api.h"
#include "api/document.h"
#include "api/errors.h"

namespace vigie::api {
namespace {

constexpr std::string_view kInterface = "swagger-ui-bundle.js";

// Scripts, styles, pictures and requests: of and to this server alone. Styles that scripts set one by one are not
// covered by style-src, and Swagger UI sets no others. data: is for the pictures in its style sheet.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view content_type(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "text/plain; charset=utf-8";
}

std::shared_ptr<const Document> document_of(const web::File& file) {
  return std::make_shared<const Document>(content_type(file.name), file);
}

// One that the build always has.
const web::File& named(std::span<const web::File> files, std::string_view name) {
  const auto found = std::ranges::find(files, name, &web::File::name);
  assert(found != files.end());
  return *found;
}

// "docs_start_js": letters, digits and underscores, as the names of routes are.
std::string route_name(std::string_view file) {
  std::string name = "docs_" + std::string(file);
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

void add_page(http::Router& router, const web::File& english, const web::File& french) {
  router.add({.path = "/docs",
              .name = "docs",
              .summary = "this interface in the browser, to read and to try",
              .handler = [english = document_of(english), french = document_of(french)](const http::Request& request,
                                                                                        http::Response& response) {
                response.add_header("Content-Security-Policy", kPolicy);
                const bool use_french = in_french(request);
                response.add_header("Vary", "Accept-Encoding, Accept-Language");
                response.add_header("Content-Language", use_french ? "fr" : "en");
                (use_french ? french : english)->answer(request, response);
              }});
}

// In the pool: the largest have megabytes to copy.
void add_file(http::Router& router, const web::File& file) {
  router.add({.path = "/docs/" + std::string(file.name),
              .name = route_name(file.name),
              .summary = "a file of GET /docs",
              .work = http::Work::kPool,
              .handler = [document = document_of(file)](const http::Request& request, http::Response& response) {
                response.add_header("Content-Security-Policy", kPolicy);
                response.add_header("Vary", "Accept-Encoding");
                document->answer(request, response);
              }});
}

}  // namespace

void add_docs_routes(http::Router& router, std::span<const web::File> files) {
  const bool complete = std::ranges::find(files, kInterface, &web::File::name) != files.end();
  const std::string page = complete ? "page" : "missing";
  add_page(router, named(files, page + ".en.html"), named(files, page + ".fr.html"));
  for (const web::File& file : files) {
    if (file.name.starts_with("login.") || file.name.ends_with(".html") || (!complete && file.name == "start.js"))
      continue;
    add_file(router, file);
  }
}

}  // namespace vigie::api
