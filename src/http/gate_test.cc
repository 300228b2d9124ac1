// A gate in front of routes of each kind of work, over real sockets.
#include "http/gate.h"

#include <gmock/gmock.h>

#include <atomic>

#include "http/stream_fixture.h"

namespace vigie::http {
namespace {

using testing::HasSubstr;

// Lets in who has the key; a slow key needs time to be looked at, and all may say hello.
class KeyGate : public Gate {
 public:
  GateWord at_once(const Route& route, const Request& request, GateNote& note) const override {
    notes.push_back(note);
    note = {request.header("X-Key").size(), 7};
    const std::string_view key = request.header("X-Key");
    if (key.starts_with("slow")) return {.kind = GateWord::Kind::kWait};
    if (route.name == "hello") return {};
    return key == "good" ? in() : out();
  }
  GateWord decide(const Route&, const Request& request) const override {
    ++decided;
    return request.header("X-Key") == "slow good" ? in() : out();
  }
  mutable std::atomic<int> decided = 0;
  mutable std::vector<GateNote> notes;  // as they came; of one event loop

 private:
  static GateWord in() {
    return {.headers = "X-Left: 7\r\n", .caller = std::make_shared<const Caller>(Caller{.subject = "ana"})};
  }
  static GateWord out() {
    return {.kind = GateWord::Kind::kOut,
            .rejection = {401, "no key"},
            .headers = "WWW-Authenticate: Bearer realm=\"test\"\r\n"};
  }
};

class GateTest : public StreamTest {
 protected:
  GateTest() {
    router_.add({.method = Method::kPost,
                 .path = "/pool",
                 .name = "pool",
                 .summary = "",
                 .work = Work::kPool,
                 .handler = [](const Request& request, Response& response) { response.body = request.body; }});
    router_.set_gate(gate_);
  }
  static std::string key(const std::string& text) { return "X-Key: " + text + "\r\n"; }
  std::shared_ptr<KeyGate> gate_ = std::make_shared<KeyGate>();
};

TEST_F(GateTest, LetsInOrNotForEachKindOfWork) {
  open();
  RawClient client(port());
  for (const std::string path : {"/echo", "/pool", "/upper"}) {
    const auto ask = [&](const std::string& fields) { return client.ask(post(path, fields + length(2), "hi")); };
    const RawReply refused = ask("");
    EXPECT_EQ(refused.status, 401) << path;
    EXPECT_EQ(refused.field("WWW-Authenticate"), "Bearer realm=\"test\"") << path;
    EXPECT_THAT(refused.body, HasSubstr("no key")) << path;
    EXPECT_EQ(ask(key("bad")).status, 401) << path;
    EXPECT_EQ(ask(key("slow bad")).status, 401) << path;
    EXPECT_EQ(ask(key("slow bad")).field("WWW-Authenticate"), "Bearer realm=\"test\"") << path;
    client.send(post(path, key("good") + length(2), "hi"));
    EXPECT_EQ(client.reply().status, 200) << path;
    client.send(post(path, key("slow good") + length(2), "hi"));
    EXPECT_EQ(client.reply().status, 200) << path;
  }
  EXPECT_EQ(gate_->decided, 9) << "only what could not be said at once";
  const RawReply after = client.ask("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(after.status, 200);
  EXPECT_EQ(after.field("WWW-Authenticate"), "") << "nothing stays of the refusals before";
}

TEST_F(GateTest, HandlersKnowWhomItLetInAndItsLinesAreInTheirAnswers) {
  router_.add({.method = Method::kPost,
               .path = "/who",
               .name = "who",
               .summary = "",
               .handler = [](const Request& request, Response& response) { response.body = request.caller->subject; }});
  router_.add({.method = Method::kPost,
               .path = "/who/stream",
               .name = "who_stream",
               .summary = "",
               .consumes = {"text/plain"},
               .work = Work::kStream,
               .stream = [](const Request& request, BodyReader&, ResponseStream& answer) {
                 answer.response().body = request.caller->subject;
               }});
  open();
  RawClient client(port());
  for (const std::string path : {"/who", "/who/stream"}) {
    for (const char* const name : {"good", "slow good"}) {
      const RawReply reply = client.ask(post(path, key(name) + length(0), ""));
      EXPECT_EQ(reply.body, "ana") << path << " " << name;
      EXPECT_EQ(reply.field("X-Left"), "7") << path << " " << name;
      EXPECT_EQ(reply.head.find("X-Left"), reply.head.rfind("X-Left")) << path << " " << name;
    }
  }
  const RawReply hello = client.ask("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(hello.field("X-Left"), "") << "nothing stays of the requests before";
}

TEST_F(GateTest, SpeaksBeforeTheBodyComes) {
  open();
  RawClient client(port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nExpect: 100-continue\r\n"
      "Content-Length: 1000000\r\n\r\n");
  const RawReply refused = client.reply();
  EXPECT_EQ(refused.status, 401) << "and no 100 before it";
  EXPECT_TRUE(client.closed()) << "the body that may come is not waited for";
}

TEST_F(GateTest, StrangersAreNotToldWhatIsWrongWithTheirBody) {
  open();
  RawClient client(port());
  EXPECT_EQ(
      client.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 2\r\n\r\nhi").status,
      401);
  EXPECT_EQ(client.ask("GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n").status, 404);
  EXPECT_EQ(client.ask("GET /pool HTTP/1.1\r\nHost: x\r\n\r\n").status, 405);
  EXPECT_EQ(client.ask("OPTIONS /pool HTTP/1.1\r\nHost: x\r\n\r\n").status, 204) << "a preflight has no key";
  EXPECT_EQ(client.ask("POST /pool HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi").status,
            400);
}

TEST_F(GateTest, PipelinedRequestsAreAnsweredInOrder) {
  open();
  RawClient client(port());
  std::string all;
  for (const char* const name : {"good", "slow good", "bad", "slow bad", "good"}) {
    all += post("/echo", key(name) + length(2), "hi");
  }
  client.send(all);
  for (const int status : {200, 200, 401, 401, 200}) EXPECT_EQ(client.reply().status, status);
}

TEST_F(GateTest, ItsNoteComesBackWithTheSameHeadAndWithNoOther) {
  open();
  RawClient client(port());
  const auto ask = [&](const std::string& path, const std::string& fields, const std::string& body) {
    return client.ask(post(path, fields + length(body.size()), body)).status;
  };
  EXPECT_EQ(ask("/echo", key("good"), "hi"), 200);
  EXPECT_EQ(ask("/echo", key("good"), "ho"), 200);
  EXPECT_EQ(ask("/echo", key("good"), "hello"), 200) << "as many digits of the length";
  EXPECT_EQ(ask("/echo", key("gold"), "hi"), 401) << "as many bytes";
  EXPECT_EQ(ask("/echo", key("good"), "hi"), 200) << "the head before was another one";
  EXPECT_EQ(ask("/nowhere", key("good"), "hi"), 404) << "the gate is not asked";
  EXPECT_EQ(ask("/echo", key("good"), "hi"), 200);
  RawClient other(port());
  EXPECT_EQ(other.ask(post("/echo", key("good") + length(2), "hi")).status, 200) << "another connection";
  const GateNote none;
  const GateNote own = {{4, 7}};
  EXPECT_EQ(gate_->notes, (std::vector<GateNote>{none, own, own, none, none, none, none}));
}

}  // namespace
}  // namespace vigie::http
