// A shared history whose Redis is away, slow, locked, full, or has what nobody's history wrote.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/random.h"
#include "history/made_up_stream.h"
#include "history/redis_history.h"
#include "history/redis_process.h"

namespace vigie::history {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

domain::Event event_of(std::uint64_t number) {
  return {.id = 1 + number, .client = 1, .terminal = 1, .cents = 100, .time = kStart};
}

class RedisFailureTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!RedisProcess::program()) GTEST_SKIP() << RedisProcess::kAbsent;
  }
};

std::unique_ptr<RedisHistory> open(const RedisEndpoint& endpoint) {
  auto history = RedisHistory::open({.endpoint = endpoint});
  EXPECT_TRUE(history) << history.error().to_string();
  return history ? std::move(*history) : nullptr;
}

Error error_of(const RedisEndpoint& endpoint) {
  const auto history = RedisHistory::open({.endpoint = endpoint});
  EXPECT_FALSE(history);
  return history ? Error{.message = "there is no error"} : history.error();
}

Error error_of(RedisHistory& history, const domain::Event& event = event_of(0)) {
  Row row;
  const auto outcome = history.observe(event, kStart, row);
  EXPECT_FALSE(outcome);
  return outcome ? Error{.message = "there is no error"} : outcome.error();
}

bool observes(RedisHistory& history, std::uint64_t number = 0) {
  Row row;
  return history.observe(event_of(number), kStart, row).has_value();
}

TEST_F(RedisFailureTest, NobodyThere) {
  const auto nobody = error_of({.port = 1});
  EXPECT_EQ(nobody.code, Code::kUnavailable);
  EXPECT_EQ(
      nobody.to_string(),
      "127.0.0.1:1: cannot connect: Connection refused; start the server, or give the address at which it listens");
  EXPECT_THAT(error_of({.path = "/nowhere/redis.sock"}).to_string(), HasSubstr("/nowhere/redis.sock: cannot connect"));
  EXPECT_THAT(error_of({.host = "no-such-host.invalid"}).to_string(),
              HasSubstr("no-such-host.invalid:6379: cannot connect"));
}

TEST_F(RedisFailureTest, GoesAwayAndComesBack) {
  RedisProcess server({}, RedisProcess::Listen::kPort);
  RedisEndpoint endpoint = server.endpoint();
  endpoint.pause = milliseconds(200);
  const auto history = open(endpoint);
  ASSERT_TRUE(observes(*history));
  server.kill(SIGKILL);
  const auto begun = steady_clock::now();
  for (int i = 0; i < 100; ++i) {
    const Error error = error_of(*history);
    EXPECT_EQ(error.code, Code::kUnavailable);
    EXPECT_THAT(error.to_string(), HasSubstr("127.0.0.1:" + std::to_string(endpoint.port)));
  }
  EXPECT_LT(steady_clock::now() - begun, milliseconds(2'000));
  EXPECT_THAT(error_of(*history).message, HasSubstr("to be tried again in"));
  EXPECT_FALSE(history->forget(1));
  server.start();
  std::this_thread::sleep_for(milliseconds(250));
  EXPECT_TRUE(observes(*history));
  EXPECT_TRUE(observes(*history, 1));
}

TEST_F(RedisFailureTest, AServerThatHangsCostsOneTimeoutAndNotOneEach) {
  RedisProcess server;
  RedisEndpoint endpoint = server.endpoint();
  endpoint.answer = milliseconds(300);
  endpoint.pause = milliseconds(300);
  const auto history = open(endpoint);
  ASSERT_TRUE(observes(*history));
  server.kill(SIGSTOP);
  const auto begun = steady_clock::now();
  EXPECT_THAT(error_of(*history, event_of(7)).to_string(), HasSubstr("no answer within 300 ms"));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(error_of(*history).code, Code::kUnavailable);
  EXPECT_LT(steady_clock::now() - begun, milliseconds(3'000));
  server.kill(SIGCONT);
  std::this_thread::sleep_for(milliseconds(400));
  Row row;
  // The server had the event when nobody waited for it any more.
  EXPECT_EQ(history->observe(event_of(7), kStart, row).value_or(Outcome::kLate), Outcome::kDuplicate);
  EXPECT_EQ(row[kCount], 2);
}

TEST_F(RedisFailureTest, DiesWhileThreadsCall) {
  RedisProcess server;
  RedisEndpoint endpoint = server.endpoint();
  endpoint.pause = milliseconds(50);
  const auto history = open(endpoint);
  std::atomic<bool> over = false;
  std::atomic<int> answers = 0;
  std::atomic<int> strange = 0;
  const auto work = [&](std::uint64_t thread) {
    Random random(thread);
    Row row;
    while (!over) {
      const auto outcome = history->observe(event_of(random.next()), kStart, row);
      if (outcome) ++answers;
      if (!outcome && outcome.error().code != Code::kUnavailable) ++strange;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t thread = 0; thread < 3; ++thread) threads.emplace_back(work, thread);
    for (int i = 0; i < 5; ++i) {
      std::this_thread::sleep_for(milliseconds(100));
      server.kill(SIGKILL);
      std::this_thread::sleep_for(milliseconds(50));
      const int before = answers;
      server.start();
      for (int wait = 0; wait < 200 && answers == before; ++wait) std::this_thread::sleep_for(milliseconds(10));
      EXPECT_GT(answers, before) << "after restart " << i;
    }
    over = true;
  }
  EXPECT_EQ(strange, 0);
}

TEST_F(RedisFailureTest, PasswordsAreCheckedAndNeverTold) {
  // The clerk may do what docs/history.md says is needed, and nothing else.
  RedisProcess server({"--requirepass", "right-password", "--user", "clerk", "on", ">clerk-password", "~{vigie}:*",
                       "+select", "+script|load", "+evalsha", "+get", "+set", "+setrange", "+expire", "+del"});
  RedisEndpoint endpoint = server.endpoint();
  const auto none = error_of(endpoint);
  EXPECT_EQ(none.code, Code::kPermissionDenied);
  EXPECT_THAT(none.to_string(), HasSubstr("give the password"));
  endpoint.password = "wrong-password";
  const auto wrong = error_of(endpoint);
  EXPECT_EQ(wrong.code, Code::kPermissionDenied);
  EXPECT_THAT(wrong.to_string(), HasSubstr("does not let this user in (WRONGPASS)"));
  EXPECT_THAT(wrong.to_string(), Not(HasSubstr("wrong-password")));
  endpoint.password = "right-password";
  EXPECT_TRUE(observes(*open(endpoint)));
  endpoint.user = "clerk";
  EXPECT_EQ(error_of(endpoint).code, Code::kPermissionDenied);
  endpoint.password = "clerk-password";
  const auto history = open(endpoint);
  EXPECT_TRUE(observes(*history));
  EXPECT_TRUE(observes(*history, 1));
  Row row;
  EXPECT_TRUE(history->read(event_of(0), row));
  EXPECT_EQ(*history->label({.id = 1, .terminal = 1, .time = kStart, .fraud = true}), LabelOutcome::kTaken);
  EXPECT_TRUE(history->forget(1));
  const auto elsewhere = RedisHistory::open({.endpoint = endpoint, .prefix = "elsewhere"});
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().code, Code::kPermissionDenied);
  EXPECT_THAT(elsewhere.error().to_string(), HasSubstr("allow this user the commands and keys"));
  endpoint.database = 99;
  EXPECT_THAT(error_of(endpoint).to_string(), HasSubstr("DB index is out of range"));
}

TEST_F(RedisFailureTest, AServerThatRepeatsWhatItDoesNotKnow) {
  RedisProcess server({"--rename-command", "AUTH", ""});
  RedisEndpoint endpoint = server.endpoint();
  endpoint.password = "right-password";
  const auto error = error_of(endpoint);
  EXPECT_EQ(error.code, Code::kPermissionDenied);
  EXPECT_THAT(error.to_string(), Not(HasSubstr("right-password")));
}

TEST_F(RedisFailureTest, NoRoom) {
  RedisProcess server;
  const auto history = open(server.endpoint());
  ASSERT_TRUE(observes(*history));
  server.ask({"CONFIG", "SET", "maxmemory", "1"});
  const auto error = error_of(*history, event_of(5));
  EXPECT_EQ(error.code, Code::kResourceExhausted);
  EXPECT_THAT(error.to_string(), HasSubstr("maxmemory"));
  server.ask({"CONFIG", "SET", "maxmemory", "0"});
  Row row;
  EXPECT_EQ(*history->observe(event_of(5), kStart, row), Outcome::kCounted) << "nothing was counted by halves";
  EXPECT_EQ(row[kCount], 2);
}

TEST_F(RedisFailureTest, AReplicaTakesNothing) {
  RedisProcess server;
  const auto history = open(server.endpoint());
  ASSERT_TRUE(observes(*history));
  server.ask({"REPLICAOF", "127.0.0.1", "1"});
  const std::int64_t connections = server.info("total_connections_received");
  for (int i = 0; i < 2; ++i) {
    const auto error = error_of(*history, event_of(5));
    EXPECT_EQ(error.code, Code::kFailedPrecondition);
    EXPECT_THAT(error.to_string(), HasSubstr("give the address of the primary"));
  }
  EXPECT_EQ(server.info("total_connections_received"), connections + 1) << "who is the primary is asked anew";
  server.ask({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(observes(*history, 5));
}

// Each key of a history in turn, with bytes that nobody's history wrote.
TEST_F(RedisFailureTest, StrangersBytes) {
  RedisProcess server;
  const auto history = open(server.endpoint());
  const std::array<std::string, 2> keys = {"{vigie}:c:0000000000000001", "{vigie}:t:0000000000000001"};
  const domain::Event event = event_of(0);
  Row row;
  Random random(1);
  for (const std::string& key : keys) {
    ASSERT_TRUE(observes(*history, 77));
    const std::string good = server.ask({"GET", key});
    const auto refuses = [&](const std::string& bytes) {
      server.ask({"SET", key, bytes});
      const auto outcome = history->observe(event, kStart, row);
      const auto reading = history->read(event, row);
      ASSERT_FALSE(outcome) << testing::PrintToString(bytes);
      ASSERT_FALSE(reading) << testing::PrintToString(bytes);
      EXPECT_EQ(outcome.error().code, Code::kInvalidData);
      EXPECT_THAT(outcome.error().to_string(), HasSubstr(key));
      EXPECT_THAT(outcome.error().to_string(), HasSubstr("remove the key"));
      EXPECT_EQ(server.ask({"GET", key}), bytes) << "what was refused stays as it is";
    };
    refuses("");
    refuses("hello");
    for (std::size_t size = 0; size < good.size(); ++size) refuses(good.substr(0, size));
    refuses(good + '\0');
    refuses(good + good);
    refuses(std::string(8, '\0') + good.substr(8));
    refuses(good.substr(0, 8) + std::string(8, '\xff') + good.substr(16));
    refuses(std::string(1'000'000, 'x'));
    // Whole records of the right length with any bytes in them: refused or taken, and never worse.
    for (int i = 0; i < 300; ++i) {
      std::string bytes = good;
      for (std::uint64_t flips = random.below(6); flips > 0; --flips) {
        bytes[8 + random.below(bytes.size() - 8)] = static_cast<char>(random.next());
      }
      server.ask({"SET", key, bytes});
      const auto outcome = history->observe(event_of(1'000 + i), kStart, row);
      const auto label = history->label({.id = 1, .terminal = 1, .time = kStart, .fraud = true});
      EXPECT_TRUE(outcome || outcome.error().code == Code::kInvalidData);
      EXPECT_TRUE(label || label.error().code == Code::kInvalidData);
    }
    server.ask({"DEL", key});
    server.ask({"RPUSH", key, "a list"});
    const auto list = error_of(*history, event);
    EXPECT_EQ(list.code, Code::kInvalidData);
    EXPECT_THAT(list.to_string(), HasSubstr("WRONGTYPE"));
    server.ask({"DEL", keys[0], keys[1]});
  }
  for (const char* const clock : {"", "-1", "1e9", "0x7f", "nan", "99999999999", "4294967296", "1 "}) {
    server.ask({"SET", "{vigie}:clock", clock});
    EXPECT_THAT(error_of(*history, event).to_string(), HasSubstr("{vigie}:clock is no clock of a history")) << clock;
  }
  EXPECT_TRUE(history->forget(1)) << "whoever is to be forgotten is";
  server.ask({"DEL", "{vigie}:clock"});
  EXPECT_TRUE(observes(*history));
  for (const std::string& setup : {std::string(), std::string("x"), std::string(40, 'x')}) {
    server.ask({"SET", "{vigie}:history", setup});
    EXPECT_EQ(error_of(*history, event).code, Code::kFailedPrecondition);
    EXPECT_EQ(error_of(server.endpoint()).code, Code::kInvalidData);
  }
}

// Listens on a Unix socket, says `answer` to whoever comes, and then hangs up or stays; or says it a byte at a time.
class StrangeServer {
 public:
  enum class Manner : std::uint8_t { kHangsUp, kStays, kDrips };
  StrangeServer(std::string answer, Manner manner) : answer_(std::move(answer)), manner_(manner) {
    path_ = folder_.path() / "socket";
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<::sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    thread_ = std::jthread([this] { serve(); });
  }
  StrangeServer(const StrangeServer&) = delete;
  StrangeServer& operator=(const StrangeServer&) = delete;
  ~StrangeServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  RedisEndpoint endpoint() const { return {.path = path_, .answer = milliseconds(100)}; }

 private:
  void serve() {
    std::vector<int> kept;
    for (int peer = 0; (peer = ::accept(listener_, nullptr, nullptr)) >= 0;) {
      if (manner_ == Manner::kDrips) {
        for (const char& byte : answer_) {
          if (::send(peer, &byte, 1, MSG_NOSIGNAL) != 1) break;
          std::this_thread::sleep_for(milliseconds(30));
        }
      } else {
        ::send(peer, answer_.data(), answer_.size(), MSG_NOSIGNAL);
      }
      if (manner_ == Manner::kStays) {
        kept.push_back(peer);
      } else {
        ::close(peer);
      }
    }
    for (const int peer : kept) ::close(peer);
  }
  ScratchFolder folder_;
  std::string path_;
  std::string answer_;
  Manner manner_;
  int listener_ = -1;
  std::jthread thread_;
};

TEST(RedisConnection, WhatIsNoRedisIsToldSo) {
  for (const char* const answer : {"HTTP/1.1 400 Bad Request\r\n\r\n", "*999999999\r\n", "$-7\r\n", "\0\0\0\0",
                                   ":1\r\n:2\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"}) {
    const StrangeServer server(answer, StrangeServer::Manner::kStays);
    const auto error = error_of(server.endpoint());
    EXPECT_THAT(error.code, AnyOf(Code::kInvalidData, Code::kUnavailable)) << answer;
    EXPECT_THAT(error.to_string(), HasSubstr("socket: ")) << answer;
  }
}

TEST(RedisConnection, WhoHangsUpIsUnavailable) {
  const StrangeServer server("", StrangeServer::Manner::kHangsUp);
  EXPECT_EQ(error_of(server.endpoint()).code, Code::kUnavailable);
  const StrangeServer within_an_answer("$5\r\nhel", StrangeServer::Manner::kHangsUp);
  EXPECT_EQ(error_of(within_an_answer.endpoint()).code, Code::kUnavailable);
}

TEST(RedisConnection, WhoSaysNothingIsNotWaitedFor) {
  const StrangeServer server("", StrangeServer::Manner::kStays);
  const auto begun = steady_clock::now();
  EXPECT_THAT(error_of(server.endpoint()).to_string(), HasSubstr("no answer within 100 ms"));
  EXPECT_LT(steady_clock::now() - begun, milliseconds(1'000));
}

TEST(RedisConnection, WhoDripsIsNotWaitedForEither) {
  const StrangeServer server("+" + std::string(100, 'x'), StrangeServer::Manner::kDrips);
  const auto begun = steady_clock::now();
  EXPECT_THAT(error_of(server.endpoint()).to_string(), HasSubstr("no answer within 100 ms"));
  EXPECT_LT(steady_clock::now() - begun, milliseconds(1'000));
}

}  // namespace
}  // namespace vigie::history
