#include "http/head_memory.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "http/request_parser.h"

namespace vigie::http {
namespace {

using State = RequestParser::State;

const std::string kHead = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nAuthorization: Bearer t\r\n\r\n";
const Slice kLength{static_cast<std::uint32_t>(kHead.find("12")), 2};

TEST(HeadMemoryTest, TheSameHeadIsKnownWithAnyLengthOfAsManyDigits) {
  HeadMemory memory;
  EXPECT_EQ(memory.recall(kHead).size, 0u) << "nothing is remembered yet";
  memory.remember(kHead, kLength);
  const auto with = [&](std::string_view digits) {
    return std::string(kHead).replace(kLength.at, kLength.size, digits) + "body";
  };
  for (const std::uint64_t length : {12u, 10u, 99u}) {
    const HeadMemory::Recalled recalled = memory.recall(with(std::to_string(length)));
    EXPECT_EQ(recalled.size, kHead.size());
    EXPECT_EQ(recalled.content_length, length);
  }
  EXPECT_EQ(memory.recall(with("07")).content_length, 7u);
  for (const std::string_view digits : {"1", "123", "-1", "+1", " 1", "1 ", "1a", "0x", "\r\n", ""}) {
    EXPECT_EQ(memory.recall(with(digits)).size, 0u) << digits;
  }
  memory.forget();
  EXPECT_EQ(memory.recall(kHead).size, 0u);
}

TEST(HeadMemoryTest, AnyOtherByteAndAnyMissingOneMakeItAnotherHead) {
  HeadMemory memory;
  memory.remember(kHead, kLength);
  for (std::size_t at = 0; at < kHead.size(); ++at) {
    EXPECT_EQ(memory.recall(std::string_view(kHead).substr(0, at)).size, 0u) << at;
    if (at >= kLength.at && at < kLength.at + kLength.size) continue;
    std::string other = kHead;
    other[at] = static_cast<char>(other[at] ^ 1);
    EXPECT_EQ(memory.recall(other).size, 0u) << at;
  }
}

TEST(HeadMemoryTest, OneWithoutALengthIsKnownAndALongOneIsNot) {
  HeadMemory memory;
  const std::string head = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
  memory.remember(head, {});
  EXPECT_EQ(memory.recall(head + "more").size, head.size());
  EXPECT_EQ(memory.recall(head).content_length, 0u);
  const std::string longer = "GET /x HTTP/1.1\r\nHost: a\r\nX: " + std::string(HeadMemory::kMost, 'x') + "\r\n\r\n";
  memory.remember(longer, {});
  EXPECT_EQ(memory.recall(longer).size, 0u);
  EXPECT_EQ(memory.recall(head).size, 0u) << "nor the one before";
}

// All that a parser says of a request.
struct Reading {
  State state{};
  int refused = 0;
  Method method{};
  int version = 0;
  bool keep_alive = false;
  bool chunked = false;
  bool wants_timing = false;
  std::uint64_t content_length = 0;
  std::size_t size = 0;
  std::vector<std::string> texts;  // target, traceparent, fields, body

  bool operator==(const Reading&) const = default;
};

Reading read(RequestParser& parser, std::string bytes, std::size_t first) {
  parser.start();
  Reading reading;
  reading.state = parser.advance({bytes.data(), std::min(first, bytes.size())});
  if (reading.state == State::kNeedHead) reading.state = parser.advance(bytes);
  if (reading.state == State::kHeadDone) {
    parser.set_body_limit(1000);
    reading.state = parser.advance(bytes);
    const RequestHead& head = parser.head();
    reading.method = head.method;
    reading.version = head.version;
    reading.keep_alive = head.keep_alive;
    reading.chunked = head.chunked;
    reading.wants_timing = head.wants_timing;
    reading.content_length = head.content_length;
    const auto note = [&](Slice slice) { reading.texts.push_back(bytes.substr(slice.at, slice.size)); };
    note(head.target);
    note(head.traceparent);
    for (const FieldSlices& field : head.fields) {
      note(field.name);
      note(field.value);
    }
    if (reading.state == State::kComplete) {
      reading.size = parser.size();
      note(parser.body());
    }
  }
  if (reading.state == State::kFailed) reading.refused = parser.failure().status;
  return reading;
}

// One connection's requests, most of them nearly the last one again, each read as a new connection would read it.
TEST(HeadMemoryTest, AConnectionReadsEveryRequestAsANewOneDoes) {
  std::mt19937 draw(1);
  const auto below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(draw); };
  const std::vector<std::string> fields = {
      "Content-Length: 5\r\n",           "Content-Length: 05\r\n",
      "Content-Length: 4\r\n",           "Transfer-Encoding: chunked\r\n",
      "Connection: close\r\n",           "X-Server-Timing: 1\r\n",
      "Authorization: Bearer a.b.c\r\n", "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"};
  const std::vector<std::string> lines = {"POST /x HTTP/1.1\r\n", "GET /y?q HTTP/1.1\r\n", "POST /x HTTP/1.0\r\n"};
  auto parser = std::make_unique<RequestParser>(HeadLimits{});
  std::string request;
  std::size_t repeated = 0;
  std::size_t refused = 0;
  for (int i = 0; i < 50'000; ++i) {
    switch (request.empty() ? 0 : below(8)) {
      case 0: {
        request = lines[below(lines.size())] + "Host: a\r\n";
        for (std::size_t more = below(5); more > 0; --more) request += fields[below(fields.size())];
        request += request.find("chunked") == std::string::npos ? "\r\nhello" : "\r\n5\r\nhello\r\n0\r\n\r\n";
        break;
      }
      case 1: request[below(request.size())] = "0159:aA \r\n"[below(10)]; break;
      case 2:
        if (const auto at = request.find("Content-Length: "); at != std::string::npos) {
          request[at + 16] = static_cast<char>('0' + below(6));
        }
        break;
      default: break;  // the same again
    }
    RequestParser fresh{HeadLimits{}};
    const std::size_t first = below(4) == 0 ? below(request.size()) : request.size();
    const Reading wanted = read(fresh, request, first);
    const Reading got = read(*parser, request, first);
    ASSERT_EQ(got, wanted) << request;
    repeated += parser->head().repeated ? 1 : 0;
    refused += got.state == State::kFailed ? 1 : 0;
    EXPECT_FALSE(fresh.head().repeated);
    if (got.state == State::kFailed) parser = std::make_unique<RequestParser>(HeadLimits{});  // the connection ends
  }
  EXPECT_GT(repeated, 5'000u);
  EXPECT_GT(refused, 500u);
}

}  // namespace
}  // namespace vigie::http
