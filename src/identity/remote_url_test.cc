#include "identity/remote_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigie::identity {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RemoteUrl, HttpsIsTakenFromAnyHostAndHttpFromLoopback) {
  struct Case {
    const char* text;
    const char* origin;
    bool secure;
    bool loopback;
  };
  for (const Case& it : {Case{"https://id.example/realms/bank", "https://id.example", true, false},
                         Case{"https://id.example:8443", "https://id.example:8443", true, false},
                         Case{"HTTPS://id.example/", "https://id.example", true, false},
                         Case{"https://127.0.0.1:9/", "https://127.0.0.1:9", true, true},
                         Case{"http://127.0.0.1:8080/keys", "http://127.0.0.1:8080", false, true},
                         Case{"http://127.9.9.9/", "http://127.9.9.9", false, true},
                         Case{"http://localhost:8080/", "http://localhost:8080", false, true},
                         Case{"http://[::1]:8080/", "http://[::1]:8080", false, true}}) {
    const auto url = parse_remote_url(it.text);
    ASSERT_TRUE(url) << it.text << ": " << url.error().to_string();
    EXPECT_EQ(url->origin, it.origin);
    EXPECT_EQ(url->secure, it.secure) << it.text;
    EXPECT_EQ(url->loopback, it.loopback) << it.text;
  }
}

TEST(RemoteUrl, WhatOnlyLooksLikeLoopbackIsNot) {
  for (const char* text : {"http://127.0.0.1.example/", "http://localhost.example/", "http://localhostx/",
                           "http://[::2]/", "http://0.0.0.0/", "http://128.0.0.1/", "http://id.example/#127.0.0.1",
                           "http://id.example/?http://127.0.0.1/", "http://id.example\\@127.0.0.1/"}) {
    EXPECT_FALSE(parse_remote_url(text)) << text;
  }
  EXPECT_TRUE(parse_remote_url("http://id.example/", true)) << "where development says so";
}

TEST(RemoteUrl, AnythingElseIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("id.example"), std::string("//id.example/"), std::string("ftp://id.example/"),
        std::string("file:///etc/passwd"), std::string("https://id.example:99999/"),
        std::string("https://id.example/\r\nHost: other"), std::string("https://id.example/\0/", 21),
        std::string("https://i d.example/"), std::string("gopher://127.0.0.1/"),
        "https://id.example/" + std::string(2048, 'x')}) {
    const auto url = parse_remote_url(text, true);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, Code::kInvalidArgument);
    EXPECT_FALSE(url.error().remedy.empty()) << text;
  }
}

TEST(RemoteUrl, CredentialsInAUrlAreRefusedAndNotToldBack) {
  for (const char* text :
       {"https://vigie:hunter2@id.example/", "https://hunter2@id.example/", "http://:hunter2@127.0.0.1/"}) {
    const auto url = parse_remote_url(text, true);
    ASSERT_FALSE(url) << text;
    EXPECT_THAT(url.error().to_string(), HasSubstr("credentials"));
    EXPECT_THAT(url.error().to_string(), Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace vigie::identity
