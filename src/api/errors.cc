#include "api/errors.h"

#include <string>

#include "api/language.h"
#include "base/json_writer.h"

namespace vigie::api {
namespace {

constexpr Refusal kRefusals[] = {
    {400, "bad_request", R"("request")", "Requête mal formée"},
    {401, "unauthorized", R"("header", "Authorization")", "Jeton absent ou refusé"},
    {403, "forbidden", R"("header", "Authorization")", "Ce que permet le jeton ne suffit pas"},
    {404, "not_found", R"("path")", "Adresse inconnue"},
    {405, "method_not_allowed", R"("method")", "Méthode non permise à cette adresse"},
    {406, "not_acceptable", R"("header", "Accept")", "Cette réponse n'existe pas dans ce que permet Accept"},
    {408, "request_timeout", R"("request")", "La requête a mis trop de temps à arriver"},
    {409, "conflict", R"("body", "transaction_id")",
     "Cet identifiant a déjà servi à une autre transaction : donnez à celle-ci le sien"},
    {413, "content_too_large", R"("body")", "Le corps de la requête est trop grand"},
    {414, "uri_too_long", R"("path")", "L'adresse est trop longue"},
    {415, "unsupported_media_type", R"("header", "Content-Type")",
     "Le Content-Type du corps n'est pas accepté ici : envoyez Content-Type: application/json, ou un autre que nomme "
     "Accept dans la réponse"},
    {417, "expectation_failed", R"("header", "Expect")", "Seul 100-continue peut être attendu"},
    {429, "too_many_requests", R"("request")", "Trop de demandes venant de cette adresse : réessayez plus tard"},
    {431, "header_too_large", R"("header")", "Les en-têtes sont trop grands"},
    {500, "internal_error", R"("server")", "Le serveur a échoué sur cette requête"},
    {501, "not_implemented", R"("request")", "Ce que demande la requête n'est pas réalisé ici"},
    {503, "unavailable", R"("server")", "Indisponible pour l’instant : réessayez plus tard"},
    {505, "version_not_supported", R"("request")", "Seuls HTTP/1.0 et HTTP/1.1 sont compris"},
};

const Refusal& refusal_of(int status) {
  for (const Refusal& refusal : kRefusals) {
    if (refusal.status == status) return refusal;
  }
  return kRefusals[0];
}

}  // namespace

std::span<const Refusal> refusals() { return kRefusals; }

void answer_malformed(const JsonFault& fault, bool french, http::Response& response) {
  JsonWriter json;
  json.begin_object().key("detail").begin_array().begin_object().member("type", kMalformedTypes[0]);
  json.key("loc").begin_array().value("body").value(fault.at).end_array();
  json.member("msg", french ? "JSON illisible" : "JSON decode error");
  json.key("ctx").begin_object().member("error", french ? fault.french : fault.english).end_object();
  json.end_object().end_array().end_object();
  response.status = 400;
  response.body = std::move(json).text();
}

void answer_unreadable(const Error& error, std::string_view form, bool french, http::Response& response) {
  const bool too_large = error.code == Code::kResourceExhausted;
  response.status = too_large ? 413 : 400;
  JsonWriter json;
  json.begin_object().key("detail").begin_array().begin_object();
  if (too_large) {
    json.member("type", refusal_of(413).type);
  } else {
    json.member("type", form == "CSV" ? kMalformedTypes[1] : kMalformedTypes[2]);
  }
  json.key("loc").begin_array().value("body");
  if (error.place.line > 0) json.value("line").value(error.place.line);
  json.end_array();
  if (too_large) {
    json.member("msg", french ? refusal_of(413).french : "the request is too large");
  } else {
    json.member("msg", std::string(form) + (french ? " illisible" : " decode error"));
  }
  Error told = error;
  told.place.file.clear();  // a body has no name
  json.key("ctx").begin_object().member("error", told.to_string()).end_object();
  json.end_object().end_array().end_object();
  response.body = std::move(json).text();
}

void answer_invalid(const std::vector<Problem>& problems, std::string_view place, bool french,
                    http::Response& response) {
  response.status = 422;
  response.body = problem_document(problems, place, french);
}

void answer_rejection(const http::Rejection& rejection, std::string_view accept_language, http::Response& response) {
  const Refusal& refusal = refusal_of(rejection.status);
  response.status = rejection.status;
  JsonWriter json;
  json.begin_object().key("detail").begin_array().begin_object().member("type", refusal.type);
  json.key("loc").raw("[" + std::string(refusal.place) + "]");
  const std::string_view french = rejection.french.empty() ? refusal.french : rejection.french;
  json.member("msg", prefers_french(accept_language) ? french : rejection.detail);
  json.end_object().end_array().end_object();
  response.body = std::move(json).text();
}

bool in_french(const http::Request& request) {
  const std::string_view accepted = request.header("Accept-Language");
  return !accepted.empty() && prefers_french(accepted);
}

}  // namespace vigie::api
