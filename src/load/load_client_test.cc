// The client against servers that behave and servers that do not, over real sockets. Times are kept short and nothing
// is asserted of how fast anything is; what must hold is what was counted and that the run ends.
#include "load/load_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <string>

#include "load/scripted_server.h"

namespace vigie::load {
namespace {

using testing::HasSubstr;

constexpr Nanoseconds kMillisecond = 1'000'000;
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

LoadPlan short_plan() {
  LoadPlan plan;
  plan.stages = {{.rate = 0, .length = 300 * kMillisecond}};
  plan.warmup = 0;
  plan.timeout = 5 * kSecond;
  plan.connections = 4;
  return plan;
}

Result<Figures> run(const ScriptedServer& server, const LoadPlan& plan) {
  const Target target = find_target(server.url(), "", 1000).value();
  const auto requests = make_requests(target, plan, {}, {}, 1);
  const std::atomic<bool> stop = false;
  return run_load(plan, target, requests, stop);
}

std::uint64_t failures(const Figures& figures, Failure failure) {
  return figures.failures[static_cast<std::size_t>(failure)];
}

void answer_all(ScriptedPeer& peer, std::atomic<std::uint64_t>& count, const std::string& answer = kOk) {
  while (!peer.request().empty()) {
    ++count;
    if (!peer.send(answer)) return;
  }
}

TEST(LoadClient, EveryRequestIsAnsweredAndCountedOnce) {
  for (const std::uint32_t pipeline : {1u, 8u}) {
    std::atomic<std::uint64_t> count = 0;
    ScriptedServer server([&](ScriptedPeer& peer) { answer_all(peer, count); });
    LoadPlan plan = short_plan();
    plan.pipeline = pipeline;
    plan.threads = 2;
    const auto figures = run(server, plan);
    ASSERT_TRUE(figures) << figures.error().to_string();
    EXPECT_GT(figures->sent, 0u);
    EXPECT_EQ(figures->sent, count.load());
    EXPECT_EQ(figures->answered, count.load());
    EXPECT_EQ(figures->good(), count.load());
    EXPECT_EQ(figures->failed(), 0u);
    EXPECT_EQ(figures->latency.count(), count.load());
    EXPECT_EQ(figures->bytes_received, count.load() * kOk.size());
    EXPECT_EQ(figures->connections, 4u);
    EXPECT_GE(static_cast<double>(figures->largest) * 1.02, figures->latency.quantile(1));
  }
}

TEST(LoadClient, ASpinningGeneratorAsksTheSameAndDoesNotCountWaitingAsWork) {
  std::atomic<std::uint64_t> count = 0;
  ScriptedServer server([&](ScriptedPeer& peer) { answer_all(peer, count); });
  LoadPlan plan = short_plan();
  plan.spin = true;
  plan.stages = {{.rate = 100, .length = 300 * kMillisecond}};
  plan.warmup = 0;
  const auto figures = run(server, plan);
  ASSERT_TRUE(figures) << figures.error().to_string();
  EXPECT_EQ(figures->sent + failures(*figures, Failure::kNotSent), 30u);
  EXPECT_EQ(figures->answered, count.load());
  EXPECT_FALSE(figures->generator_busy()) << figures->generator_seconds;
}

TEST(LoadClient, AnOpenLoopSendsWhatIsDueAndNoMore) {
  std::atomic<std::uint64_t> count = 0;
  ScriptedServer server([&](ScriptedPeer& peer) { answer_all(peer, count); });
  LoadPlan plan = short_plan();
  plan.stages = {{.rate = 200, .length = 200 * kMillisecond}, {.rate = 500, .length = 200 * kMillisecond}};
  plan.warmup = 100 * kMillisecond;
  const auto figures = run(server, plan);
  ASSERT_TRUE(figures) << figures.error().to_string();
  EXPECT_EQ(figures->sent + failures(*figures, Failure::kNotSent), 20u + 40u + 100u);
  EXPECT_EQ(figures->answered, count.load());
  EXPECT_EQ(figures->good() + failures(*figures, Failure::kNotSent), 140u) << "the warm-up is not measured";
  EXPECT_EQ(figures->stages[0].latency.count() + figures->stages[1].latency.count(), figures->good());
}

// One stall of the server: all that was due meanwhile waited, and a client that asks only when it has an answer would
// have seen one slow answer.
TEST(LoadClient, AStallIsSeenByEveryRequestThatWasDueMeanwhile) {
  std::atomic<bool> stalled = false;
  ScriptedServer server([&](ScriptedPeer& peer) {
    int asked = 0;
    while (!peer.request().empty()) {
      if (++asked == 20 && !stalled.exchange(true)) std::this_thread::sleep_for(std::chrono::milliseconds(200));
      if (!peer.send(kOk)) return;
    }
  });
  LoadPlan plan = short_plan();
  plan.connections = 1;
  plan.stages = {{.rate = 500, .length = 600 * kMillisecond}};
  const auto figures = run(server, plan);
  ASSERT_TRUE(figures) << figures.error().to_string();
  ASSERT_EQ(figures->good() + failures(*figures, Failure::kNotSent), 300u);
  EXPECT_GE(figures->largest, 190 * kMillisecond);
  // 100 requests were due in those 200 ms; half of them waited for more than 100 ms.
  EXPECT_GE(figures->latency.quantile(0.90), 80e6);
}

TEST(LoadClient, RefusalsAreNoGoodAnswers) {
  std::atomic<std::uint64_t> count = 0;
  ScriptedServer server(
      [&](ScriptedPeer& peer) { answer_all(peer, count, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"); });
  const auto figures = run(server, short_plan());
  ASSERT_TRUE(figures) << figures.error().to_string();
  EXPECT_EQ(figures->refused(), count.load());
  EXPECT_EQ(figures->good(), 0u);
  EXPECT_EQ(figures->latency.count(), 0u) << "a quick refusal does not make latencies look better";
  EXPECT_EQ(figures->per_second(), 0);
  EXPECT_EQ(figures->routes[0].statuses[503], count.load());
}

TEST(LoadClient, AServerThatClosesBehindEachAnswerIsConnectedToAgain) {
  std::atomic<std::uint64_t> count = 0;
  ScriptedServer server([&](ScriptedPeer& peer) {
    if (peer.request().empty()) return;
    ++count;
    peer.send("HTTP/1.0 200 OK\r\n\r\nuntil the end");
  });
  const auto figures = run(server, short_plan());
  ASSERT_TRUE(figures) << figures.error().to_string();
  EXPECT_EQ(figures->good(), count.load());
  EXPECT_GT(figures->good(), 4u);
  EXPECT_EQ(figures->failed(), 0u);
  EXPECT_GT(figures->reconnections, 0u);
  EXPECT_EQ(figures->reconnections, figures->connections - 4);
}

TEST(LoadClient, AMixAsksForItsRoutesInTheirShares) {
  std::mutex mutex;
  std::size_t health = 0, predict = 0;
  std::set<std::string> transactions;
  std::size_t fraude = 0;
  ScriptedServer server([&](ScriptedPeer& peer) {
    for (std::string request; !(request = peer.request()).empty();) {
      {
        const std::scoped_lock lock(mutex);
        if (request.starts_with("GET /health HTTP/1.1\r\n")) ++health;
        if (request.starts_with("POST /predict HTTP/1.1\r\n")) ++predict;
        if (request.starts_with("POST /fraude HTTP/1.1\r\n")) {
          ++fraude;
          transactions.insert(request.substr(request.find("transaction_id"), 40));
        }
      }
      if (!peer.send(kOk)) return;
    }
  });
  LoadPlan plan = short_plan();
  plan.mix = parse_mix("health=3,predict=1,fraude=1").value();
  plan.threads = 2;
  const auto figures = run(server, plan);
  ASSERT_TRUE(figures) << figures.error().to_string();
  EXPECT_EQ(figures->routes[static_cast<std::size_t>(Route::kHealth)].answers(), health);
  EXPECT_EQ(figures->routes[static_cast<std::size_t>(Route::kPredict)].answers(), predict);
  EXPECT_GT(health, predict);
  EXPECT_GT(predict, 0u);
  EXPECT_EQ(transactions.size(), fraude) << "each transaction has an identifier of its own, however often it is sent";
}

struct Hostile {
  std::string name;
  ScriptedServer::Script script;
  Failure failure;
};

TEST(LoadClient, HostileServersAreCountedAndSurvived) {
  const auto says = [](std::string bytes) {
    return [bytes](ScriptedPeer& peer) {
      if (!peer.request().empty()) peer.send(bytes);
      peer.request();
    };
  };
  const std::string line(4096, 'x');
  const std::vector<Hostile> servers{
      {"garbage", says("\x01\x02 not HTTP at all\r\n\r\n\r\n\r\n"), Failure::kBadAnswer},
      {"two lengths", says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx"), Failure::kBadAnswer},
      {"a bad chunk", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), Failure::kBadAnswer},
      {"an endless head",
       [&](ScriptedPeer& peer) {
         peer.request();
         peer.send("HTTP/1.1 200 OK\r\n");
         for (int i = 0; i < 64 && peer.send("A: " + line + "\r\n"); ++i) continue;
         peer.request();
       },
       Failure::kBadAnswer},
      {"an answer that nobody asked for", says(kOk + kOk), Failure::kBadAnswer},
      {"silence",
       [](ScriptedPeer& peer) {
         while (!peer.request().empty()) continue;
       },
       Failure::kTimeout},
      {"an answer that never ends", says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome"), Failure::kTimeout},
      {"half an answer, then the end",
       [](ScriptedPeer& peer) {
         peer.request();
         peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
       },
       Failure::kClosed},
      {"the end at once", [](ScriptedPeer& peer) { peer.request(); }, Failure::kClosed},
      {"a reset",
       [](ScriptedPeer& peer) {
         peer.request();
         peer.reset();
       },
       Failure::kReset},
  };
  for (const Hostile& hostile : servers) {
    std::atomic<int> connections = 0;
    // One connection behaves, so that the run has an answer; the first is find_target's look.
    ScriptedServer server([&](ScriptedPeer& peer) {
      std::atomic<std::uint64_t> count = 0;
      const std::string first = peer.request();
      if (first.empty()) return;
      if (connections++ == 0) {
        if (peer.send(kOk)) answer_all(peer, count);
        return;
      }
      peer.give_back(first);
      hostile.script(peer);
    });
    LoadPlan plan = short_plan();
    plan.timeout = 100 * kMillisecond;
    const auto begin = std::chrono::steady_clock::now();
    const auto figures = run(server, plan);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    ASSERT_TRUE(figures) << hostile.name << ": " << figures.error().to_string();
    EXPECT_GT(failures(*figures, hostile.failure), 0u) << hostile.name;
    EXPECT_GT(figures->good(), 0u) << hostile.name;
    EXPECT_LT(took.count(), 30) << hostile.name;
    if (hostile.failure == Failure::kBadAnswer) {
      EXPECT_FALSE(figures->bad_answer.empty()) << hostile.name;
    }
  }
}

TEST(LoadClient, NoAnswerAtAllIsAFailureThatSaysWhy) {
  ScriptedServer server([](ScriptedPeer& peer) {
    if (!peer.request().empty()) peer.send("SSH-2.0-OpenSSH\r\n\r\n\r\n");
  });
  const auto figures = run(server, short_plan());
  ASSERT_FALSE(figures);
  EXPECT_EQ(figures.error().code, Code::kUnavailable);
  EXPECT_THAT(figures.error().to_string(), HasSubstr("the status line has not the form of HTTP/1.1"));
}

TEST(LoadClient, AServerThatHangsUpIsNotHammered) {
  std::atomic<int> connections = 0;
  ScriptedServer server([&](ScriptedPeer&) { ++connections; });
  LoadPlan plan = short_plan();
  plan.connections = 2;
  EXPECT_FALSE(run(server, plan));
  EXPECT_LT(connections.load(), 40);
}

TEST(LoadClient, StopsWhenTold) {
  std::atomic<std::uint64_t> count = 0;
  ScriptedServer server([&](ScriptedPeer& peer) { answer_all(peer, count); });
  LoadPlan plan = short_plan();
  plan.stages = {{.rate = 0, .length = 500 * kSecond}};
  const Target target = find_target(server.url(), "", 1000).value();
  const auto requests = make_requests(target, plan, {}, {}, 1);
  std::atomic<bool> stop = false;
  std::jthread later([&] {
    while (count < 100) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    stop = true;
  });
  const auto figures = run_load(plan, target, requests, stop);
  ASSERT_TRUE(figures);
  EXPECT_GE(figures->good(), 100u);
  EXPECT_LT(figures->measured, 400 * kSecond) << "throughput is by the time that was measured";
}

}  // namespace
}  // namespace vigie::load
