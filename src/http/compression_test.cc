// Compressed answers over a real socket, read by the codings' own libraries.
#include "http/compression.h"

#include <gmock/gmock.h>

#include "http/stream_fixture.h"
#include "http/test_decoding.h"

namespace vigie::http {
namespace {

using testing::HasSubstr;

std::string text_of(std::size_t size) {
  std::string text;
  while (text.size() < size) text += "{\"row\": " + std::to_string(text.size()) + "}\n";
  text.resize(size);
  return text;
}

std::string accepts(const std::string& codings) { return "Accept-Encoding: " + codings + "\r\n"; }

// Answers in the pool: /texts?n=SIZE with the type, fields and status that a test sets; /inline the same on the loop.
class CompressionTest : public StreamTest {
 protected:
  CompressionTest() {
    for (const auto& [path, work] : {std::pair{"/pool", Work::kPool}, {"/inline", Work::kInline}}) {
      router_.add({.path = path,
                   .name = path + 1,
                   .summary = "",
                   .work = work,
                   .handler = [this](const Request& request, Response& response) {
                     response.status = status_;
                     response.content_type = type_;
                     response.headers = fields_;
                     const std::string size = request.query_value("n");
                     response.body = text_of(size.empty() ? 5000 : std::stoul(size));
                   }});
    }
  }

  void open_with(CompressionOptions compression) {
    auto server = Server::open({.port = 0,
                                .threads = 1,
                                .compression = compression,
                                .spool = {.folder = testing::TempDir()},
                                .metrics = metrics_},
                               router_);
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
    server_->start();
    client_ = std::make_unique<RawClient>(port());
  }
  RawReply get(const std::string& target, const std::string& fields = {}) {
    return client_->ask("GET " + target + " HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n");
  }
  void expect_text(const RawReply& reply, const std::string& coding, const std::string& text) {
    EXPECT_EQ(reply.field("Content-Encoding"), coding);
    const auto read = decoded(reply.body, coding);
    ASSERT_TRUE(read) << coding;
    EXPECT_TRUE(read->text == text) << coding;
    EXPECT_TRUE(read->whole) << coding;
  }

  int status_ = 200;
  std::string_view type_ = "application/json";
  std::string fields_;
  std::unique_ptr<RawClient> client_;
};

TEST_F(CompressionTest, EachCodingGivesTheAnswerThatIsGivenWithout) {
  open_with({});
  for (const std::string size : {"1400", "5000", "1000000"}) {
    const RawReply plain = get("/pool?n=" + size);
    EXPECT_EQ(plain.body.size(), std::stoul(size));
    EXPECT_EQ(plain.field("Content-Encoding"), "");
    EXPECT_EQ(plain.field("Vary"), "Accept-Encoding") << "caches must know";
    for (const std::string coding : {"gzip", "br", "zstd"}) {
      const RawReply packed = get("/pool?n=" + size, accepts(coding));
      EXPECT_EQ(packed.status, 200);
      EXPECT_EQ(packed.field("Content-Length"), std::to_string(packed.body.size()));
      EXPECT_EQ(packed.field("Content-Type"), "application/json");
      EXPECT_EQ(packed.field("Vary"), "Accept-Encoding");
      EXPECT_LT(packed.body.size(), plain.body.size());
      expect_text(packed, coding, plain.body);
    }
  }
}

TEST_F(CompressionTest, TheClientsOrderDecidesAndThenOurs) {
  open_with({});
  const struct {
    std::string accepted, coding;
  } cases[] = {{"gzip, deflate, br, zstd", "zstd"},
               {"gzip, deflate, br", "br"},
               {"gzip", "gzip"},
               {"GZip", "gzip"},
               {"*", "zstd"},
               {"*, zstd;q=0", "br"},
               {"zstd;q=0.1, br;q=0.2, gzip;q=0.3", "gzip"},
               {"identity, gzip;q=0.9", ""},
               {"identity;q=0.5, gzip;q=0.5", "gzip"},
               {"identity;q=0, gzip", "gzip"},
               {"identity;q=0", ""},
               {"*;q=0", ""},
               {"gzip;q=0, br;q=0, zstd;q=0", ""},
               {"", ""},
               {"deflate, compress, x-br", ""},
               {"gzip;q=x", ""},
               {"gzip;q=-1, br;q=nan, zstd;q=", ""},
               {"gzip;q=1e99", "gzip"},
               {";;;,,=,q=1", ""},
               {"gzip;level=9;q=0.5, \"br\"", "gzip"},
               {"gzip" + std::string(8000, ' ') + ";q=1", "gzip"},
               {std::string(8000, ','), ""},
               {std::string(8000, ';') + "gzip", ""},
               {std::string(3000, '*'), ""},
               {"gzip\xFF, br\x80", ""}};
  const std::string plain = text_of(5000);
  for (const auto& each : cases) {
    const RawReply reply = get("/pool", accepts(each.accepted));
    EXPECT_EQ(reply.status, 200) << each.accepted;
    EXPECT_EQ(reply.field("Content-Encoding"), each.coding) << each.accepted;
    if (each.coding.empty()) {
      EXPECT_TRUE(reply.body == plain) << each.accepted;
    } else {
      expect_text(reply, each.coding, plain);
    }
  }
}

TEST_F(CompressionTest, SeveralFieldsAreOneList) {
  open_with({});
  EXPECT_EQ(get("/pool", accepts("deflate") + accepts("br;q=0.5, identity;q=0.1")).field("Content-Encoding"), "br");
  EXPECT_EQ(get("/pool", accepts("gzip;q=0.2") + accepts("zstd")).field("Content-Encoding"), "zstd");
}

TEST_F(CompressionTest, SmallAnswersAndThoseOfTheLoopAreLeftAlone) {
  open_with({});
  for (const std::string target : {"/pool?n=1399", "/pool?n=0", "/inline", "/hello", "/nowhere"}) {
    const RawReply reply = get(target, accepts("gzip, br, zstd"));
    EXPECT_EQ(reply.field("Content-Encoding"), "") << target;
    EXPECT_EQ(reply.field("Vary"), "") << target;
  }
  open_with({.smallest = 10});
  EXPECT_EQ(get("/pool?n=100", accepts("gzip")).field("Content-Encoding"), "gzip");
  const RawReply larger = get("/pool?n=12", accepts("gzip"));
  EXPECT_EQ(larger.field("Content-Encoding"), "") << "packed it would be longer";
  EXPECT_EQ(larger.field("Vary"), "Accept-Encoding");
  EXPECT_EQ(larger.body, text_of(12));
  open_with({.on = false});
  EXPECT_EQ(get("/pool", accepts("gzip")).field("Content-Encoding"), "");
  EXPECT_EQ(get("/pool", accepts("gzip")).field("Vary"), "");
}

TEST_F(CompressionTest, OnlyTextsAndNothingThatWasDecidedAlready) {
  open_with({});
  for (const std::string_view type :
       {"text/csv; charset=utf-8", "TEXT/plain", "application/x-ndjson", "application/problem+json", "image/svg+xml",
        "application/openmetrics-text; version=1.0.0", "text/javascript", "application/xml"}) {
    type_ = type;
    EXPECT_EQ(get("/pool", accepts("gzip")).field("Content-Encoding"), "gzip") << type;
  }
  for (const std::string_view type : {"image/png", "application/gzip", "application/octet-stream", "font/woff2", ""}) {
    type_ = type;
    const RawReply reply = get("/pool", accepts("gzip"));
    EXPECT_EQ(reply.field("Content-Encoding"), "") << type;
    EXPECT_EQ(reply.field("Vary"), "") << type;
  }
  type_ = "text/plain";
  for (const std::string fields : {"Content-Encoding: br\r\n", "content-encoding:br\r\n", "Vary: Accept-Encoding\r\n",
                                   "Vary: Accept, accept-encoding\r\n", "Vary: *\r\n"}) {
    fields_ = fields;
    const RawReply reply = get("/pool", accepts("gzip"));
    EXPECT_TRUE(reply.body == text_of(5000)) << fields;
    EXPECT_THAT(reply.head, HasSubstr(fields));
    EXPECT_THAT(reply.head, testing::Not(HasSubstr("gzip"))) << fields;
  }
}

TEST_F(CompressionTest, VaryIsJoinedAndTheTagBecomesWeak) {
  open_with({});
  fields_ = "X-One: 1\r\nvary: Accept\r\nETag: \"abc\"\r\nX-Two: 2\r\n";
  const RawReply packed = get("/pool", accepts("gzip"));
  EXPECT_EQ(packed.field("vary"), "Accept, Accept-Encoding");
  EXPECT_EQ(packed.field("Vary"), "");
  EXPECT_EQ(packed.field("ETag"), "W/\"abc\"");
  EXPECT_EQ(packed.field("X-One") + packed.field("X-Two"), "12");
  const RawReply plain = get("/pool");
  EXPECT_EQ(plain.field("vary"), "Accept, Accept-Encoding");
  EXPECT_EQ(plain.field("ETag"), "\"abc\"");
  fields_ = "ETag: W/\"abc\"\r\n";
  EXPECT_EQ(get("/pool", accepts("gzip")).field("ETag"), "W/\"abc\"");
}

TEST_F(CompressionTest, HeadHasTheFieldsOfGetAndNoBodyMeansNoCoding) {
  open_with({});
  const RawReply whole = get("/pool", accepts("gzip"));
  client_->send("HEAD /pool HTTP/1.1\r\nHost: here\r\n" + accepts("gzip") + "\r\n" + kHello);
  const RawReply head = client_->reply(true);
  EXPECT_EQ(head.field("Content-Encoding"), "gzip");
  EXPECT_EQ(head.field("Content-Length"), whole.field("Content-Length"));
  EXPECT_EQ(client_->reply().body, "hello");
  for (const int status : {204, 304}) {
    status_ = status;
    const RawReply reply = get("/pool", accepts("gzip"));
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(reply.field("Content-Encoding"), "") << status;
  }
  status_ = 422;
  expect_text(get("/pool", accepts("gzip")), "gzip", text_of(5000));
  EXPECT_EQ(get("/hello").body, "hello");
}

TEST_F(CompressionTest, AStreamIsReadableWhileItGoesOn) {
  open_with({});
  for (const std::string coding : {"gzip", "br", "zstd"}) {
    client_->send(post("/upper", accepts(coding) + kChunked, "5\r\nfirst\r\n"));
    const RawReply head = client_->head();
    EXPECT_EQ(head.field("Content-Encoding"), coding);
    EXPECT_EQ(head.field("Vary"), "Accept-Encoding");
    EXPECT_EQ(head.field("X-Made"), "while it came");
    std::string received;
    const auto expect_so_far = [&](const std::string& text) {
      while (true) {
        const auto read = decoded(received, coding);
        ASSERT_TRUE(read) << coding;
        if (read->text == text) return;
        ASSERT_TRUE(text.starts_with(read->text)) << coding << " " << read->text;
        const auto chunk = client_->chunk();
        ASSERT_TRUE(chunk && !chunk->empty()) << coding << ": it must come without more being sent";
        received += *chunk;
      }
    };
    expect_so_far("FIRST");
    client_->send("7\r\n second\r\n");
    expect_so_far("FIRST SECOND");
    client_->send("0\r\n\r\n");
    const auto rest = client_->chunks();
    ASSERT_TRUE(rest) << coding;
    const auto read = decoded(received + *rest, coding);
    ASSERT_TRUE(read && read->whole) << coding;
    EXPECT_EQ(read->text, "FIRST SECOND");
  }
  EXPECT_EQ(client_->ask(kHello).body, "hello");
}

TEST_F(CompressionTest, LongStreamsArriveWholeThroughTheSpoolToo) {
  open_with({.level = 1});
  std::string text = text_of(24 * kMegabyte);
  const std::string request = post("/upper", accepts("gzip") + length(text.size()), text);
  ASSERT_TRUE(client_->send(request)) << "all is sent before anything is read";
  const RawReply reply = client_->reply();
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  expect_text(reply, "gzip", text);
  EXPECT_LT(counted("upper").bytes_out, text.size() / 4) << "what went over the wire is counted";
}

TEST_F(CompressionTest, AStreamThatIsCutHasNoEnd) {
  open_with({});
  client_->send("GET /cut HTTP/1.1\r\nHost: here\r\n" + accepts("gzip") + "\r\n");
  EXPECT_EQ(client_->head().field("Content-Encoding"), "gzip");
  EXPECT_FALSE(client_->chunks());
  RawClient other(port());
  other.send("HEAD /flood HTTP/1.1\r\nHost: here\r\n" + accepts("gzip") + "\r\n" + kHello);
  EXPECT_EQ(other.head().field("Content-Encoding"), "gzip");
  EXPECT_EQ(other.reply().body, "hello") << "no byte of a body before it";
  RawClient old(port());
  old.send("POST /upper HTTP/1.0\r\nContent-Type: text/plain\r\n" + accepts("br") + length(3) + "\r\nabc");
  EXPECT_EQ(old.head().field("Content-Encoding"), "br");
  const auto read = decoded(old.rest(), "br");
  ASSERT_TRUE(read && read->whole);
  EXPECT_EQ(read->text, "ABC");
}

TEST_F(CompressionTest, ACompressedBodyIsRefusedWithWhatIsTakenInstead) {
  open_with({});
  RawReply reply = client_->ask(post("/echo", "Content-Encoding: gzip\r\n" + length(2), "hi"));
  EXPECT_EQ(reply.status, 415);
  EXPECT_EQ(reply.field("Accept-Encoding"), "identity");
  reply = client_->ask("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Type: image/png\r\n" + length(2) + "\r\nhi");
  EXPECT_EQ(reply.status, 415);
  EXPECT_EQ(reply.field("Accept-Encoding"), "") << "the coding is not why";
  EXPECT_EQ(reply.field("Accept"), "text/plain");
  EXPECT_EQ(client_->ask(post("/echo", "Content-Encoding: identity\r\n" + length(2), "hi")).body, "hi");
}

}  // namespace
}  // namespace vigie::http
