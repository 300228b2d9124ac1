#include "identity/refreshed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <vector>

#include "http/test_routes.h"
#include "identity/fetch.h"
#include "identity/scripted_server.h"

namespace vigie::identity {
namespace {

using namespace std::chrono_literals;
using http::soon;
using std::chrono::steady_clock;
using testing::HasSubstr;

struct FixedClock : Clock {
  WallTime now() const override { return WallTime{1'795'262'400s}; }
};
const FixedClock kClock;

// Long enough for a busy machine; what is tested ends far sooner.
auto in_a_while() { return steady_clock::now() + 30s; }

// Of a number that an issuer tells at `url`.
using Number = Refreshed<int>;

Number::Fetch number_at(Fetcher& fetcher, const std::string& url) {
  return [&fetcher, url](const std::stop_token& stop) -> Result<Number::Fetched> {
    const Document document = VIGIE_TRY(fetcher.get(url, stop));
    if (document.status != 200) return fail(Code::kUnavailable, "answers " + std::to_string(document.status));
    if (document.body.find_first_not_of("0123456789") != std::string::npos) {
      return fail(Code::kInvalidData, "not a number");
    }
    return Number::Fetched{.value = std::stoi(document.body), .max_age = document.max_age};
  };
}

constexpr RefreshOptions kQuick{.least = 1ms, .unknown_age = 1ms, .first_retry = 1ms, .last_retry = 5ms};

TEST(Refreshed, TheFirstValueComesByItself) {
  ScriptedServer issuer(always(scripted_answer("200 OK", "7")));
  Fetcher fetcher(patient());
  Number number("issuer", number_at(fetcher, issuer.url()), {}, kClock, 1);
  ASSERT_TRUE(number.wait_fresh(Number::kFirstFetch, in_a_while()));
  ASSERT_NE(number.get(), nullptr);
  EXPECT_EQ(*number.get(), 7);
  EXPECT_EQ(number.version(), 1U);
  const RefreshState state = number.state();
  EXPECT_EQ(state.name, "issuer");
  EXPECT_EQ(state.last_success, kClock.now());
  EXPECT_EQ(state.last_failure, std::nullopt);
  EXPECT_EQ(state.fetches, 1U);
  EXPECT_EQ(state.failures, 0U);
}

TEST(Refreshed, AnIssuerThatIsDownAtTheStartIsFoundWhenItComesUp) {
  ScriptedServer issuer(always(scripted_answer("200 OK", "7")), ScriptedServer::Begin::kLater);
  Fetcher fetcher(patient());
  Number number("issuer", number_at(fetcher, issuer.url()), kQuick, kClock, 1);
  ASSERT_TRUE(number.wait_fresh(3, in_a_while()));
  EXPECT_EQ(number.get(), nullptr);
  EXPECT_EQ(number.state().last_failure, kClock.now());
  EXPECT_THAT(number.state().failure, HasSubstr("nothing accepts connections there"));
  EXPECT_GE(number.state().failures_in_a_row, 3U);
  issuer.start();
  ASSERT_TRUE(soon([&] { return number.get() != nullptr; }));
  EXPECT_EQ(*number.get(), 7);
  EXPECT_TRUE(soon([&] { return number.state().failures_in_a_row == 0; }));
  EXPECT_GE(number.state().failures, 3U) << "stay counted";
}

TEST(Refreshed, TheLastGoodValueStaysWhateverTheIssuerSaysLater) {
  std::mutex mutex;
  std::string answer = scripted_answer("200 OK", "7");
  ScriptedServer issuer([&](ScriptedServer::Peer& peer) {
    peer.request();
    const std::scoped_lock lock(mutex);
    peer.send(answer);
  });
  Fetcher fetcher(patient());
  Number number("issuer", number_at(fetcher, issuer.url()), kQuick, kClock, 1);
  ASSERT_TRUE(soon([&] { return number.get() != nullptr; }));
  struct Case {
    std::string answer;
    const char* failure;
  };
  for (const Case& it :
       {Case{scripted_answer("200 OK", "<html>maintenance</html>"), "not a number"},
        Case{scripted_answer("503 Service Unavailable", "8"), "answers 503"},
        Case{scripted_answer("200 OK", std::string((1 << 20) + 1, '8')), "more than 1048576 bytes"},
        Case{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n8", "ended before"}, Case{"", "ended without an answer"}}) {
    {
      const std::scoped_lock lock(mutex);
      answer = it.answer;
    }
    EXPECT_TRUE(soon([&] { return number.state().failure.find(it.failure) != std::string::npos; }))
        << it.failure << ", not " << number.state().failure;
    ASSERT_NE(number.get(), nullptr);
    EXPECT_EQ(*number.get(), 7);
  }
  {
    const std::scoped_lock lock(mutex);
    answer = scripted_answer("200 OK", "9");
  }
  EXPECT_TRUE(soon([&] { return *number.get() == 9; })) << "and it recovers";
}

TEST(Refreshed, ThatAgesIsFetchedAgainAndMaxAgePutsItOff) {
  std::atomic<int> asked{0};
  ScriptedServer issuer([&](ScriptedServer::Peer& peer) {
    peer.request();
    const int now = ++asked;
    peer.send(scripted_answer("200 OK", std::to_string(now),
                              now < 3 ? "Cache-Control: no-store\r\n" : "Cache-Control: max-age=3600\r\n"));
  });
  Fetcher fetcher(patient());
  Number number("issuer", number_at(fetcher, issuer.url()), kQuick, kClock, 1);
  ASSERT_TRUE(number.wait_fresh(3, in_a_while()));
  EXPECT_EQ(*number.get(), 3);
  EXPECT_FALSE(number.wait_fresh(4, steady_clock::now() + 50ms));
  EXPECT_EQ(asked, 3);
}

TEST(Refreshed, AStormOfUnknownKeysIsOneFetch) {
  std::atomic<int> asked{0};
  ScriptedServer issuer([&](ScriptedServer::Peer& peer) {
    peer.request();
    peer.send(scripted_answer("200 OK", std::to_string(++asked)));
  });
  Fetcher fetcher(patient());
  Number number("issuer", number_at(fetcher, issuer.url()), {.between_asks = 1h}, kClock, 1);
  ASSERT_TRUE(number.wait_fresh(Number::kFirstFetch, in_a_while()));
  std::atomic<int> late{0};
  {
    std::vector<std::jthread> requests;
    for (int i = 0; i < 16; ++i) {
      requests.emplace_back([&] {
        for (int turn = 0; turn < 100; ++turn) {
          const auto fetch = number.ask_soon();
          if (fetch && !number.wait_fresh(*fetch, in_a_while())) ++late;
          if (*number.get() != 2) ++late;  // whoever came after the first one's question sees its answer
        }
      });
    }
  }
  EXPECT_EQ(asked, 2) << "the first, and one for 1,600 questions";
  EXPECT_EQ(late, 0);
  EXPECT_EQ(number.ask_soon(), std::nullopt);
}

TEST(Refreshed, AQuestionDuringAFetchIsAnsweredByTheNext) {
  std::promise<void> begun;
  std::promise<void> go_on;
  std::atomic<int> asked{0};
  ScriptedServer issuer([&](ScriptedServer::Peer& peer) {
    peer.request();
    const int now = ++asked;
    if (now == 1) {
      begun.set_value();
      go_on.get_future().wait();
    }
    peer.send(scripted_answer("200 OK", std::to_string(now)));
  });
  Fetcher fetcher(patient());
  Number number("issuer", number_at(fetcher, issuer.url()), {}, kClock, 1);
  begun.get_future().wait();
  const auto fetch = number.ask_soon();
  const auto same = number.ask_soon();
  go_on.set_value();
  EXPECT_EQ(fetch, std::optional<std::uint64_t>{2});
  EXPECT_EQ(same, fetch) << "they share it";
  ASSERT_TRUE(number.wait_fresh(*fetch, in_a_while()));
  EXPECT_EQ(*number.get(), 2);
}

TEST(Refreshed, AWaitEndsAtItsDeadlineAndAStopEndsAll) {
  std::promise<void> begun;
  ScriptedServer issuer([&](ScriptedServer::Peer& peer) {
    peer.request();
    begun.set_value();
    peer.hang();
  });
  Fetcher fetcher({.connect_timeout = 10min, .timeout = 10min});
  Number number("issuer", number_at(fetcher, issuer.url()), {}, kClock, 1);
  begun.get_future().wait();
  EXPECT_FALSE(number.wait_fresh(Number::kFirstFetch, steady_clock::now() + 20ms));
  auto waiter = std::async(std::launch::async,
                           [&] { return number.wait_fresh(Number::kFirstFetch, steady_clock::now() + 10min); });
  auto stopping = std::async(std::launch::async, [&] { number.stop(); });
  ASSERT_EQ(stopping.wait_for(30s), std::future_status::ready);
  ASSERT_EQ(waiter.wait_for(30s), std::future_status::ready);
  EXPECT_FALSE(waiter.get());
  EXPECT_EQ(number.ask_soon(), std::nullopt);
  EXPECT_EQ(number.state().failures, 0U) << "to be stopped is not the issuer's failure";
}

TEST(Refreshed, ItsEndDoesNotWaitForAnIssuerThatHangs) {
  std::promise<void> begun;
  ScriptedServer issuer([&](ScriptedServer::Peer& peer) {
    peer.request();
    begun.set_value();
    peer.hang();
  });
  Fetcher fetcher({.connect_timeout = 10min, .timeout = 10min});
  auto number = std::make_unique<Number>("issuer", number_at(fetcher, issuer.url()), RefreshOptions{}, kClock, 1);
  begun.get_future().wait();
  auto ending = std::async(std::launch::async, [&] { number.reset(); });
  EXPECT_EQ(ending.wait_for(30s), std::future_status::ready);
}

TEST(Refreshed, AnExceptionIsAFailureLikeAnother) {
  Number number(
      "issuer", [](const std::stop_token&) -> Result<Number::Fetched> { throw std::runtime_error("hunter2"); }, {},
      kClock, 1);
  ASSERT_TRUE(number.wait_fresh(Number::kFirstFetch, in_a_while()));
  EXPECT_EQ(number.get(), nullptr);
  EXPECT_EQ(number.state().failure, "an exception in the reading of the answer");
}

}  // namespace
}  // namespace vigie::identity
