#include "app/daemon/wrap_protocol.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

const std::string kPair(43, 'A');

std::string hello(const std::string& role, const std::string& more = "") {
  return R"({"pawl_wrap":1,"pair":")" + kPair + R"(","name":"files","role":")" + role + '"' + more +
         "}";
}

TEST(WrapProtocol, AHelloReadsBack) {
  WrapHello said{WrapRole::kServer, kPair, "files", "editor"};
  said.command = command_facts({"npx", "server@1", "./work"});
  Result<WrapHello> read = parse_hello(print_hello(said));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->role, WrapRole::kServer);
  EXPECT_EQ(read->agent, "editor");
  ASSERT_TRUE(read->command);
  EXPECT_EQ(read->command->program, "npx");
  EXPECT_EQ(read->command->arguments, 2u);
  EXPECT_EQ(read->command->hash, said.command->hash);
  EXPECT_FALSE(read->end);

  const WrapHello ended{
      WrapRole::kEnded, kPair, "files", "", {}, ProcessEnd{"exited", "asked", 3, ""}};
  read = parse_hello(print_hello(ended));
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_TRUE(read->end);
  EXPECT_EQ(read->end->end, "exited");
  EXPECT_EQ(read->end->why, "asked");
  EXPECT_EQ(read->end->number, 3);
}

// Older shims, and whatever is no command.
TEST(WrapProtocol, AHelloWithoutACommandIsGoodAndNamesNone) {
  for (const std::string& more :
       {std::string(), std::string(R"(,"command":"npx")"),
        std::string(R"(,"command":{"program":"npx","arguments":-1,"argv_hash":""})"),
        R"(,"command":{"program":"","arguments":0,"argv_hash":")" + kPair + R"("})"}) {
    const Result<WrapHello> read = parse_hello(hello("server", more));
    ASSERT_TRUE(read) << more;
    EXPECT_FALSE(read->command) << more;
  }
  EXPECT_FALSE(parse_hello(hello("other")));
}

// It becomes a record: one that `pawl verify` calls bad must not be made by whoever runs a shim.
TEST(WrapProtocol, AnEndThatSaysNothingIsNone) {
  for (const char* end :
       {R"({})", R"("exited")", R"({"end":"unknown","why":"itself","number":0})",
        R"({"end":"exited","number":0})", R"({"end":"exited","why":"itself"})",
        R"({"end":"exited","why":"itself","number":-1})",
        R"({"end":"exited","why":"itself","number":256})",
        R"({"end":"exited","why":"gateway_ended","number":0})",
        R"({"end":"signaled","why":"itself","number":0})", R"({"end":"not_run","number":0})"}) {
    const Result<WrapHello> read = parse_hello(hello("ended", std::string(R"(,"end":)") + end));
    ASSERT_TRUE(read) << end;
    EXPECT_FALSE(read->end) << end;
  }
}

}  // namespace
}  // namespace pawl
