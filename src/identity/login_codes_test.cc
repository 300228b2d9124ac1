#include "identity/login_codes.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/file.h"

namespace vigie::identity {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr WallTime kNow(seconds(1'800'000'000));

class LoginCodesTest : public testing::Test {
 protected:
  LoginCodesTest() {
    std::string pattern = testing::TempDir() + "vigie-logins-XXXXXX";
    state_ = ::mkdtemp(pattern.data());
  }
  ~LoginCodesTest() override { std::filesystem::remove_all(state_); }

  std::string add(const Login& login, WallTime now = kNow) const {
    const auto code = LoginCodes::add(state_, login, now);
    EXPECT_TRUE(code) << code.error().to_string();
    return code ? *code : "";
  }
  std::string text() const { return *read_file(LoginCodes::file(state_)); }

  std::filesystem::path state_;
};

TEST_F(LoginCodesTest, ACodeLogsInOnce) {
  const std::string first = add({"ana", Role::kAdmin});
  const std::string second = add({"bob", Role::kViewer});
  EXPECT_EQ(first.size(), 43u);
  EXPECT_NE(first, second);
  const auto login = LoginCodes::take(state_, first, kNow);
  ASSERT_TRUE(login);
  EXPECT_EQ(login->subject, "ana");
  EXPECT_EQ(login->role, Role::kAdmin);
  EXPECT_EQ(LoginCodes::take(state_, first, kNow).error().code, Code::kNotFound);
  EXPECT_EQ(LoginCodes::take(state_, second, kNow)->subject, "bob");
}

TEST_F(LoginCodesTest, ItRunsOut) {
  const std::string code = add({"ana", Role::kAdmin});
  EXPECT_EQ(LoginCodes::take(state_, code, kNow + kLoginCodeLife).error().code, Code::kNotFound);
  EXPECT_TRUE(LoginCodes::take(state_, code, kNow + kLoginCodeLife - seconds(1)));
}

TEST_F(LoginCodesTest, OthersAreNotLetIn) {
  add({"ana", Role::kAdmin});
  for (const std::string guess : {"", "a", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "ana"}) {
    const auto login = LoginCodes::take(state_, guess, kNow);
    ASSERT_FALSE(login) << guess;
    EXPECT_THAT(login.error().to_string(), HasSubstr("vigie token link"));
  }
}

TEST_F(LoginCodesTest, TheFileIsItsOwnersAndHoldsNoCode) {
  const std::string code = add({"ana", Role::kAdmin});
  EXPECT_THAT(text(), HasSubstr("ana"));
  EXPECT_THAT(text(), Not(HasSubstr(code)));
  struct stat found{};
  ASSERT_EQ(::stat(LoginCodes::file(state_).c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(LoginCodesTest, SeveralAtOnceGetOneLogin) {
  const std::string code = add({"ana", Role::kAdmin});
  std::atomic<int> logins = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { logins += LoginCodes::take(state_, code, kNow) ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(logins, 1);
}

TEST_F(LoginCodesTest, AThousandMayWait) {
  add({"ana", Role::kAdmin});
  std::string entries;
  for (int i = 0; i < 1000; ++i) {
    entries += (i > 0 ? "," : "") + std::string(R"({"digest":"x","subject":"a","role":"admin","until":1800000900})");
  }
  ASSERT_TRUE(write_file(LoginCodes::file(state_), "{\"logins\":[" + entries + "]}"));
  EXPECT_EQ(LoginCodes::add(state_, {"bob", Role::kViewer}, kNow).error().code, Code::kResourceExhausted);
  EXPECT_TRUE(LoginCodes::add(state_, {"bob", Role::kViewer}, kNow + seconds(900))) << "all have run out";
}

TEST_F(LoginCodesTest, AFileThatIsNoneIsAnErrorThatNamesIt) {
  add({"ana", Role::kAdmin});
  for (const std::string bad :
       {"", "[]", "{}", R"({"logins":{}})", R"({"logins":[1]})",
        R"({"logins":[{"digest":"a","subject":"b","role":"king","until":1}]})", R"({"logins":[],"logins":[]})"}) {
    ASSERT_TRUE(write_file(LoginCodes::file(state_), bad));
    const auto login = LoginCodes::take(state_, "x", kNow);
    ASSERT_FALSE(login) << bad;
    EXPECT_EQ(login.error().code, Code::kInvalidData) << bad;
    EXPECT_THAT(login.error().to_string(), HasSubstr("logins.json")) << bad;
  }
}

}  // namespace
}  // namespace vigie::identity
