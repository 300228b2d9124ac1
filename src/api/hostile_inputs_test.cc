// What attackers and broken clients send, each over a socket of its own: the status it gets, whether the connection
// ends with it, and that the server goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "api/api_fixture.h"

namespace vigie::api {
namespace {

namespace json = boost::json;

struct HostileCase {
  std::string name;
  std::string bytes;
  int status;
  bool ends;                // the connection, with the answer
  std::string_view type{};  // of the first problem, where the body is one
};

const std::string kHost = "Host: here\r\n";
const std::string kJson = "Content-Type: application/json\r\n";

std::string get_of(const std::string& target, const std::string& fields = kHost) {
  return "GET " + target + " HTTP/1.1\r\n" + fields + "\r\n";
}

std::string post_of(const std::string& body, const std::string& path = "/predict", const std::string& type = kJson) {
  return "POST " + path + " HTTP/1.1\r\n" + kHost + type + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string ask_predict(const std::string& fields, const std::string& body = {}) {
  return "POST /predict HTTP/1.1\r\n" + kHost + kJson + fields + "\r\n" + body;
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

// A transaction with one field's text replaced.
std::string with_v1(const std::string& text) {
  std::string body = transaction(0.25);
  return body.replace(body.find("0.25"), 4, text);
}

std::vector<HostileCase> framing() {
  const std::string good = transaction(0.5);
  const std::string length = "Content-Length: " + std::to_string(good.size()) + "\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  return {
      {"length beside chunks", ask_predict(length + chunked, "0\r\n\r\n"), 400, true},
      {"chunks beside length", ask_predict(chunked + length, "0\r\n\r\n"), 400, true},
      {"two equal lengths", ask_predict(length + length, good), 400, true},
      {"two different lengths", ask_predict("Content-Length: 5\r\n" + length, good), 400, true},
      {"a list of lengths", ask_predict("Content-Length: 5, 5\r\n", "12345"), 400, true},
      {"a signed length", ask_predict("Content-Length: +5\r\n", "12345"), 400, true},
      {"a negative length", ask_predict("Content-Length: -1\r\n"), 400, true},
      {"a hexadecimal length", ask_predict("Content-Length: 0x5\r\n", "12345"), 400, true},
      {"a length with a space", ask_predict("Content-Length: 1 5\r\n", "12345"), 400, true},
      {"an empty length", ask_predict("Content-Length: \r\n"), 400, true},
      {"a length of 2^64", ask_predict("Content-Length: 18446744073709551616\r\n"), 400, true},
      {"a length of 2^64 - 1", ask_predict("Content-Length: 18446744073709551615\r\n"), 413, true},
      {"an unknown coding", ask_predict("Transfer-Encoding: gzip\r\n", "x"), 501, true},
      {"chunked twice", ask_predict("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 400, true},
      {"chunked hidden by a tab", ask_predict("Transfer-Encoding:\tchunked\r\n" + length, good), 400, true},
      {"chunked with an x", ask_predict("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 400, true},
      {"chunked as identity too", ask_predict("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 400, true},
      {"a space before the colon", ask_predict("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400, true},
      {"a folded field", ask_predict("X-One: a\r\n b\r\n" + length, good), 400, true},
      {"a field without a colon", ask_predict("X-One\r\n" + length, good), 400, true},
      {"a field without a name", ask_predict(": value\r\n" + length, good), 400, true},
      {"a bare line feed", "GET /health HTTP/1.1\nHost: here\n\n", 400, true},
      {"a bare line feed between fields", "GET /health HTTP/1.1\r\nHost: here\nX: y\r\n\r\n", 400, true},
      {"a bare carriage return in a value", get_of("/health", kHost + "X-One: a\rb\r\n"), 400, true},
      {"a NUL in a value", get_of("/health", kHost + "X-One: a" + std::string(1, '\0') + "b\r\n"), 400, true},
      {"a NUL in a name", get_of("/health", kHost + "X" + std::string(1, '\0') + ": b\r\n"), 400, true},
      {"a letter with an accent in a name", get_of("/health", kHost + "X-\xC3\xA9: b\r\n"), 400, true},
      {"no Host", "GET /health HTTP/1.1\r\n\r\n", 400, true},
      {"two Hosts", get_of("/health", kHost + kHost), 400, true},
      {"a chunk size that is no number", ask_predict(chunked, "zz\r\n"), 400, true},
      {"a negative chunk", ask_predict(chunked, "-1\r\n"), 400, true},
      {"a chunk size of 2^64", ask_predict(chunked, "10000000000000000\r\n"), 400, true},
      {"a chunk size of 2^63", ask_predict(chunked, "8000000000000000\r\n"), 413, true},
      {"a chunk size as 0x", ask_predict(chunked, "0x1\r\na\r\n0\r\n\r\n"), 400, true},
      {"a chunk without its line end", ask_predict(chunked, "1\r\nab\r\n0\r\n\r\n"), 400, true},
      {"a chunk ended by a bare line feed", ask_predict(chunked, "1\na\n0\n\n\r\n"), 400, true},
      {"an endless chunk extension", ask_predict(chunked, "1;" + std::string(64 * 1024, 'x')), 400, true},
      {"a million tiny chunks", ask_predict(chunked, repeated("1\r\n \r\n", 300'000) + "0\r\n\r\n"), 400, true},
      {"a Content-Length in trailers", ask_predict(chunked, "0\r\nContent-Length: 5\r\nbad header\r\n\r\n"), 400, true},
      {"chunks in HTTP/1.0", "POST /predict HTTP/1.0\r\n" + kJson + chunked + "\r\n0\r\n\r\n", 400, true},
      {"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, true},
      {"HTTP/1.2", "GET /health HTTP/1.2\r\n" + kHost + "\r\n", 400, true},
      {"HTTP/0.9", "GET /health\r\n\r\n", 400, true},
      {"TLS to a plain port", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15), 400, true},
      {"no target", "GET  HTTP/1.1\r\n" + kHost + "\r\n", 400, true},
      {"a target without a slash", get_of("health"), 400, true},
      {"a fragment", get_of("/health#x"), 400, true},
      {"a control character in the target", get_of("/hea\x01lth"), 400, true},
      {"a broken escape", get_of("/%zz"), 400, true},
      {"half an escape", get_of("/health%2"), 400, true},
      {"an escaped NUL", get_of("/health%00"), 400, true},
      {"a path upwards", get_of("/../../etc/passwd"), 404, false},
      {"an escaped path upwards", get_of("/%2e%2e/%2e%2e/etc/passwd"), 404, false},
      {"a method of the client's own", "BREW /health HTTP/1.1\r\n" + kHost + "\r\n", 501, false},
      {"a method in small letters", "get /health HTTP/1.1\r\n" + kHost + "\r\n", 501, false},
      {"TRACE", "TRACE /health HTTP/1.1\r\n" + kHost + "\r\n", 501, false},
      {"CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\n" + kHost + "\r\n", 400, true},
      {"a wrong method", get_of("/predict"), 405, false},
      {"a target of 20 KB", get_of("/" + std::string(20'000, 'a')), 414, true},
      {"a field of 20 KB", get_of("/health", kHost + "X: " + std::string(20'000, 'a') + "\r\n"), 431, true},
      {"two hundred fields", get_of("/health", kHost + repeated("X: y\r\n", 200)), 431, true},
      {"an expectation of its own", ask_predict("Expect: tea\r\n" + length, good), 417, true},
      {"a compressed body", ask_predict("Content-Encoding: gzip\r\n" + length, good), 415, false},
      {"no type", "POST /predict HTTP/1.1\r\n" + kHost + length + "\r\n" + good, 415, false},
      {"a form", post_of("a=b", "/predict", "Content-Type: application/x-www-form-urlencoded\r\n"), 415, false},
      {"another charset", post_of(good, "/predict", "Content-Type: application/json; charset=utf-16\r\n"), 415, false},
      {"a body of 2 MB", ask_predict("Content-Length: 2000000\r\n"), 413, true},
      {"a request behind a refused one", get_of("/nowhere") + get_of("/health"), 404, false},
  };
}

std::vector<HostileCase> bodies() {
  const std::string deep = repeated("[", 100'000);
  std::string twice = transaction(0.5, R"(, "V1": 1)");
  std::string escaped_twice = transaction(0.5, R"(, "\u0056\u0031": 1)");
  return {
      {"no body", post_of(""), 400, false, "json_invalid"},
      {"spaces", post_of("  \n\t "), 400, false, "json_invalid"},
      {"no JSON", post_of("Time=1"), 400, false, "json_invalid"},
      {"half of it", post_of(transaction(0.5).substr(0, 200)), 400, false, "json_invalid"},
      {"more behind it", post_of(transaction(0.5) + "}"), 400, false, "json_invalid"},
      {"two of them", post_of(transaction(0.5) + transaction(0.5)), 400, false, "json_invalid"},
      {"a comma too many", post_of(with_v1("1,")), 400, false, "json_invalid"},
      {"single quotes", post_of("{'V1': 1}"), 400, false, "json_invalid"},
      {"a comment", post_of("{/* V1 */}"), 400, false, "json_invalid"},
      {"a hundred thousand brackets", post_of(deep), 400, false, "json_invalid"},
      {"a hundred thousand objects", post_of(repeated("{\"a\":", 100'000)), 400, false, "json_invalid"},
      {"depth inside a field", post_of(with_v1(repeated("[", 5'000) + repeated("]", 5'000))), 400, false,
       "json_invalid"},
      {"invalid UTF-8", post_of(transaction(0.5, ", \"\xff\": 1")), 400, false, "json_invalid"},
      {"an overlong character", post_of(transaction(0.5, ", \"\xc0\xaf\": 1")), 400, false, "json_invalid"},
      {"half a surrogate pair", post_of(transaction(0.5, R"(, "\ud800": 1)")), 400, false, "json_invalid"},
      {"a byte-order mark of UTF-16", post_of("\xff\xfe{\0}"), 400, false, "json_invalid"},
      {"a raw line end in a text", post_of(transaction(0.5, ", \"a\nb\": 1")), 400, false, "json_invalid"},
      {"a leading zero", post_of(with_v1("01")), 400, false, "json_invalid"},
      {"a plus", post_of(with_v1("+1")), 400, false, "json_invalid"},
      {"a point without digits", post_of(with_v1("1.")), 400, false, "json_invalid"},
      {"a hexadecimal number", post_of(with_v1("0x10")), 400, false, "json_invalid"},
      {"NaN", post_of(with_v1("NaN")), 422, false, "finite_number"},
      {"Infinity", post_of(with_v1("Infinity")), 422, false, "finite_number"},
      {"-Infinity", post_of(with_v1("-Infinity")), 422, false, "finite_number"},
      {"1e999", post_of(with_v1("1e999")), 422, false, "finite_number"},
      {"a number of 100,000 digits", post_of(with_v1(std::string(100'000, '9'))), 422, false, "finite_number"},
      {"a text", post_of(with_v1("\"x\"")), 422, false, "float_parsing"},
      {"null", post_of(with_v1("null")), 422, false, "float_type"},
      {"true", post_of(with_v1("true")), 422, false, "float_type"},
      {"a list", post_of(with_v1("[1]")), 422, false, "float_type"},
      {"an object", post_of(with_v1("{\"$gt\": 0}")), 422, false, "float_type"},
      {"a negative amount", post_of(R"({"Amount": -1})"), 422, false},
      {"an unknown field", post_of(transaction(0.5, R"(, "__proto__": {})")), 422, false, "extra_forbidden"},
      {"SQL for a name", post_of(transaction(0.5, R"(, "V1'; DROP TABLE x;--": 1)")), 422, false, "extra_forbidden"},
      {"a field twice", post_of(twice), 422, false, "duplicate_key"},
      {"a field twice, once escaped", post_of(escaped_twice), 422, false, "duplicate_key"},
      {"an empty object", post_of("{}"), 422, false, "missing"},
      {"a list for an object", post_of("[]"), 422, false, "model_attributes_type"},
      {"a text for an object", post_of("\"x\""), 422, false, "model_attributes_type"},
      {"null for an object", post_of("null"), 422, false, "model_attributes_type"},
      {"ten thousand unknown fields", post_of("{" + repeated("\"a\": 1, ", 10'000) + "\"b\": 1}"), 422, false},
      {"an unknown query", post_of("[]", "/predict-batch?on_error=explode"), 422, false},
      {"a number for a batch", post_of("7", "/predict-batch"), 422, false},
      {"a batch without a list", post_of(R"({"transactions": 1})", "/predict-batch"), 422, false, "list_type"},
      {"a quote never closed", post_of("a,b\n\"1,2\n", "/predict-batch", "Content-Type: text/csv\r\n"), 422, false},
      {"a column twice", post_of("V1,V1\n1,2\n", "/predict-batch", "Content-Type: text/csv\r\n"), 400, false,
       "csv_invalid"},
      {"NUL bytes for CSV", post_of(std::string(1000, '\0'), "/predict-batch", "Content-Type: text/csv\r\n"), 400,
       false},
      {"an empty CSV", post_of("", "/predict-batch", "Content-Type: text/csv\r\n"), 400, false, "csv_invalid"},
      {"an empty NDJSON", post_of("\n", "/predict-batch", "Content-Type: application/x-ndjson\r\n"), 400, false,
       "ndjson_invalid"},
  };
}

class HostileInputs : public ApiTest {
 protected:
  void expect(const HostileCase& it) {
    SCOPED_TRACE(it.name);
    http::RawClient client(server_->port());
    client.send(it.bytes);
    const http::RawReply reply = client.reply();
    EXPECT_EQ(reply.status, it.status) << reply.body.substr(0, 300);
    EXPECT_FALSE(reply.field("X-Request-Id").empty());
    boost::system::error_code no_json;
    const json::value body = json::parse(reply.body, no_json);
    ASSERT_FALSE(no_json) << reply.body.substr(0, 300);
    const json::array& detail = body.at("detail").as_array();
    ASSERT_FALSE(detail.empty());
    for (const json::value& problem : detail) {
      EXPECT_TRUE(problem.at("type").is_string() && problem.at("loc").is_array() && problem.at("msg").is_string());
    }
    if (!it.type.empty()) {
      EXPECT_EQ(detail[0].at("type").as_string(), it.type) << reply.body.substr(0, 300);
    }
    EXPECT_LT(reply.body.size(), 64u * 1024) << "an answer is no amplifier";
    EXPECT_EQ(reply.field("Connection") == "close", it.ends);
    if (it.ends) {
      client.finish_sending();
      EXPECT_TRUE(client.closed());
    } else {
      EXPECT_EQ(client.ask(get_of("/health/live")).status, 200) << "the connection goes on";
    }
  }
};

TEST_F(HostileInputs, AreAnsweredByTheirStatus) {
  std::set<std::string> names;
  std::size_t count = 0;
  for (const auto& table : {framing(), bodies()}) {
    for (const HostileCase& it : table) {
      expect(it);
      EXPECT_TRUE(names.insert(it.name).second) << it.name;
      ++count;
    }
  }
  EXPECT_GE(count, 60u);
  http::RawClient other(server_->port());
  EXPECT_EQ(other.ask(get_of("/health")).status, 200) << "nobody else noticed";
}

}  // namespace
}  // namespace vigie::api
