// What stands between the pieces of a chunked body, as it drips in.
#include "http/stream_fixture.h"

namespace vigie::http {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> kPaths = {"/echo", "/count"};  // whole, and streamed

// Nothing follows, and the limits are longer than a client of these tests waits.
TEST_F(StreamTest, FramingWithABareLineFeedIsRefusedAtOnce) {
  open();
  for (const std::string& path : kPaths) {
    for (const std::string body : {"5\n", "5;a=b\n", "\n", "0\n", "0\n\r", "5\r\nhello\n", "5\r\nhello\r\n0\n",
                                   "5\r\nhello\r\n\n", "5\r\nhello\r\n0\r\n\n", "5\r\nhello\r\n0\r\nT: 1\n"}) {
      RawClient client(port());
      client.send(post(path, kChunked, body));
      EXPECT_EQ(client.reply().status, 400) << path << " " << body;
      EXPECT_TRUE(client.closed()) << path << " " << body;
    }
  }
  RawClient begun(port());
  begun.send(post("/upper", kChunked, "5\r\nfirst\r\n"));
  EXPECT_EQ(begun.head().status, 200);
  EXPECT_EQ(begun.chunk(), "FIRST");
  begun.send("6\n");
  EXPECT_FALSE(begun.chunks()) << "cut: no last chunk";
}

TEST_F(StreamTest, LineFeedsAndZerosInTheBodyAreTheBodys) {
  open();
  const std::string body = "4\r\n0\n\n0\r\n5;x=y\r\n\n\r\n0\r\r\n1\r\n\n\r\n2\r\n0\n\r\n0\r\nT: 1\r\n\r\n";
  const std::string text = "0\n\n0\n\r\n0\r\n0\n";
  for (const std::string path : {"/echo", "/upper"}) {
    for (std::size_t at = 0; at <= body.size(); ++at) {
      RawClient client(port());
      client.send(post(path, kChunked, body.substr(0, at)));
      std::this_thread::sleep_for(1ms);
      client.send(body.substr(at));
      const RawReply reply = client.reply();
      EXPECT_EQ(reply.status, 200) << path << " split at " << at;
      EXPECT_EQ(reply.body, text) << path << " split at " << at;
    }
    RawClient dripping(port());
    dripping.send(post(path, kChunked));
    for (const char c : body) {
      dripping.send({&c, 1});
      std::this_thread::sleep_for(500us);
    }
    EXPECT_EQ(dripping.reply().body, text) << path;
  }
}

}  // namespace
}  // namespace vigie::http
