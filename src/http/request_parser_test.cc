#include "http/request_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace vigie::http {
namespace {

using State = RequestParser::State;

// What the parser says when it is given one byte more each time, for each number of bytes of the body; `body` is joined
// in place and therefore changes.
std::vector<State> states_of(std::string head, std::string body) {
  RequestParser parser({});
  parser.start();
  std::string bytes = head + body;
  EXPECT_EQ(parser.advance({bytes.data(), head.size()}), State::kHeadDone);
  parser.set_body_limit(1000);
  std::vector<State> states;
  for (std::size_t size = head.size(); size <= bytes.size(); ++size) {
    states.push_back(parser.advance({bytes.data(), size}));
  }
  if (states.back() == State::kComplete) {
    const Slice joined = parser.body();
    EXPECT_EQ(bytes.substr(joined.at, joined.size), "hello") << body;
    EXPECT_EQ(parser.size(), bytes.size());
  }
  return states;
}

TEST(RequestParserTest, TakesChunksThatComeByteByByte) {
  const std::string head = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string last : {"0\r\n\r\n", "000\r\n\r\n", "0;a=b\r\n\r\n", "0\r\nTrailer: 1\r\n\r\n"}) {
    for (const std::string chunks : {"5\r\nhello\r\n", "1\r\nh\r\n004\r\nello\r\n"}) {
      const auto states = states_of(head, chunks + last);
      for (std::size_t i = 0; i + 1 < states.size(); ++i) EXPECT_EQ(states[i], State::kNeedBody) << chunks + last << i;
      EXPECT_EQ(states.back(), State::kComplete) << chunks + last;
    }
  }
}

TEST(RequestParserTest, AnEmptyBodyOfChunksMayComeByteByByte) {
  RequestParser parser({});
  parser.start();
  std::string bytes = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  ASSERT_EQ(parser.advance(bytes), State::kHeadDone);
  for (const char c : std::string("0\r\nT: ct\r\n\r")) {
    bytes += c;
    ASSERT_EQ(parser.advance(bytes), State::kNeedBody);
  }
  bytes += '\n';
  EXPECT_EQ(parser.advance(bytes), State::kComplete);
  EXPECT_EQ(parser.body().size, 0u);
}

TEST(RequestParserTest, AMalformedChunkIsRefused) {
  const std::string head = "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string body :
       {"Z\r\n", "-1\r\n", "5 \r\n", "0x5\r\n\r\n", "5\r\nhelloXY\r\n", "ffffffffffffffffff\r\n"}) {
    EXPECT_EQ(states_of(head, body).back(), State::kFailed) << body;
  }
}

}  // namespace
}  // namespace vigie::http
