#include "load/payload_file.h"

#include <algorithm>

#include "base/json_writer.h"
#include "base/number.h"
#include "dataset/bytes.h"

namespace vigie::load {
namespace {

// A request that Postman shows and runs (https://schema.postman.com/collection/json/v2.1.0/draft-07/collection.json).
std::string postman_item(const PayloadList& list, std::uint64_t number, const std::string& body) {
  JsonWriter json;
  json.begin_object();
  json.member("name", std::string(to_string(list.route)) + " " + std::to_string(number + 1));
  json.key("request").begin_object().member("method", "POST");
  json.key("header").begin_array().begin_object();
  json.member("key", "Content-Type").member("value", "application/json").end_object().end_array();
  json.key("body").begin_object().member("mode", "raw").member("raw", body);
  json.key("options").begin_object().key("raw").begin_object().member("language", "json");
  json.end_object().end_object().end_object();
  json.key("url").begin_object().member("raw", "{{base_url}}" + std::string(path_of(list.route)));
  json.key("host").begin_array().value("{{base_url}}").end_array();
  json.key("path").begin_array().value(path_of(list.route).substr(1)).end_array().end_object();
  json.end_object().key("response").begin_array().end_array().end_object();
  return std::move(json).text();
}

std::string postman_start(const PayloadList& list) {
  JsonWriter json;
  json.begin_object().key("info").begin_object();
  json.member("name", "Vigie " + std::string(path_of(list.route)) + ", seed " + std::to_string(list.options.seed));
  json.member("schema", "https://schema.getpostman.com/json/collection/v2.1.0/collection.json").end_object();
  json.key("variable").begin_array().begin_object().member("key", "base_url").member("value", list.base_url);
  json.end_object().end_array();
  json.key("event").begin_array().begin_object().member("listen", "test").key("script").begin_object();
  json.member("type", "text/javascript").key("exec").begin_array();
  json.value("pm.test('answers 200', () => pm.response.to.have.status(200));").end_array();
  json.end_object().end_object().end_array();
  std::string text = std::move(json.key("item").begin_array().end_array().end_object()).text();
  text.resize(text.size() - 2);  // the items go where the array and the object were closed
  return text;
}

Status check(const PayloadList& list) {
  if (list.count == 0) {
    return fail(Code::kInvalidArgument, "no payload asked for", {.field = "--count"}, "give a number from 1");
  }
  if (list.form == PayloadForm::kPostman && list.count > kMostPostmanRequests) {
    return fail(Code::kInvalidArgument,
                "a Postman collection of " + with_thousands(list.count) + " requests is more than Postman shows well",
                {.field = "--count"},
                "give at most " + with_thousands(kMostPostmanRequests) +
                    ", or --format json-array, which Postman's runner takes as a data file");
  }
  return {};
}

}  // namespace

std::optional<PayloadForm> find_payload_form(std::string_view name) {
  if (name == "ndjson") return PayloadForm::kNdjson;
  if (name == "json-array") return PayloadForm::kJsonArray;
  if (name == "postman") return PayloadForm::kPostman;
  return std::nullopt;
}

Status write_payloads(const PayloadList& list, const std::filesystem::path& path, Progress& progress) {
  VIGIE_TRY(check(list));
  auto sink = VIGIE_TRY(dataset::ByteSink::create(path));
  const bool lines = list.form == PayloadForm::kNdjson;
  const bool postman = list.form == PayloadForm::kPostman;
  PayloadSource source(list.route, list.options);
  if (!lines) VIGIE_TRY(sink.write(postman ? postman_start(list) : "["));
  progress.begin("payloads", list.count, "payloads");
  for (std::uint64_t i = 0; i < list.count; ++i) {
    std::string text = source.next().json;
    if (postman) text = postman_item(list, i, text);
    VIGIE_TRY(sink.write(lines ? text + "\n" : (i == 0 ? "\n" : ",\n") + text));
    if (i % 1024 == 0) progress.advance_to(i);
  }
  if (!lines) VIGIE_TRY(sink.write(postman ? "\n]}\n" : "\n]\n"));
  VIGIE_TRY(sink.commit());
  progress.advance_to(list.count);
  progress.end();
  return {};
}

Result<std::vector<Payload>> read_payloads(const std::filesystem::path& path) {
  auto source = VIGIE_TRY(dataset::open_bytes(path));
  std::string text;
  std::vector<char> piece(1 << 16);
  for (;;) {
    const std::size_t got = VIGIE_TRY(source->read(piece));
    if (got == 0) break;
    if (text.size() + got > kMostPayloadBytes) {
      return fail(Code::kResourceExhausted,
                  "the payloads are larger than " + std::to_string(kMostPayloadBytes >> 20) + " MiB",
                  {.file = path.native()}, "give fewer: they are sent round and round");
    }
    text.append(piece.data(), got);
  }
  std::vector<Payload> payloads;
  std::string_view left = text;
  constexpr std::string_view kSpace = " \t\r";
  for (std::uint64_t number = 1; !left.empty(); ++number) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    std::string_view line = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    const std::size_t first = line.find_first_not_of(kSpace);
    if (first == std::string_view::npos) continue;
    line = line.substr(first, line.find_last_not_of(kSpace) - first + 1);
    if (line.front() != '{' || line.back() != '}') {
      return fail(Code::kInvalidData, "the line is no JSON object", {.file = path.native(), .line = number},
                  "give one object a line, as vigie data payloads writes them");
    }
    payloads.push_back({.json = std::string(line)});
  }
  if (payloads.empty()) {
    return fail(Code::kInvalidData, "the file has no payload", {.file = path.native()},
                "make some with vigie data payloads");
  }
  return payloads;
}

}  // namespace vigie::load
