#include "infrastructure/mcp/names.h"

#include <gtest/gtest.h>

namespace pawl::mcp {
namespace {

bool is_public(const std::string& name) {
  return !name.empty() && name.size() <= 64 &&
         name.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
             std::string::npos;
}

TEST(NamesTest, MapsEveryNameThereAndBack) {
  NameMap names;
  std::set<std::string> seen;
  const struct {
    std::string server;
    std::string name;
    bool shortened;
  } cases[] = {
      {"files", "read_file", false},
      {"files", "__init__", false},
      {"files", "_x", false},
      {"a-b", "c", false},
      {"a", "b-c", false},
      {"files", "a.b", true},
      {"files", "a b", true},
      {"files", "a_b", false},
      {"files", "\xc3\xa9t\xc3\xa9", true},
      {"files", "", true},
      {"files", "line\nbreak", true},
      {"files", std::string(57, 'x'), false},
      {"files", std::string(58, 'x'), true},
      {"files", std::string(100'000, 'x'), true},
      {std::string(63, 's'), "t", true},
      {std::string(63, 's'), "u", true},
      {"files", "looks-h0123456789abcdef", true},  // would pass for a shortened name
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.server + " " + c.name.substr(0, 40));
    const Result<std::string> learned = names.learn(c.server, c.name);
    ASSERT_TRUE(learned);
    EXPECT_TRUE(is_public(*learned)) << *learned;
    EXPECT_EQ(is_shortened(*learned), c.shortened);
    EXPECT_TRUE(seen.insert(*learned).second) << "two names, one public name";
    const Result<Target> target = names.resolve(*learned);
    ASSERT_TRUE(target);
    EXPECT_EQ(*target, (Target{c.server, c.name}));
    EXPECT_EQ(*names.learn(c.server, c.name), *learned);
  }
}

TEST(NamesTest, ASecondToolCannotTakeAShortenedName) {
  NameMap names;
  const std::string real = *names.learn("files", "a.b");
  const std::string literal = real.substr(std::string("files__").size());
  const std::string forged = *names.learn("files", literal);
  EXPECT_NE(forged, real);
  EXPECT_EQ(names.resolve(real)->name, "a.b");
  EXPECT_EQ(names.resolve(forged)->name, literal);
}

TEST(NamesTest, RefusesWhatItDoesNotKnow) {
  NameMap names;
  for (const std::string& name : {std::string("read"), std::string(""), std::string("__x"),
                                  std::string("files__"), std::string("files_read"),
                                  public_name("files", "a.b"), "files__" + std::string(100, 'x')}) {
    SCOPED_TRACE(name);
    const Result<Target> target = names.resolve(name);
    ASSERT_FALSE(target);
    EXPECT_EQ(target.error().code, Code::kNotFound);
  }
  NameMap full(1);
  EXPECT_TRUE(full.learn("files", "a.b"));
  EXPECT_TRUE(full.learn("files", "a.b"));
  EXPECT_TRUE(full.learn("files", "plain")) << "plain names take no room";
  EXPECT_EQ(full.learn("files", "a.c").error().code, Code::kTooLarge);
  EXPECT_EQ(full.learn_uri("files", "f:1").error().code, Code::kTooLarge);
  EXPECT_EQ(full.learn_template("files", "f:{x}").error().code, Code::kTooLarge);
  full.forget("files");
  EXPECT_TRUE(full.learn_uri("mail", "m:1"));
}

TEST(NamesTest, RoutesResourcesByWhoListsThem) {
  NameMap names;
  ASSERT_TRUE(names.learn_uri("files", "file:///a"));
  ASSERT_TRUE(names.learn_uri("mail", "mail:1"));
  ASSERT_TRUE(names.learn_uri("mail", "file:///shared"));
  ASSERT_TRUE(names.learn_uri("files", "file:///shared"));
  ASSERT_TRUE(names.learn_template("files", "file:///{path}"));
  ASSERT_TRUE(names.learn_template("greedy", "{+anything}"));
  ASSERT_TRUE(names.learn_template("db", "db://x/{row}"));
  ASSERT_TRUE(names.learn_template("db2", "db://x/y/{row}"));
  const struct {
    const char* uri;
    const char* server;  // nullptr: refused
    Code code;
  } cases[] = {
      {"file:///a", "files", Code::kNotFound}, {"mail:1", "mail", Code::kNotFound},
      {"file:///b", "files", Code::kNotFound}, {"file:///shared", nullptr, Code::kConflict},
      {"db://x/1", "db", Code::kNotFound},     {"db://x/y/1", nullptr, Code::kConflict},
      {"mail:2", nullptr, Code::kNotFound},    {"", nullptr, Code::kNotFound},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.uri);
    const Result<std::string> server = names.server_of_uri(c.uri);
    ASSERT_EQ(server.has_value(), c.server != nullptr);
    if (server) {
      EXPECT_EQ(*server, c.server);
    } else {
      EXPECT_EQ(server.error().code, c.code);
      EXPECT_NE(server.error().message.find("/mcp/{server}"), std::string::npos);
    }
  }
  names.forget("mail");
  EXPECT_EQ(*names.server_of_uri("file:///shared"), "files");
}

}  // namespace
}  // namespace pawl::mcp
