// CSV and NDJSON bodies of any length: rows are answered while others come, and what goes wrong on the way is seen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <thread>

#include "api/api_fixture.h"
#include "api/line_batch.h"
#include "decision/card_row_text.h"

namespace vigie::api {
namespace {

namespace json = boost::json;
using decision::cells;
using decision::csv_scores;
using decision::header;
using decision::json_scores;
using decision::members;
using decision::random_row;
using decision::Row;
using testing::HasSubstr;
using namespace std::chrono_literals;

class LineStream : public ApiTest {
 protected:
  static std::string chunk(std::string_view bytes) {
    std::array<char, 16> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
    return size.data() + std::string(bytes) + "\r\n";
  }
  static std::string head(const std::string& type, const std::string& query = {}) {
    return "POST /predict-batch" + query + " HTTP/1.1\r\nHost: here\r\nContent-Type: " + type +
           "\r\nTransfer-Encoding: chunked\r\n\r\n";
  }
  http::RawReply chunked(const std::string& type, const std::string& body, const std::string& query = {}) {
    return client_->ask(head(type, query) + (body.empty() ? "" : chunk(body)) + "0\r\n\r\n");
  }
  // A row, and what comes back for it.
  std::pair<std::string, std::string> scored() {
    const Row row = random_row(random_);
    return {cells(row) + "a\n", cells(row) + "a" + csv_scores(*service_, row) + ",\n"};
  }
  static std::string scored_header() { return header() + ",hybrid_score,fraud,error\n"; }
  std::int64_t decisions() {
    const auto counts = json::parse(get("/metrics").body);
    return counts.at("fraud_predictions").as_int64() + counts.at("legitimate_predictions").as_int64();
  }
  bool connections_come_to(std::size_t count) {
    for (int turn = 0; turn < 1000; ++turn) {
      if (server_->connections() == count) return true;
      std::this_thread::sleep_for(5ms);
    }
    return false;
  }

  Random random_{3};
};

TEST_F(LineStream, RowsAreAnsweredBeforeTheBodyEnds) {
  http::RawClient client(server_->port());
  std::string rows = header() + "\n";
  std::string answers = scored_header();
  // More than a block of the reader and a chunk of the answer hold.
  while (rows.size() < (3 << 20)) {
    const auto [row, answer] = scored();
    rows += row;
    answers += answer;
  }
  std::jthread sender([&] { client.send(head("text/csv") + chunk(rows)); });
  const auto reply = client.head();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("Content-Type"), "text/csv; charset=utf-8");
  std::string early;
  while (early.size() < (1 << 20)) {
    const auto piece = client.chunk();
    ASSERT_TRUE(piece && !piece->empty());
    early += *piece;
  }
  sender.join();
  const auto [row, answer] = scored();
  client.send(chunk(row) + "0\r\n\r\n");
  const auto late = client.chunks();
  ASSERT_TRUE(late);
  EXPECT_TRUE(early + *late == answers + answer);
  EXPECT_EQ(decisions(), std::ranges::count(answers, '\n'));
}

TEST_F(LineStream, NdjsonInSmallPiecesIsAnsweredAsWhole) {
  std::string expected;
  std::string request = head("application/x-ndjson");
  for (int i = 0; i < 500; ++i) {
    const Row row = random_row(random_);
    const std::string line = i % 7 == 3 ? "{\"V1\": nope}\n" : "{" + members(row) + "}\n";
    expected += i % 7 == 3 ? "" : "{" + members(row) + json_scores(*service_, row) + "}\n";
    for (std::size_t at = 0; at < line.size(); at += 97) request += chunk(line.substr(at, 97));
  }
  const auto reply = client_->ask(request + "0\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("Content-Type"), "application/x-ndjson");
  std::string good;
  std::size_t bad = 0;
  for (std::size_t at = 0; at < reply.body.size();) {
    const std::size_t end = reply.body.find('\n', at);
    const std::string line = reply.body.substr(at, end - at + 1);
    if (line.starts_with("{\"error\": {\"line\": ")) {
      ++bad;
    } else {
      good += line;
    }
    at = end + 1;
  }
  EXPECT_EQ(bad, 71u);
  EXPECT_TRUE(good == expected);
}

TEST_F(LineStream, ABodyThatIsUnreadableFromTheStartIsRefusedByStatus) {
  EXPECT_EQ(chunked("text/csv", "").status, 400);
  EXPECT_THAT(chunked("text/csv", "\n \n").body, HasSubstr("The body is empty"));
  EXPECT_THAT(chunked("application/x-ndjson", "").body, HasSubstr("send one JSON object a line"));
  EXPECT_EQ(chunked("text/csv", "a,a\n1,2\n").status, 400);
  EXPECT_EQ(chunked("text/csv", "a,b\n1,2\n").status, 422);
  EXPECT_EQ(chunked("text/csv", header() + "\n\"1").status, 400);
  EXPECT_EQ(chunked("text/csv", header() + "\n", "?on_error=maybe").status, 422);
  EXPECT_EQ(get("/health").status, 200) << "the connection goes on";
}

TEST_F(LineStream, ABodyThatBecomesUnreadableCutsTheAnswer) {
  http::RawClient client(server_->port());
  std::string rows = header() + "\n";
  while (rows.size() < (2 << 20)) rows += scored().first;
  client.send(head("text/csv"));
  std::jthread sender([&] { client.send(chunk(rows) + chunk("\"never closed") + "0\r\n\r\n"); });
  EXPECT_EQ(client.head().status, 200);
  EXPECT_FALSE(client.chunks()) << "no last chunk";
  EXPECT_TRUE(connections_come_to(1)) << "only the fixture's";
}

TEST_F(LineStream, WithOnErrorFailOneBadRowRefusesAll) {
  std::string rows = header() + "\n";
  for (int i = 0; i < 3000; ++i) rows += scored().first;
  EXPECT_EQ(chunked("text/csv", rows, "?on_error=fail").status, 200);
  const auto reply = chunked("text/csv", rows + "nothing\n", "?on_error=fail");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(json::parse(reply.body).at("detail").at(0).at("loc").at(2).to_number<int>(), 3002);
  std::string large = head("text/csv", "?on_error=fail") + chunk(header() + "\n");
  const std::string block = chunk(std::string(1 << 20, '\n'));
  http::RawClient client(server_->port());
  client.send(large);
  for (int i = 0; i < 70; ++i) client.send(block);
  client.send("0\r\n\r\n");
  const auto refused = client.reply();
  EXPECT_EQ(refused.status, 413);
  EXPECT_THAT(refused.body, HasSubstr("with on_error=fail a body is held whole, up to 64 MiB"));
}

TEST_F(LineStream, AClientThatGoesStopsTheWork) {
  const std::int64_t before = decisions();
  {
    http::RawClient client(server_->port());
    std::string rows = header() + "\n";
    while (rows.size() < (2 << 20)) rows += scored().first;
    client.send(head("text/csv"));
    std::jthread sender([&] { client.send(chunk(rows)); });
    ASSERT_EQ(client.head().status, 200);
    std::jthread reader([&] {
      while (client.chunk()) {
      }
    });
    // Until the first block is answered: what nobody took is not told.
    for (int turn = 0; turn < 1000 && decisions() == before; ++turn) std::this_thread::sleep_for(5ms);
    sender.join();
    ::shutdown(client.descriptor(), SHUT_RD);
    reader.join();
    client.reset_when_closed();
  }
  EXPECT_TRUE(connections_come_to(1)) << "only the fixture's";
  const std::int64_t told = decisions();
  EXPECT_GT(told, before);
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(decisions(), told) << "nobody works on";
}

}  // namespace
}  // namespace vigie::api
