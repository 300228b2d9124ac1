#include "load/answer_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vigie::load {
namespace {

using State = AnswerParser::State;

struct Reading {
  std::vector<int> statuses;
  bool failed = false;
  bool keep_alive = true;
  std::string left;  // what no complete answer took
};

// All answers of `bytes`, given `step` bytes more each time; `ends`: then the connection ends.
Reading read(std::string_view bytes, std::size_t step, bool ends = false) {
  Reading reading;
  AnswerParser parser;
  std::string buffer;
  while (!bytes.empty()) {
    buffer += bytes.substr(0, step);
    bytes.remove_prefix(std::min(step, bytes.size()));
    for (bool more = true; more && !reading.failed;) {
      buffer.erase(0, parser.advance(buffer));
      more = parser.state() == State::kComplete;
      if (more) {
        reading.statuses.push_back(parser.status());
        reading.keep_alive = parser.keep_alive();
        parser.start();
      }
      reading.failed = parser.state() == State::kFailed;
    }
    if (reading.failed) return reading;
  }
  if (ends) {
    parser.finish();
    if (parser.state() == State::kComplete) reading.statuses.push_back(parser.status());
    reading.failed = parser.state() == State::kFailed;
  }
  reading.left = buffer;
  return reading;
}

TEST(AnswerParser, ReadsWhatServersSend) {
  struct Case {
    std::string bytes;
    std::vector<int> statuses;
    bool keep_alive = true;
    bool ends = false;
  };
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  for (const auto& [bytes, statuses, keep_alive, ends] : std::vector<Case>{
           {ok, {200}},
           {ok + ok + ok, {200, 200, 200}},
           {"HTTP/1.1 404\r\ncontent-length:\t0 \r\n\r\n" + ok, {404, 200}},
           {"HTTP/1.1 204 No Content\r\n\r\n" + ok, {204, 200}},
           {"HTTP/1.1 304 Not Modified\r\nContent-Length: 900\r\n\r\n" + ok, {304, 200}},
           {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + ok, {200}},
           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: "
            "Chunked\r\n\r\n5\r\nhello\r\n00B;a=\"b\"\r\n0123456789a\r\n0\r\n\r\n" +
                ok,
            {200, 200}},
           {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n" + ok, {200, 200}},
           {"HTTP/1.1 503 Busy\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n", {503}, false},
           {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", {200}, false},
           {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", {200}, true},
           {"HTTP/1.0 200 OK\r\n\r\nuntil the end", {200}, true, true},
       }) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}, bytes.size()}) {
      const Reading reading = read(bytes, step, ends);
      EXPECT_EQ(reading.statuses, statuses) << bytes << " by " << step;
      EXPECT_FALSE(reading.failed) << bytes;
      EXPECT_EQ(reading.left, "") << bytes;
      EXPECT_EQ(reading.keep_alive, keep_alive) << bytes;
    }
  }
}

TEST(AnswerParser, RefusesWhatIsNoAnswer) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
  for (const std::string& bytes : std::vector<std::string>{
           "hello, this is no server of HTTP\r\n\r\n",
           "HTTP/2 200 OK\r\n\r\n",
           "HTTP/1.1  200 OK\r\n\r\n",
           "HTTP/1.1 20\r\n\r\n",
           "HTTP/1.1 2x0 OK\r\n\r\n",
           "HTTP/1.1 099 OK\r\n\r\n",
           "HTTP/1.1 600 OK\r\n\r\n",
           "HTTP/1.1 2000 OK\r\n\r\n",
           "HTTP/1.1 200 O\nK\r\n\r\n",
           "\r\nHTTP/1.1 200 OK\r\n\r\n",
           "HTTP/1.1 101 Switching Protocols\r\n\r\n",
           head + "no colon\r\n\r\n",
           head + ": empty\r\n\r\n",
           head + "Content-Length : 5\r\n\r\nhello",
           head + "A: b\r\n folded\r\n\r\n",
           head + "A: b\nContent-Length: 5\r\n\r\nhello",
           head + std::string("A: b\0c\r\n\r\n", 10),
           head + "Content-Length: \r\n\r\n",
           head + "Content-Length: -1\r\n\r\n",
           head + "Content-Length: +1\r\n\r\n",
           head + "Content-Length: 0x10\r\n\r\n",
           head + "Content-Length: 99999999999999999999\r\n\r\n",
           head + "Content-Length: 5, 5\r\n\r\nhello",
           head + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
           head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           head + "Transfer-Encoding: gzip, chunked\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "HTTP/1.1 100 Continue\r\nContent-Length: 3\r\n\r\nabc",
           chunked + "\r\n",
           chunked + "x\r\n",
           chunked + "-1\r\n",
           chunked + "5 \r\nhello\r\n",
           chunked + "5\nhello\r\n",
           chunked + "ffffffffffffffff\r\n",
           chunked + "5\r\nhello, longer\r\n",
           chunked + "5\r\nhello\rx",
           chunked + "5;a\nb\r\n",
           chunked + "0\r\n: x\r\n\r\n",
           chunked + "0\r\nX: y\nZ: a\r\n\r\n",
           chunked + "0\r\n\rx",
       }) {
    for (const std::size_t step : {std::size_t{1}, bytes.size()}) {
      const Reading reading = read(bytes, step);
      EXPECT_TRUE(reading.failed) << bytes << " by " << step;
      EXPECT_TRUE(reading.statuses.empty()) << bytes;
    }
  }
}

TEST(AnswerParser, AnAnswerCutShortFailsWithTheConnection) {
  const std::string whole = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const Reading reading = read(whole.substr(0, size), size, true);
    EXPECT_TRUE(reading.failed) << size;
  }
}

TEST(AnswerParser, EndlessHeadsInterimAnswersAndExtensionsEnd) {
  const std::string line(1000, 'a');
  std::string head = "HTTP/1.1 200 OK\r\n", extension = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string interim;
  for (int i = 0; i < 70; ++i) {
    head += "A: " + line + "\r\n";
    extension += "1;" + line + "\r\nx\r\n";
    interim += "HTTP/1.1 102 Processing\r\n\r\n";
  }
  EXPECT_TRUE(read(head, 512).failed);
  EXPECT_TRUE(read(head + "\r\n", head.size() + 2).failed);
  EXPECT_TRUE(read(extension, 4096).failed);
  EXPECT_TRUE(read(interim, 4096).failed);
}

}  // namespace
}  // namespace vigie::load
